import AuditLog
import GRDB
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

private let policy = PayoutPolicy(
    queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
    refuseOnInsufficientBalance: false)

@Suite("Questions to the ledger")
struct LedgerQuestionTests {
    private let stage: LedgerStage
    private static let file = "20261121-000001"

    init() throws { stage = try LedgerStage() }

    private func script(rows: Int) throws -> EventScript {
        var script = EventScript()
        script.claim(Self.file, name: "in.csv")
        try script.accept(Self.file, batch: TypedBatch(rows: rows), on: stage)
        return script
    }

    /// The unix time of the script's first event.
    private static let start = EventTime.unixSeconds("2026-11-21T00:00:00.000000+08:00") ?? 0

    @Test("Rows to send come in order, page by page, and only those that may be sent")
    func rowsToSend() throws {
        var script = try script(rows: 6)
        script.payout(Self.file, 4, .intended(attempt: 1))
        script.payout(Self.file, 4, .accepted)
        script.payout(Self.file, 5, .intended(attempt: 1))
        script.payout(Self.file, 6, .intended(attempt: 1))
        script.payout(Self.file, 6, .unknown(numberInUse: false))
        script.payout(Self.file, 6, .queried(found: false))
        script.payout(Self.file, 6, .queried(found: false))
        try stage.apply(script.events)
        let first = try stage.ledger.rowsToSend(after: nil, limit: 2)
        #expect(first.map(\.line) == [3, 6])
        let rest = try stage.ledger.rowsToSend(after: first.last?.key, limit: 10)
        #expect(rest.map(\.line) == [7, 8])
    }

    @Test("Rows that are to be sent again never crowd out rows that are to be asked about")
    func notCrowdedOut() throws {
        var script = try script(rows: 2)
        for line in [3, 4] { script.payout(Self.file, line, .intended(attempt: 1)) }
        script.payout(Self.file, 3, .unknown(numberInUse: false))
        script.payout(Self.file, 3, .queried(found: false))
        script.payout(Self.file, 3, .queried(found: false))
        script.payout(Self.file, 4, .accepted)
        script.payout(Self.file, 4, .queried(found: true))
        try stage.apply(script.events)
        let now = Self.start + 80_000
        let asked = try stage.ledger.rowsToAsk(.inTurn, now: now, policy: policy, limit: 1)
            .filter { $0.record.nextStep(now: now, policy: policy) == .query }
        #expect(asked.map(\.line) == [4])
    }

