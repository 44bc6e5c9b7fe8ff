import AuditLog
import Crypto
import DurableFiles
import OrderedJSON
import SkyPay

/// What the provider's own books say, by control number.
struct ProviderTruth {
    struct Payout {
        var status: String
        var amount: String?
        var applied: Int
        /// SHA-256 of every request for it.
        var bodies: [String]
    }

    private(set) var payouts: [String: Payout] = [:]

    init(_ json: JSONValue) {
        for entry in json["payouts"]?.arrayValue ?? [] {
            guard let number = entry["controlNumber"]?.stringValue else { continue }
            payouts[number] = Payout(
                status: entry["status"]?.stringValue ?? "", amount: entry["amount"]?.stringValue,
                applied: entry["applied"]?.integerValue ?? 0,
                bodies: entry["bodies"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        }
    }
}

/// Holds a site to the invariants of docs/ARCHITECTURE.md, from the audit log, the outbox and the
/// provider's books alone: nothing of the runner's own reading is used.
struct HistoryCheck {
    private let root: String
    private let files: [SentFile]
    private let provider: ProviderTruth
    private(set) var violations: [String] = []

    /// What the log says of one control number of one row.
    private struct RowStory {
        var number: String
        var last = ""
        var intents: [String] = []
        var amount: String?
        var possiblySent = false
    }

    private var rows: [String: RowStory] = [:]
    private var verdicts: [String: [String]] = [:]
    private var claims: [String: (sha256: String, name: String)] = [:]
    private var accepted: [String: Int] = [:]
    private var prepared: [String: String] = [:]
    private var published: [String: Int] = [:]

    init(root: String, files: [SentFile], provider: ProviderTruth) {
        self.root = root
        self.files = files
        self.provider = provider
    }

    mutating func run(isEnd: Bool) {
        guard DurableFiles.exists(root + "/audit/checkpoint") else {
            if isEnd { violate("I13", "there is no audit log") }
            return
        }
        readLog()
        checkMoney()
        checkVerdicts()
        if isEnd {
            checkLog()
            checkEnds()
            checkFiles()
            checkResponses()
        }
    }

    private mutating func violate(_ invariant: String, _ text: String) {
        violations.append("\(invariant): \(text)")
    }

    // MARK: Reading

    private mutating func readLog() {
        var events: [Event] = []
        do {
            try AuditReader(directory: root + "/audit").forEach { events.append($0) }
        } catch {
            violate("log", "cannot be read: \(error)")
        }
        for event in events { take(event) }
    }

    private mutating func take(_ event: Event) {
        let file = event.subject["file"]?.stringValue ?? ""
        switch event.type {
        case "file.claimed":
            claims[file] = (
                event.data["sha256"]?.stringValue ?? "", event.data["name"]?.stringValue ?? ""
            )
        case "batch.accepted", "file.rejected", "file.duplicate", "callback.received":
            verdicts[file, default: []].append(event.type)
            if event.type == "batch.accepted" {
                accepted[file] = event.data["counts"]?["accepted"]?.integerValue
            }
        case "response.prepared":
            let name = event.data["name"]?.stringValue ?? ""
            let sha256 = event.data["sha256"]?.stringValue
            // Promised again after a crash is fine; promised otherwise is not.
            if let first = prepared[name], first != sha256 {
                violate("I6", "\(name) was promised twice, and not the same bytes")
            }
            prepared[name] = sha256
        case "response.published":
            published[event.data["name"]?.stringValue ?? "", default: 0] += 1
        default:
            if event.type.utf8.starts(with: "payout.".utf8) { takePayout(event, file) }
        }
    }

    private mutating func takePayout(_ event: Event, _ file: String) {
        guard let row = event.subject["row"]?.integerValue,
            let number = event.subject["controlNumber"]?.stringValue
        else { return }
        var story = rows["\(file)/\(row)"] ?? RowStory(number: number)
        switch event.type {
        case "payout.queried", "payout.reported": break
        case "payout.intended":
            story.intents.append(event.data["bodySha256"]?.stringValue ?? "")
            story.last = event.type
        default: story.last = event.type
        }
        story.amount = event.data["amount"]?.stringValue ?? story.amount
        if event.type == "payout.held" {
            story.possiblySent = event.data["possiblySent"]?.booleanValue ?? false
        }
        rows["\(file)/\(row)"] = story
    }

    // MARK: Money

    private mutating func checkMoney() {
        var intents: [String: [String]] = [:]
        for story in rows.values { intents[story.number, default: []] += story.intents }
        for (number, payout) in provider.payouts.sorted(by: { $0.key < $1.key }) {
            if payout.applied > 1 { violate("I1", "\(number) moved money \(payout.applied) times") }
            var known = intents[number] ?? []
            for body in payout.bodies {
                guard let place = known.firstIndex(of: body) else {
                    violate("I2", "\(number) was requested without a durable intent")
                    break
                }
                known.remove(at: place)
            }
        }
        for (key, story) in rows.sorted(by: { $0.key < $1.key }) { checkMoney(key, story) }
    }

    private mutating func checkMoney(_ key: String, _ story: RowStory) {
        let truth = provider.payouts[story.number]
        let applied = truth?.applied ?? 0
        switch story.last {
        case "payout.paid":
            if truth?.status != "completed" {
                violate(
                    "I3", "\(key) \(story.number) is called paid; SkyPay: \(truth?.status ?? "-")")
            }
        case "payout.failed":
            if truth?.status != "failed" {
                violate(
                    "I3", "\(key) \(story.number) is called failed; SkyPay: \(truth?.status ?? "-")"
                )
            }
        case "payout.refused":
            // Another row may have had the number before it.
            if applied > 0, isOnlyRow(story.number) {
                violate("I3", "\(key) \(story.number) is called refused; SkyPay has it")
            }
        case "payout.unsent":
            if applied > 0 {
                violate("I3", "\(key) \(story.number) is called unsent; SkyPay has it")
            }
        case "payout.accepted":
            if applied == 0 {
                violate("I3", "\(key) \(story.number) is called accepted; SkyPay does not know it")
            }
        default: break
        }
        if applied > 0, let amount = truth?.amount, let ours = story.amount, amount != ours {
            violate("I1", "\(key) \(story.number): \(ours) was meant, \(amount) moved")
        }
    }

    private func isOnlyRow(_ number: String) -> Bool {
        rows.values.filter { $0.number == number }.count == 1
    }

    // MARK: Files

    private mutating func checkVerdicts() {
        for (file, list) in verdicts where list.count > 1 {
            violate("I4", "\(file) has \(list.count) verdicts: \(list.joined(separator: ", "))")
        }
    }

    private mutating func checkFiles() {
        let known = Dictionary(
            claims.map { ($0.value.sha256, [$0.key]) }, uniquingKeysWith: { $0 + $1 })
        var needed: [String: Int] = [:]
        for file in files where file.isComplete { needed[Self.sha256(file.bytes), default: 0] += 1 }
        for file in files where file.isComplete {
            let sha256 = Self.sha256(file.bytes)
            let ids = known[sha256] ?? []
            if ids.count != needed[sha256] {
                violate(
                    "I4", "\(file.name): dropped \(needed[sha256] ?? 0) times, claimed \(ids.count)"
                )
            }
            for id in ids {
                if verdicts[id]?.count != 1 { violate("I4", "\(id) (\(file.name)) has no verdict") }
                let copy = try? DurableFiles.read(root + "/state/files/" + id, limit: 1 << 26)
                if copy != file.bytes { violate("I4", "the copy of \(id) is not what was dropped") }
            }
        }
        for (id, count) in accepted.sorted(by: { $0.key < $1.key }) {
            let seen = rows.keys.filter { $0.utf8.starts(with: (id + "/").utf8) }.count
            if seen != count {
                violate("I5", "\(id): \(count) rows accepted, \(seen) have a story")
            }
        }
    }

    private mutating func checkEnds() {
        let ends = [
            "payout.paid", "payout.failed", "payout.refused", "payout.held", "payout.cancelled",
        ]
        for (key, story) in rows.sorted(by: { $0.key < $1.key }) where !ends.contains(story.last) {
            violate("I13", "\(key) \(story.number) ends as \(story.last)")
        }
        let told = Set(rows.values.map(\.number))
        for (number, payout) in provider.payouts where payout.applied > 0 && !told.contains(number)
        {
            violate("I2", "\(number) moved money and stands nowhere in the log")
        }
        for story in rows.values where story.last == "payout.held" {
            let applied = provider.payouts[story.number]?.applied ?? 0
            if applied > 0, !story.possiblySent {
                violate("I3", "\(story.number) is held as not sent; SkyPay has it")
            }
        }
    }

    private mutating func checkResponses() {
        for (name, sha256) in prepared.sorted(by: { $0.key < $1.key }) {
            guard let bytes = try? DurableFiles.read(root + "/outbox/" + name, limit: 1 << 26)
            else {
                violate("I6", "\(name) was promised and is not in the outbox")
                continue
            }
            if Self.sha256(bytes) != sha256 { violate("I6", "\(name) is not what was promised") }
        }
        for (name, count) in published where count > 1 {
            violate("I6", "\(name) was published \(count) times")
        }
    }

    private mutating func checkLog() {
        let report = Verifier(directory: root + "/audit").verify()
        if !report.isIntact { violate("log", "verify: \(report.findings.prefix(3))") }
    }

    private static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }.joined()
    }
}
