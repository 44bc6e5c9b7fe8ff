import AuditLog
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner
@testable import SkyPay

@Suite("What is learned after the result")
struct FindingTests {
    private let stage: LedgerStage
    private static let file = "20261121-000001"

    init() throws { stage = try LedgerStage() }

    /// Four rows whose result says held, refused, accepted and held; three of them final.
    private func script() throws -> EventScript {
        var script = EventScript()
        script.claim(Self.file, name: "in.csv")
        try script.accept(Self.file, batch: TypedBatch(rows: 4), on: stage)
        for line in 3...6 { script.payout(Self.file, line, .intended(attempt: 1)) }
        script.payout(Self.file, 3, .held(possiblySent: true))
        script.payout(Self.file, 4, .refused, code: "-1022")
        script.payout(Self.file, 5, .accepted, code: "1000")
        script.payout(Self.file, 5, .paid, source: "query")
        script.payout(Self.file, 6, .held(possiblySent: true), code: "-1008")
        script.add(
            PreparedResponse(
                fileID: Self.file, kind: .acknowledgement, name: "a", sha256: "b", bytes: 1
            ).draft(LedgerStage.author))
        script.add(
            PreparedResponse(
                fileID: Self.file, kind: .result, name: "r", sha256: "b", bytes: 1
            ).draft(LedgerStage.author))
        return script
    }

    private func findings(_ scope: CorrectionScope) throws -> [StoredFinding] {
        try stage.ledger.findings(of: Self.file, in: scope, after: 0, limit: 10)
    }

    private func promise(
        _ script: inout EventScript, _ scope: CorrectionScope, _ kind: ResponseKind = .correction
    ) {
        script.add(
            PreparedResponse(
                fileID: Self.file, kind: kind, name: "\(kind).\(scope.number)", sha256: "c",
                bytes: 1, correction: scope
            ).draft(LedgerStage.author))
    }

    @Test("Found after all, and contradicted: each is a finding, the outcomes told stay")
    func found() throws {
        var script = try script()
        script.payout(Self.file, 3, .queried(found: true), source: "query")
        script.payout(Self.file, 3, .accepted, source: "query")
        for fact in [PayoutFact.disputed, .queried(found: true), .paid, .paid] {
            script.payout(Self.file, 4, fact, source: "query")
        }
        script.payout(Self.file, 5, .paid, source: "query")
        script.payout(Self.file, 6, .queried(found: true), source: "query")
        try stage.apply(script.events)
        let ledger = stage.ledger
        #expect(try ledger.filesWithCorrectionDue().map(\.fileID) == [Self.file])
        let told = try findings(try ledger.nextCorrection(of: Self.file))
        #expect(told.map(\.line) == [3, 4])
        #expect(told.map(\.outcome) == ["accepted", "paid"])
        #expect(told.map(\.previous) == ["held", "refused"])
        #expect(told.map(\.number) == ["SKY9900000001", "SKY9900000002"])
        #expect(told.map(\.amount?.text) == ["1.00", "2.00"])
        #expect(try ledger.contradictions() == 1)
        let rows = try ledger.rows(of: Self.file, after: 0, limit: 10)
        #expect(rows.map(\.outcome) == ["held", "refused", "accepted", "held"])
        #expect(rows.map(\.state) == ["accepted", "refused", "paid", "held"])
    }

    @Test("Found, final, then contradicted twice: each names what was told last, the final too")
    func toldLast() throws {
        var script = try script()
        script.payout(Self.file, 3, .accepted, source: "query")
        script.payout(Self.file, 3, .paid, source: "query")
        for fact in [PayoutFact.disputed, .queried(found: true), .failed, .failed, .cancelled] {
            script.payout(Self.file, 3, fact, source: "query")
        }
        try stage.apply(script.events)
        let told = try findings(try stage.ledger.nextCorrection(of: Self.file))
        #expect(told.map(\.outcome) == ["accepted", "failed", "cancelled"])
        #expect(told.map(\.previous) == ["held", "paid", "failed"])
        #expect(try stage.ledger.contradictions() == 2)
        let row = try #require(try stage.ledger.rows(of: Self.file, after: 0, limit: 1).first)
        #expect(row.outcome == "held" && row.final == "paid")
    }

    @Test("A correction tells what its event names; what comes meanwhile goes into the next")
    func scope() throws {
        var script = try script()
        script.payout(Self.file, 3, .accepted, source: "query")
        try stage.apply(script.events)
        let first = try stage.ledger.nextCorrection(of: Self.file)
        let written = try findings(first)
        #expect(first.number == 1 && written.map(\.line) == [3])
        // Written; before its event comes another finding.
        script.payout(Self.file, 5, .failed, source: "query")
        promise(&script, first)
        try stage.apply(script.events)
        let table = CorrectionScope(number: 1, through: nil)
        #expect(try findings(table).map(\.sequence) == written.map(\.sequence))
        #expect(try stage.ledger.correctionsWithoutTable().map(\.number) == [1])
        let second = try stage.ledger.nextCorrection(of: Self.file)
        #expect(second.number == 2)
        #expect(try findings(second).map(\.outcome) == ["failed"])
        promise(&script, table, .correctionTable)
        promise(&script, second)
        promise(&script, CorrectionScope(number: 2, through: nil), .correctionTable)
        try stage.apply(script.events)
        #expect(try stage.ledger.filesWithCorrectionDue().isEmpty)
        #expect(try stage.ledger.correctionsWithoutTable().isEmpty)
        let waiting = try stage.ledger.responsesToPublish().filter { $0.correction != nil }
        #expect(Set(waiting.map(\.stagedName)).count == 4)
        // The same events in one group give the same.
        let again = try LedgerStage()
        try again.ledger.apply(script.events, rows: stage.rows)
        let numbers = try [1, 2].map {
            try again.ledger.findings(
                of: Self.file, in: CorrectionScope(number: $0, through: nil), after: 0, limit: 9
            ).map(\.line)
        }
        #expect(numbers == [[3], [5]])
    }

