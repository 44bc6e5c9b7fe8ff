import GRDB
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("What a run adds up")
struct RunConservationTests {
    private let stage: LedgerStage
    private static let file = "20261121-000001"

    init() throws { stage = try LedgerStage() }

    /// A batch of 1.00, 2.00 and 3.00: one refused, one under way, one unsent.
    private func accepted() throws -> EventScript {
        var script = EventScript()
        script.claim(Self.file, name: "in.csv")
        try script.accept(Self.file, batch: TypedBatch(rows: 3), on: stage)
        for line in 3...4 { script.payout(Self.file, line, .intended(attempt: 1)) }
        script.payout(Self.file, 3, .refused, code: "-1022")
        try stage.apply(script.events)
        return script
    }

    @Test("Rows and money in are rows and money out, in one line and in figures")
    func balanced() throws {
        _ = try accepted()
        let figures = try RunConservation(stage.ledger, judged: [Self.file], isStopped: false)
        #expect(figures.isBalanced)
        #expect(
            figures.line == "1 open or new batches: 3 rows of PHP 6.00 in = 1 refused (PHP 1.00) + "
                + "1 unknown (PHP 2.00) + 1 unsent (PHP 3.00)")
        #expect(figures.json["verdicts"] == ["accepted": .number("1")])
        #expect(figures.json["in"]?["amount"] == "6.00")
        let later = try RunConservation(stage.ledger, judged: [], isStopped: false)
        #expect(later.sums == figures.sums, "an open batch is looked at by every run")
    }

    @Test("A row that is gone, or has another amount, is told with the sums of both sides")
    func missing() throws {
        _ = try accepted()
        try stage.ledger.database.write {
            try $0.execute(sql: "UPDATE rows SET amount = 299 WHERE row = 3")
        }
        let changed = try RunConservation(stage.ledger, judged: [], isStopped: false)
        #expect(changed.faults.count == 1 && changed.line?.contains("IS NOT") == true)
        #expect(changed.json["balanced"]?.booleanValue == false)
        try stage.ledger.database.write { try $0.execute(sql: "DELETE FROM rows WHERE row = 3") }
        let less = try RunConservation(stage.ledger, judged: [], isStopped: false)
        #expect(less.faults.first?.contains("3 rows of PHP 6.00 came, and 2 of PHP 3.00") == true)
    }

    @Test("A file without a verdict is told, unless the run was stopped before")
    func unjudged() throws {
        var script = try accepted()
        script.claim("20261121-000002", name: "next.csv", sha256: "bb")
        try stage.apply(script.events)
        let figures = try RunConservation(stage.ledger, judged: [Self.file], isStopped: false)
        #expect(figures.faults.first?.contains("1 files were taken in") == true)
        #expect(figures.json["files"]?.integerValue == 2)
        #expect(
            try RunConservation(stage.ledger, judged: [Self.file], isStopped: true).isBalanced)
    }

    @Test("A batch that was final before is left alone; nothing to add up is no line")
    func nothing() throws {
        let figures = try RunConservation(stage.ledger, judged: [], isStopped: false)
        #expect(figures.line == nil && figures.isBalanced)
        _ = try accepted()
        try stage.ledger.database.write {
            try $0.execute(sql: "UPDATE files SET finalPrepared = 1")
        }
        #expect(try RunConservation(stage.ledger, judged: [], isStopped: false).batches == 0)
        #expect(
            try RunConservation(stage.ledger, judged: [Self.file], isStopped: false).batches == 1)
    }

    @Test("What the log says of the last run's sums is read back")
    func recorded() throws {
        _ = try accepted()
        let figures = try RunConservation(stage.ledger, judged: [Self.file], isStopped: false)
        var told = try LastRun(nil)
        told.conservation = .object(figures.sums)
        let again = try LastRun(JSONValue.object(told.json(.rowsOpen)).text())
        #expect(again == told && again.conservation?["batches"]?.integerValue == 1)
    }
}
