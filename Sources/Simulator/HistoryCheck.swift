import AuditLog
import DurableFiles
import Glibc
import OrderedJSON
import SkyPay

/// Holds a whole site to the invariants of docs/ARCHITECTURE.md, from what the audit log says, from the
/// outbox and from the provider's books alone. After each crash and at the end; `Witness` has seen to
/// the steps between.
struct HistoryCheck {
    let root: String
    let files: [SentFile]
    /// Registered numbers that may never be booked as paid.
    let neverPaid: Set<String>
    let story: LogStory
    let provider: ProviderTruth
    private(set) var violations: [String] = []

    init(root: String, senders: SimulatedSenders, story: LogStory, provider: ProviderTruth) {
        self.root = root
        files = senders.files
        neverPaid = senders.neverPaid
        self.story = story
        self.provider = provider
    }

    mutating func run(isEnd: Bool) {
        violations += story.violations
        checkMoney()
        checkRequests()
        checkCounter()
        checkVerdicts()
        checkOutbox()
        guard isEnd else { return }
        if story.events == 0 { violate("I13", "there is no audit log") }
        checkLog()
        checkEnds()
        checkFiles()
        checkSums()
        checkResponses()
    }

    mutating func violate(_ invariant: String, _ text: String) {
        violations.append("\(invariant): \(text)")
    }

    // MARK: Money

    private mutating func checkMoney() {
        for (number, payout) in provider.payouts.sorted(by: { $0.key < $1.key })
        where payout.applied > 1 {
            violate("I1", "\(number) moved money \(payout.applied) times")
        }
        var shared: [String: Int] = [:]
        for row in story.rows.values where row.action.isEmpty {
            shared[row.number, default: 0] += 1
        }
        for (key, row) in story.rows.sorted(by: { $0.key < $1.key }) where row.action.isEmpty {
            // Another row may have had the number before it.
            checkMoney(key, row, isOnly: shared[row.number] == 1)
        }
    }

    private mutating func checkMoney(_ key: String, _ row: LogStory.Row, isOnly: Bool) {
        let truth = provider.payouts[row.number]
        let applied = truth?.applied ?? 0
        switch row.last {
        // A person's word: SkyPay must not have contradicted it.
        case "payout.failed" where row.isResolved:
            if truth?.status == "completed" {
                violate("I3", "\(key) \(row.number) was resolved as failed; SkyPay has paid it")
            }
        case "payout.paid", "payout.failed", "payout.cancelled":
            if let contradiction = Self.contradiction(row, truth?.status ?? "") {
                violate("I3", "\(key) \(contradiction)")
            }
        case "payout.refused" where applied > 0 && isOnly:
            violate("I3", "\(key) \(row.number) is called refused; SkyPay has it")
        case "payout.unsent" where applied > 0:
            violate("I3", "\(key) \(row.number) is called unsent; SkyPay has it")
        case "payout.accepted" where applied == 0:
            violate("I3", "\(key) \(row.number) is called accepted; SkyPay does not know it")
        default: break
        }
        if applied > 0, let amount = truth?.amount, let ours = row.amount, amount != ours {
            violate("I1", "\(key) \(row.number): \(ours) was meant, \(amount) moved")
        }
    }

    /// What is wrong with a final word, by what SkyPay's books say of the number at that moment.
    static func contradiction(_ row: LogStory.Row, _ status: String) -> String? {
        let meant = [
            "payout.paid": "completed", "payout.failed": "failed", "payout.cancelled": "cancelled",
        ]
        guard let expected = meant[row.last], expected != status else { return nil }
        return "\(row.number) is called \(row.last.dropFirst(7)); SkyPay: "
            + (status.isEmpty ? "-" : status)
    }

    // MARK: Files

    private mutating func checkVerdicts() {
        for (file, list) in story.verdicts.sorted(by: { $0.key < $1.key }) where list.count > 1 {
            violate("I4", "\(file) has \(list.count) verdicts: \(list.joined(separator: ", "))")
        }
    }