    private func everything() throws -> [StoredFinding] {
        try findings(try stage.ledger.nextCorrection(of: Self.file))
    }

    private func moneySent(_ number: String) throws -> String? {
        let root = stage.temporary.site.root
        let status = try #require(try StatusCommand(root: root, environment: [:]))
        return try status.row(number)?["moneySent"]?.stringValue
    }

    @Test("What contradicts a correction is a finding too, and says what was told last")
    func backAndForth() throws {
        var script = try script()
        script.payout(Self.file, 5, .failed, source: "query")
        script.payout(Self.file, 5, .failed, source: "query")
        try stage.apply(script.events)
        #expect(try moneySent("SKY9900000003") == "no (found later)")
        script.payout(Self.file, 5, .paid, source: "query")
        script.payout(Self.file, 5, .paid, source: "query")
        script.payout(Self.file, 4, .accepted, source: "query")
        try stage.apply(script.events)
        #expect(try moneySent("SKY9900000003") == "yes, paid")
        #expect(try moneySent("SKY9900000002") == "queued at SkyPay, not yet paid (found later)")
        script.payout(Self.file, 4, .paid, source: "query")
        try stage.apply(script.events)
        #expect(try moneySent("SKY9900000002") == "yes, paid (found later)")
        let told = try everything()
        #expect(told.map(\.line) == [5, 5, 4, 4])
        #expect(told.map(\.outcome) == ["failed", "paid", "accepted", "paid"])
        #expect(told.map(\.previous) == ["paid", "failed", "refused", "accepted"])
        #expect(try stage.ledger.contradictions() == 4)
        let rows = try stage.ledger.rows(of: Self.file, after: 0, limit: 10)
        #expect(rows.map(\.state) == ["held", "refused", "paid", "held"], "all stay as they were")
    }

    @Test("What was held and went on to its end is told as that, and not found again")
    func heldThenPaid() throws {
        var script = try script()
        for fact in [PayoutFact.accepted, .paid, .paid] {
            script.payout(Self.file, 3, fact, source: "query")
        }
        try stage.apply(script.events)
        #expect(try everything().map(\.outcome) == ["accepted"])
        #expect(try moneySent("SKY9900000001") == "yes, paid")
        script.payout(Self.file, 3, .failed, source: "query")
        try stage.apply(script.events)
        #expect(try everything().map(\.outcome) == ["accepted", "failed"])
        #expect(try everything().map(\.previous) == ["held", "paid"])
    }

    @Test("A correction that turns out wrong is reported, asked about and corrected, each time")
    func asked() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .accepted, .failed)
        let key = RowKey(fileID: SendingStage.file, row: 1)
        let number = "SKY9900000001"
        let reports: [(PayType, String)] = [(.paid, "1"), (.failed, "4"), (.paid, "1")]
        for (payType, status) in reports {
            stage.clock.advance(3_600)
            let row = try #require(try stage.ledger.row(key))
            let facts = CallbackMeaning.facts(
                for: row.record, told: try stage.ledger.told(row),
                PayoutResult(
                    controlNumber: number, payType: payType, dealTime: "2026-11-21 10:00:00",
                    failDescription: nil, referenceNumber: nil), confirm: true)
            #expect(facts == [.disputed])
            for fact in facts { try await stage.record(1, fact) }
            let client = stage.client { _ in ScriptedProvider.statuses([(number, status)]) }
            _ = try await stage.inquiry(client).ask(until: StopRequest())
        }
        let told = try stage.ledger.findings(
            of: SendingStage.file, in: stage.ledger.nextCorrection(of: SendingStage.file),
            after: 0, limit: 10)
        #expect(told.map(\.outcome) == ["paid", "failed", "paid"])
        #expect(told.map(\.previous) == ["failed", "paid", "failed"])
        #expect(try stage.state(1)?.state == .failed)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("Before its result nothing is corrected")
    func beforeResult() throws {
        var script = EventScript()
        script.claim(Self.file, name: "in.csv")
        try script.accept(Self.file, batch: TypedBatch(rows: 2), on: stage)
        for line in 3...4 { script.payout(Self.file, line, .intended(attempt: 1)) }
        script.payout(Self.file, 3, .held(possiblySent: true))
        script.payout(Self.file, 3, .accepted, source: "query")
        try stage.apply(script.events)
        #expect(try stage.ledger.filesWithCorrectionDue().isEmpty)
    }
}
