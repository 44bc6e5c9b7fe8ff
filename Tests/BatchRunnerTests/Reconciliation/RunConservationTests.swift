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
        #expect(later.kept == figures.kept, "an open batch is looked at by every run")
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
        told.conservation = .object(figures.kept)
        let again = try LastRun(JSONValue.object(told.json(.rowsOpen)).text())
        #expect(again == told && again.conservation?["batches"]?.integerValue == 1)
    }

    @Test("Twelve files of the most that one may hold add up, past what 64 bits hold")
    func beyond64Bits() throws {
        var script = EventScript()
        for number in 1...12 {
            let file = "20261121-\(100_000 + number)"
            script.claim(file, name: "in.csv", sha256: file)
            let batch = TypedBatch(rows: 1, id: "B-\(number)", firstNumber: number)
            try script.accept(file, batch: batch, on: stage)
        }
        try stage.apply(script.events)
        try stage.ledger.database.write {
            try $0.execute(
                sql: """
                    UPDATE rows SET amount = 900000000000000000;
                    UPDATE files
                        SET details = json_set(details, '$.amounts.total', '9000000000000000.00');
                    """)
        }
        let whole = StateTotal(
            rows: 12, amount: AmountSum(centavos: 12 * 900_000_000_000_000_000))
        #expect(whole.amount.text == "108000000000000000.00")
        #expect(try stage.ledger.totals() == ["unsent": whole])
        let figures = try RunConservation(stage.ledger, judged: [], isStopped: false)
        #expect(figures.isBalanced && figures.received == whole)
        #expect(
            figures.line == "12 open or new batches: 12 rows of PHP 108000000000000000.00 in = "
                + "12 unsent (PHP 108000000000000000.00)")
        try stage.ledger.database.write {
            try $0.execute(sql: "UPDATE rows SET state = 'unknown', lastSentAt = 7")
        }
        #expect(try stage.ledger.amountInDoubt(sentSince: 7) == whole.amount)
    }

    @Test("A sum is written as amounts are, and keeps its sign")
    func sums() {
        let sums: [Int128: String] = [
            0: "0.00", 5: "0.05", -5: "-0.05", 123_456: "1234.56", -100: "-1.00",
        ]
        for (centavos, text) in sums { #expect(AmountSum(centavos: centavos).text == text) }
    }
}
