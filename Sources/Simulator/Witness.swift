import CSimulation
import Crypto
import DurableFiles
import Glibc
import OrderedJSON

/// Stands beside the runner and holds each step to the invariants it can affect, at the moment it is
/// taken: a request against what is durable in the log when it arrives, a name that goes from the inbox
/// against the claims, a name that comes into the outbox against what was promised, each line of the
/// log against what must not stand in it.
final class Witness {
    /// The account of all payees.
    static let account = "09115550037"
    /// What must stand nowhere: the payees' account, and the partner's secrets.
    static let secrets = [account, "E1234567-123C-1234-123F-A12345670", "TESTKEY000000001"]

    let root: String
    private(set) var story = LogStory()
    private(set) var violations: [String] = []
    /// Numbers the log calls final since somebody last looked.
    private(set) var newlyFinal: [(key: String, row: LogStory.Row)] = []
    private let tap: LogTap
    private let needles: [[UInt8]]
    private let forbidden: String?
    /// Told of each event, for people.
    var tell: ((String) -> Void)?

    /// - Parameter forbidden: a type of events that count as violations (`HistoryPlan`).
    init(root: String, forbidden: String?) {
        self.root = root
        self.forbidden = forbidden
        tap = LogTap(LogTap.segment(root))
        needles = Self.secrets.map { Array($0.utf8) }
    }

    func violate(_ invariant: String, _ text: String) { violations.append("\(invariant): \(text)") }

    /// Empties the list of what became final.
    func takeNewlyFinal() -> [(key: String, row: LogStory.Row)] {
        defer { newlyFinal = [] }
        return newlyFinal
    }

    // MARK: The log

    /// What was written to the log is durable now.
    func logSynced() {
        tap.read { line in
            for needle in needles where Self.contains(line, needle) {
                violate(
                    "I11", "event \(story.events) holds \(String(decoding: needle, as: UTF8.self))")
            }
            if let tell { tell(Self.shown(line)) }
            if let final = story.take(line) { newlyFinal.append(final) }
            if let forbidden, story.lastType == forbidden {
                violate("asked", "event \(story.events - 1) is \(forbidden)")
            }
        }
    }

    /// After a crash and at the end: what was durable once is still there, byte for byte.
    func checkLogKept() {
        if let problem = tap.problem { violate("log", problem) }
        let again = LogTap(tap.path)
        var digest: UInt = 0
        again.read { _ in if again.lines == tap.lines { digest = again.digest } }
        if tap.lines > 0, digest != tap.digest {
            violate("log", "of \(tap.lines) durable events not all are as they were")
        }
    }

    private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        csim_contains(bytes, bytes.count, needle, needle.count) != 0
    }

    private static func shown(_ line: [UInt8]) -> String {
        guard let event = try? JSONValue(parsing: line) else { return "?" }
        let data = event["data"]?.objectValue ?? [:]
        let kept = ["attempt", "code", "description", "source", "found", "name", "possiblySent"]
        let told = kept.compactMap { name in data[name].map { "\(name) \($0.text())" } }
        return "event \(event["seq"]?.text() ?? "?") \(event["type"]?.stringValue ?? "?") "
            + "\(event["subject"]?.text() ?? "") " + told.joined(separator: ", ")
    }

    // MARK: Requests

    /// A request that moves or changes something has reached the provider.
    func requestArrived(_ action: String, _ number: String, sha256: String) {
        if !story.useIntent(sha256) {
            violate("I2", "\(action) \(number) was requested without a durable intent")
        }
    }

    // MARK: Files

    /// A file in the inbox is about to go.
    func willRemove(_ path: String) {
        guard path.utf8.starts(with: (root + "/inbox/").utf8),
            let bytes = try? DurableFiles.read(path, limit: 1 << 26)
        else { return }
        if story.claimed[Self.sha256(bytes)] == nil {
            violate("I4", "\(path.dropFirst(root.count + 1)) is removed, and not claimed")
        }
    }

    /// A file is about to get its name in the outbox.
    func willName(_ temporary: String, _ path: String) {
        let outbox = root + "/outbox/"
        guard path.utf8.starts(with: outbox.utf8),
            let bytes = try? DurableFiles.read(temporary, limit: 1 << 26)
        else { return }
        let name = String(path.dropFirst(outbox.count))
        // Who waits is told as it is; nothing is promised.
        let isStatus = name.hasSuffix(".status.json")
        if !isStatus, story.prepared[name] != Self.sha256(bytes) {
            violate("I6", "\(name) appears with other bytes than were promised")
        }
        guard isStatus || name.hasSuffix(".ack.json") else { return }
        for needle in needles where Self.contains(bytes, needle) {
            violate("I11", "\(name) holds \(String(decoding: needle, as: UTF8.self))")
        }
    }

    static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in digest {
            for digit in [byte >> 4, byte & 15] {
                text.append(digit < 10 ? 48 + digit : 87 + digit)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