    private mutating func checkFiles() {
        var needed: [String: Int] = [:]
        for file in files where file.isComplete { needed[file.sha256, default: 0] += 1 }
        // A lie can be the very words that SkyPay says later (seed 2519): its own are not senders' files.
        let senders = story.claims.filter { !$0.value.output.hasPrefix("callback-") }
        let ids = Dictionary(grouping: senders.keys) { senders[$0]?.sha256 ?? "" }
        for file in files where file.isComplete {
            let ids = (ids[file.sha256] ?? []).sorted()
            if ids.count != needed[file.sha256] {
                violate("I4", "\(file.name): \(ids.count) claims of \(needed[file.sha256] ?? 0)")
            }
            for id in ids {
                if story.verdicts[id]?.count != 1 {
                    violate("I4", "\(id) (\(file.name)) has no verdict")
                }
                let copy = try? DurableFiles.read(root + "/state/files/" + id, limit: 1 << 26)
                if copy != file.bytes { violate("I4", "the copy of \(id) is not what was dropped") }
            }
        }
        for (id, batch) in story.batches.sorted(by: { $0.key < $1.key })
        where needed[story.claims[id]?.sha256 ?? ""] == nil {
            violate(
                "I8", "\(id) was accepted with \(batch.total) rows, and nobody dropped it whole")
        }
    }

    private mutating func checkEnds() {
        for (key, row) in story.rows.sorted(by: { $0.key < $1.key }) where !row.isOver {
            violate("I13", "\(key) \(row.number) ends as \(row.last)")
        }
        let told = Set(story.rows.values.map(\.number))
        for (number, payout) in provider.payouts.sorted(by: { $0.key < $1.key })
        where payout.applied > 0 && !told.contains(number) {
            violate("I2", "\(number) moved money and stands nowhere in the log")
        }
        for (key, row) in story.rows.sorted(by: { $0.key < $1.key })
        where row.last == "payout.held" && !row.possiblySent {
            if provider.payouts[row.number]?.applied ?? 0 > 0 {
                violate("I3", "\(key) \(row.number) is held as not sent; SkyPay has it")
            }
        }
    }

    /// Rows and amounts in are those that are told of.
    private mutating func checkSums() {
        let byHash = Dictionary(
            files.map { ($0.sha256, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, batch) in story.batches.sorted(by: { $0.key < $1.key }) where batch.hasStories {
            let rows = story.rows.filter { $0.key.utf8.starts(with: (id + "/").utf8) }
            if rows.count != batch.accepted {
                violate("I5", "\(id): \(batch.accepted) rows accepted, \(rows.count) have a story")
            }
            let sum = rows.values.reduce(Amount.zero) { sum, row in
                sum + (row.amount.flatMap { Amount(wire: $0) } ?? .zero)
            }
            if let accepted = batch.acceptedAmount, sum.text != accepted {
                violate("I5", "\(id): \(accepted) accepted, \(sum.text) in its rows' stories")
            }
            guard let sent = byHash[story.claims[id]?.sha256 ?? ""] else { continue }
            if sent.rows.count != batch.total || sent.total.text != batch.totalAmount {
                violate("I5", "\(id): \(batch.total) rows, \(sent.rows.count) were dropped")
            }
        }
    }

    // MARK: The outbox

    /// What is there under its name is whole, and what was promised.
    private mutating func checkOutbox() {
        for sender in ["", "acme/", "beta/"] {
            let folder = root + "/outbox/" + sender
            for name in SimulatedSenders.names(folder).sorted() {
                guard !name.hasPrefix("."), !name.hasSuffix(".status.json"),
                    !DurableFiles.isFolder(folder + name)
                else { continue }
                let bytes = (try? DurableFiles.read(folder + name, limit: 1 << 26)) ?? []
                if story.prepared[sender + name] != Witness.sha256(bytes) {
                    violate("I6", "\(sender)\(name) is not what was promised")
                }
            }
        }
    }

    private mutating func checkLog() {
        let report = Verifier(directory: root + "/audit").verify()
        if !report.isIntact { violate("log", "verify: \(report.findings.prefix(3))") }
    }
}
