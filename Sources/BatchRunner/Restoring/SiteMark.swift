import AuditLog
import CLinux
import DurableFiles
import Locks
import OrderedJSON
import SkyPay

/// `state/mark/`: what a copy of the site cannot take over. A mark is a small file that names its own
/// inode and the moment the kernel made it; whatever puts a site back from files (`cp`, `tar`,
/// `rsync`, a backup program) makes other files, and no program can choose these two.
///
/// Marks are renewed under new names while the site works, so that a backup's mark is never written
/// over one that is there: it would keep that one's inode. Changed owners and modes, a renamed folder
/// and another mount leave a mark alone (docs/decisions/0027-restored-state.md).
final class SiteMark: Sendable {
    /// What a start finds.
    enum Finding: Sendable, Equatable {
        /// Every mark is the file it names. After a snapshot of the disk was put back they are so too.
        case own(lastSeen: Int64?)
        /// There is none.
        case missing
        /// A mark that was made elsewhere or later.
        case foreign(lastSeen: Int64?)
        /// It saw events that the log lacks, wherever it was made: the log was put back.
        case further(lastSeen: Int64?)

        /// When the site the marks came from was last known to work (unix seconds).
        var lastSeen: Int64? {
            switch self {
            case .own(let time), .foreign(let time), .further(let time): time
            case .missing: nil
            }
        }
    }

    private let folder: String
    private let clock: any RunnerClock
    private let renewedAt = Locked<Int64?>(nil)

    /// Time after which a mark is renewed before more is sent, in seconds.
    static let renewAfterSeconds: Int64 = 60
    /// Bytes of a mark, at most.
    private static let maxBytes = 1_024
    /// Marks looked at; a crash leaves two.
    private static let maxMarks = 100

    init(folder: String, clock: any RunnerClock) {
        self.folder = folder
        self.clock = clock
    }

    /// Looks at every mark. One that cannot be read counts as foreign: asking costs time, and not
    /// asking money.
    func look() throws -> Finding {
        let names = try names()
        if names.isEmpty { return .missing }
        var isOwn = true
        var lastSeen: Int64?
        for name in names {
            let told = Self.read(path(name))
            lastSeen = [lastSeen, told?.at].compactMap(\.self).max()
            if told == nil || told?.birth != Birth(path: path(name)) { isOwn = false }
        }
        return isOwn ? .own(lastSeen: lastSeen) : .foreign(lastSeen: lastSeen)
    }

    /// The same, held against the log: what the runner did behind its end may have been sent. By the hash of
    /// an event, not by a time or a number: starts that are refused make the log grow, too.
    func look(against audit: String) throws -> Finding {
        let finding = try look()
        let places = try names().compactMap { Self.read(path($0))?.place }
        if places.isEmpty { return finding }
        let reader = try AuditReader(directory: audit)
        let isWhole = try places.allSatisfy { try $0.isReached(in: reader) }
        return isWhole ? finding : .further(lastSeen: finding.lastSeen)
    }

    /// Makes a new mark, then removes the others.
    /// open(O_EXCL) → statx → write → fdatasync → renameat2(NOREPLACE) → fsync(folder) →
    /// unlink(others) → fsync(folder). A crash in between leaves two marks of our own, or a hidden
    /// file that nobody reads.
    /// - Parameter place: how far the site has followed its log; nil where it has none yet.
    func renew(following place: LedgerPlace?) throws {
        try DurableFiles.makeFolder(folder)
        let now = clock.now()
        let before = try names()
        let hidden = path(Self.unfinished)
        try DurableFiles.remove(hidden)
        let file = try AppendFile(path: hidden, createMode: DurableFiles.fileMode)
        guard let birth = Birth(path: hidden) else {
            throw SiteFault.last(.notPrepared, "statx", hidden)
        }
        try file.append(Told(birth: birth, at: now.seconds, place: place).bytes)
        try file.sync()
        // Never a name that was used before, or a backup's mark could lie under it.
        var number = Int64(now.microseconds)
        while before.contains("\(now.seconds)-\(number)") { number += 1 }
        try DurableFiles.move(hidden, to: path("\(now.seconds)-\(number)"))
        for name in before { try DurableFiles.remove(path(name)) }
        renewedAt.withLock { $0 = now.seconds }
    }

    /// Renews it when the last one is old: what is sent from here on is not in any backup that has
    /// the new mark.
    func renewWhenOld(following ledger: Ledger) throws {
        let now = clock.unixSeconds()
        let last = renewedAt.withLock { $0 }
        if let last, (0..<Self.renewAfterSeconds).contains(now - last) { return }
        try renew(following: ledger.place())
    }

    private func names() throws -> [String] {
        guard DurableFiles.isFolder(folder) else { return [] }
        return try OpenFolder(site: folder).names(limit: Self.maxMarks).compactMap(\.text)
            .filter { !$0.hasPrefix(".") }.sorted()
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private static let unfinished = ".new"

    private static func read(_ path: String) -> Told? {
        guard let bytes = try? DurableFiles.read(path, limit: maxBytes),
            let object = try? JSONValue(parsing: bytes).objectValue
        else { return nil }
        return Told(object)
    }
}

/// Which file, as only the kernel says it.
private struct Birth: Equatable {
    var inode: String
    /// Seconds and nanoseconds since 1970; empty where the file system keeps no birth times.
    var time: String

    /// Of a path, links not followed; nil when the call fails (errno says why).
    init?(path: String) {
        var (number, seconds, nanoseconds) = (UInt64(0), Int64(0), UInt32(0))
        let found = clinux_birth(path, &number, &seconds, &nanoseconds)
        guard found >= 0 else { return nil }
        inode = String(number)
        time = found == 1 ? "\(seconds).\(nanoseconds)" : ""
    }

    init(inode: String, time: String) {
        self.inode = inode
        self.time = time
    }
}

/// What a mark says: `{"inode","born","at","next","last"}`, texts but for `at` (unix seconds). `next` and
/// `last`, a hash, are how far the log was followed.
private struct Told {
    var birth: Birth
    var at: Int64
    var place: LedgerPlace?

    init(birth: Birth, at: Int64, place: LedgerPlace?) {
        self.birth = birth
        self.at = at
        self.place = place
    }

    init?(_ object: JSONObject) {
        guard let inode = object["inode"]?.stringValue, let born = object["born"]?.stringValue,
            let at = object["at"]?.integerValue
        else { return nil }
        birth = Birth(inode: inode, time: born)
        self.at = Int64(at)
        place = object["next"]?.stringValue.flatMap(UInt64.init).map {
            LedgerPlace(next: $0, lastSHA256: object["last"]?.stringValue)
        }
    }

    var bytes: [UInt8] {
        var object: JSONObject = [
            "inode": .string(birth.inode), "born": .string(birth.time),
            "at": .number(String(at)),
        ]
        object["next"] = place.map { .string(String($0.next)) }
        object["last"] = place?.lastSHA256.map { .string($0) }
        return JSONValue.object(object).bytes() + [0x0A]
    }
}
