import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

/// A site with private copies and a ledger that is fed by hand.
final class LedgerStage: Sendable {
    let temporary: TemporarySite
    let ledger: Ledger
    let planner = Planner(rules: PlanRules(mode: "test"))
    static let author = EventAuthor(actor: "batchrunner", origin: "host.example")

    init() throws {
        temporary = try TemporarySite()
        ledger = try Ledger(path: temporary.site.ledger)
    }

    var store: FileStore { FileStore(site: temporary.site) }

    /// Plans rows again from the private copy, as the runner does.
    var rows: Ledger.RowSource { AcceptedRows(planner: planner, store: store).source }

    func apply(_ events: [Event]) throws { try ledger.apply(events, rows: rows) }

    /// Everything the ledger tells, as text.
    static func dump(_ ledger: Ledger) throws -> String {
        var lines = ["next \(try ledger.nextSequence())", "run \(try ledger.lastRun() ?? "-")"]
        for file in try ledger.files(where: "1 ORDER BY fileId") {
            lines.append("\(file)")
            lines += try ledger.rows(of: file.fileID, after: 0, limit: 1_000).map { "\($0)" }
        }
        lines += try ledger.responsesToPublish().map { "\($0)" }
        lines += try ["SKY9900000005|2|2026-11-21 10:00:00", "none"].map {
            "\($0) \(try ledger.isKnownCallback($0))"
        }
        return lines.joined(separator: "\n")
    }

    var dump: String { get throws { try Self.dump(ledger) } }
}

/// Numbers drafts as the audit log does, ten seconds apart.
struct EventScript {
    private(set) var events: [Event] = []
    private let author = LedgerStage.author

    mutating func add(_ draft: EventDraft) {
        let second = events.count * 10
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let time = "2026-11-21T\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
        events.append(
            Event(
                sequence: UInt64(events.count), time: time + ".000000+08:00", draft: draft))
    }

    mutating func add(
        _ type: EventType, file: String, data: JSONObject = [:]
    ) {
        add(author.draft(type, subject: ["file": .string(file)], data: data))
    }

    mutating func claim(
        _ file: String, name: String, sha256: String = "aa", identity: JSONObject = ["inode": 7]
    ) {
        let claim = FileClaim(
            fileID: file, sender: "", name: name, outputName: name, sha256: sha256, bytes: 1,
            sideSHA256: nil, identity: identity)
        add(claim.draft(author))
    }

    mutating func payout(
        _ file: String, _ line: Int, _ fact: PayoutFact, code: String? = nil,
        source: String = "answer"
    ) {
        add(
            PayoutNote(
                row: RowKey(fileID: file, row: line - 2), line: line, batch: "B-1",
                controlNumber: "SKY990000000\(line - 2)", fact: fact, code: code,
                description: "told", source: source
            ).draft(author))
    }

    /// Writes the private copy, plans it, and states the verdict.
    mutating func accept(
        _ file: String, batch: TypedBatch, on stage: LedgerStage
    ) throws {
        try accept(file, text: batch.text, name: "in.csv", batch: batch.id, on: stage)
    }

    /// The same for a batch of any form.
    mutating func accept(
        _ file: String, text: String, name: String, batch: String, on stage: LedgerStage
    ) throws {
        let path = stage.temporary.site.file(file)
        try DurableFiles.createOnce(path, Array(text.utf8))
        let plan = try stage.planner.plan(
            BatchText(path: path, name: name, sha256: "", sideFile: nil),
            usedBefore: { _ in false }
        ) { _ in }
        guard case .whole(let summary, let totals) = plan else {
            throw InvariantViolation("the test's batch is not whole: \(plan)")
        }
        let verdict: FileVerdict = totals.rejected.rows > 0 ? .partial : .accepted
        add(
            author.draft(
                .batchAccepted, subject: ["file": .string(file), "batch": .string(batch)],
                data: BatchVerdict(summary, totals, verdict, nil).data))
    }
}

/// A typed CSV batch; its first row stands on line 3.
struct TypedBatch {
    var id = "B-1"
    var mode = "test"
    var action = "payoutQueue"
    /// What stands in the last column of every row.
    var location = ""
    /// Control number, name, phone, amount in centavos, channel.
    var rows: [(number: String, name: String, phone: String, centavos: Int, channel: String)] = []

    /// As many good rows as asked for, of 1.00, 2.00 …
    init(rows count: Int = 0, id: String = "B-1", firstNumber: Int = 1) {
        self.id = id
        for row in 0..<count { add("SKY99" + Self.padded(row + firstNumber), (row + 1) * 100) }
    }

    mutating func add(
        _ number: String, _ centavos: Int, name: String = "Subok,Uno",
        phone: String = "09171234567",
        channel: String = "6"
    ) {
        rows.append((number, name, phone, centavos, channel))
    }

    private static func padded(_ value: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    private static func amount(_ centavos: Int) -> String {
        Amount(centavos: Int64(centavos)).text
    }

    var text: String {
        var lines = [
            "H,batch=\(id),action=\(action),mode=\(mode)",
            "C,controlNumber,name,phone,amount,accountNo,withdrawChannel,location",
        ]
        for row in rows {
            lines.append(
                "D,\(row.number),\"\(row.name)\",\(row.phone),\(Self.amount(row.centavos)),"
                    + "09171234567,\(row.channel),\"\(location)\"")
        }
        let total = rows.reduce(0) { $0 + $1.centavos }
        lines.append("T,count=\(rows.count),amount=\(Self.amount(total))")
        return lines.joined(separator: "\n") + "\n"
    }
}