    @Test("What the ledger finds due is what the decision says is due, at any time")
    func dueAgrees() throws {
        var script = try script(rows: 8)
        for line in 3...10 { script.payout(Self.file, line, .intended(attempt: 1)) }
        script.payout(Self.file, 8, .held(possiblySent: true))
        script.payout(Self.file, 9, .accepted)
        script.payout(Self.file, 9, .paid)
        script.payout(Self.file, 9, .disputed)
        script.payout(Self.file, 10, .held(possiblySent: false))
        script.payout(Self.file, 3, .accepted)
        script.payout(Self.file, 4, .unknown(numberInUse: false))
        script.payout(Self.file, 5, .accepted)
        script.payout(Self.file, 5, .queried(found: true))
        script.payout(Self.file, 6, .unknown(numberInUse: false))
        script.payout(Self.file, 6, .queried(found: false))
        script.payout(Self.file, 6, .reported)
        script.payout(Self.file, 7, .accepted)
        script.payout(Self.file, 7, .unanswered)
        script.payout(Self.file, 7, .reported)
        try stage.apply(script.events)
        let rows = try stage.ledger.rows(of: Self.file, after: 0, limit: 10)
        for offset in stride(from: Int64(0), through: 9_000, by: 7) {
            let now = Self.start + offset
            let due = rows.filter { $0.record.nextStep(now: now, policy: policy) == .query }
            let found = try AskingGroup.allCases.flatMap { group in
                try stage.ledger.rowsToAsk(group, now: now, policy: policy, limit: 50)
            }
            #expect(found.count == due.count, "each in one group, after \(offset) s")
            #expect(Set(found.map(\.key)) == Set(due.map(\.key)), "after \(offset) s")
        }
        // What is settled is looked at in every round, and keeps nobody awake.
        let open = rows.filter { [.unknown, .accepted].contains($0.record.state) }
        let waits = open.compactMap { row -> Int64? in
            guard case .wait(let until) = row.record.nextStep(now: Self.start, policy: policy)
            else { return nil }
            return until
        }
        #expect(
            try stage.ledger.nextQueryTime(policy: policy, unknownOnly: false) == waits.min())
    }

    @Test("Unknown rows whose day is over are found, however many wait to be sent again")
    func rowsToHold() throws {
        var script = try script(rows: 2)
        for line in [3, 4] {
            script.payout(Self.file, line, .intended(attempt: 1))
            script.payout(Self.file, line, .unknown(numberInUse: false))
        }
        script.payout(Self.file, 3, .queried(found: false))
        script.payout(Self.file, 3, .queried(found: false))
        try stage.apply(script.events)
        let now = Self.start + 90_000
        let held = try stage.ledger.rowsToHold(now: now, policy: policy, limit: 1)
        #expect(held.map(\.line) == [4])
        #expect(held.map { $0.record.isOverdue(now: now) } == [true])
    }

    @Test("A result is due when no row is open, a final one when every row is final")
    func responsesDue() throws {
        var script = try script(rows: 2)
        func due() throws -> [Int] {
            [
                try stage.ledger.filesWithResultDue().count,
                try stage.ledger.filesWithFinalDue().count,
            ]
        }
        func prepared(_ kind: ResponseKind, _ name: String) -> EventDraft {
            PreparedResponse(fileID: Self.file, kind: kind, name: name, sha256: "", bytes: 0)
                .draft(LedgerStage.author)
        }
        for line in [3, 4] { script.payout(Self.file, line, .intended(attempt: 1)) }
        script.payout(Self.file, 3, .accepted)
        script.payout(Self.file, 4, .refused)
        try stage.apply(script.events)
        #expect(try due() == [0, 0], "the acknowledgement comes first")
        script.add(prepared(.acknowledgement, "in.csv.ack.json"))
        try stage.apply(script.events)
        #expect(try due() == [1, 0])
        script.add(prepared(.resultTable, "in.csv.result.csv"))
        try stage.apply(script.events)
        #expect(try due() == [1, 0], "the table alone does not mark it done")
        script.add(prepared(.result, "in.csv.result.json"))
        try stage.apply(script.events)
        #expect(try due() == [0, 0])
        script.payout(Self.file, 3, .paid)
        try stage.apply(script.events)
        #expect(try due() == [0, 1])
        script.add(prepared(.final, "in.csv.final.json"))
        try stage.apply(script.events)
        #expect(try due() == [0, 0])
    }

    @Test("A promise made again before it was kept is renewed; a kept one never changes")
    func promises() throws {
        var script = try script(rows: 1)
        func promise(_ sha256: String) -> EventDraft {
            PreparedResponse(
                fileID: Self.file, kind: .resultTable, name: "in.csv.result.csv", sha256: sha256,
                bytes: 1
            ).draft(LedgerStage.author)
        }
        script.add(promise("one"))
        script.add(promise("two"))
        try stage.apply(script.events)
        #expect(try stage.ledger.responsesToPublish().map(\.sha256) == ["two"])
        script.add(.responsePublished, file: Self.file, data: ["name": "in.csv.result.csv"])
        script.add(promise("three"))
        try stage.apply(script.events)
        #expect(try stage.ledger.responsesToPublish().isEmpty)
    }

    @Test("What is asked again and again is found without a look at every file that came")
    func queryPlan() throws {
        func plan(_ sql: String) throws -> [String] {
            try stage.ledger.database.read {
                try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] }
            }
        }
        let corrections = try plan("\(StoredFile.select) WHERE " + Ledger.correctionDue)
        #expect(corrections.contains { $0.contains("findingsUntold") }, "\(corrections)")
        #expect(!corrections.contains { $0.hasPrefix("SCAN files") }, "\(corrections)")
        // In the order of the table, so that the first is the answer.
        let receipt = try plan(Ledger.firstReceiptSQL)
        #expect(receipt.count == 1 && !receipt.contains { $0.contains("TEMP") }, "\(receipt)")
    }

    @Test("The first receipt is that of the first file, and nil while none came")
    func firstReceipt() throws {
        #expect(try stage.ledger.firstReceipt() == nil)
        var script = EventScript()
        script.claim(Self.file, name: "in.csv")
        script.claim("20261121-000002", name: "later.csv", sha256: "bb")
        try stage.apply(script.events)
        #expect(try stage.ledger.firstReceipt() == Self.start)
    }
}
