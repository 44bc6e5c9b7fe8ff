import OrderedJSON
import Testing

@testable import BatchRunner
import SkyPay

/// Rows that are wrong in a file that is whole: the file is taken, the row is not.
@Suite struct RowFaultTests {
    private static let good = "D,SKY9900000009,\"Subok,Uno,Test\",09171234567,1.00,09171234567,6\n"

    static let csvRows: [(row: String, faults: [String])] = [
        (good, []),
        // A comma outside quotes pushes every later cell on; the amount is still in its column.
        (good.replacing("\n", with: ",x\n"), ["3:1 - - cell-count"]),
        ("D,SKY9900000009,\"Subok,Uno,Test\",09171234567,1.00\n", ["3:1 - - cell-count"]),
        ("D,SKY9900000009,\"Subok\"Uno,09171234567,1.00,09171234567,6\n", ["3:17 - name quoting"]),
        ("D,SKY9900000009,Subok \"Uno\",09171234567,1.00,09171234567,6\n", ["3:17 - name quoting"]),
        ("D,SKY9900000009,Subok\rUno,09171234567,1.00,09171234567,6\n", ["3:17 - name quoting"]),
        (
            good.replacing("09171234567,6", with: "9.17E+09,6"),
            ["3:51 - accountNo scientific-notation"]
        ),
        (good.replacing(",6", with: ",5"), ["3:1 - bankNo missing"]),
        (good.replacing("SKY9900000009", with: ""), ["3:3 - controlNumber missing"]),
        (
            good.replacing("Subok,Uno,Test", with: "Subok,Uno\nTest"),
            ["3:17 - name control-character"]
        ),
        (
            good.replacing(",09171234567,1.00", with: ",9171234567,1.00"),
            ["3:34 - phone leading-zero-lost"]
        ),
        (good.replacing("1.00", with: "0.00"), ["3:46 - amount zero-amount"]),
    ]

    @Test("A wrong CSV row is told from the rest, in its place", arguments: csvRows)
    func csv(_ wrong: (row: String, faults: [String])) throws {
        let amount = wrong.row.contains("0.00") ? "0.00" : "1.00"
        let text = Dropped.header + Dropped.columns + wrong.row
        let outcome = try Dropped("a.csv", text + "T,count=1,amount=\(amount)\n").read()
        #expect(outcome.summary?.rows == 1, "\(outcome.reading)")
        #expect(Self.faults(in: outcome) == wrong.faults)
    }

    static let items: [(item: String, faults: [String])] = [
        (#"{"amount":"1.00","amount2":"1.00"}"#, ["1:18 1 amount2 unknown-field"]),
        (#"{"amount":"1.00","phone":"1","phone":"2"}"#, ["1:30 1 phone duplicate-field"]),
        (#"{"amount":"1.00","phone":9171234567}"#, ["1:18 1 phone wrong-type"]),
        (#"{"amount":"1.00","name":{"a":"b"}}"#, ["1:18 1 name wrong-type"]),
        (#"{"amount":"1.00","name":true}"#, ["1:18 1 name wrong-type"]),
        (#"{"amount":"1.00","userName":"u"}"#, ["1:18 1 - secret"]),
        (#"{"amount":"1.00","withdrawChannel":6,"rejectReason":7}"#, []),
    ]

    @Test("A wrong JSON item is told from the rest, in its place", arguments: items)
    func json(_ wrong: (item: String, faults: [String])) throws {
        let text = """
            \(wrong.item)],"batch":"B","action":"payoutQueue","mode":"test","count":1,\
            "amount":"1.00"}
            """
        let outcome = try Dropped("a.json", "{\"items\":[\n" + text).read()
        #expect(outcome.summary?.rows == 1, "\(outcome.reading)")
        let row = try #require(outcome.rows.first)
        let shown = row.faults.map(FaultCase.shown)
        #expect(shown == wrong.faults.map { "2" + $0.dropFirst() })
        #expect(outcome.summary?.faultyRows == (wrong.faults.isEmpty ? 0 : 1))
        let known = ["amount", "phone", "name", "withdrawChannel"]
        #expect(row.fields.members.map { $0.name }.filter { !known.contains($0) } == [])
    }

    @Test("The mixed sample has four wrong rows, wrong in four ways")
    func mixedSample() throws {
        let outcome = try Dropped(sample: "payouts-mixed.csv").read()
        #expect(outcome.summary?.rows == 30)
        #expect(
            Self.faults(in: outcome) == [
                "8:44 - phone leading-zero-lost", "14:74 - bankNo missing",
                "20:60 - accountNo scientific-notation", "27:3 - controlNumber pattern",
            ])
    }

    @Test("The other samples are without fault, and the rejected one is rejected")
    func otherSamples() throws {
        #expect(try Self.faults(in: Dropped(sample: "payouts.json").read()) == [])
        var plain = try Dropped(sample: "payouts-plain.csv")
        #expect(try plain.read().faults.map(FaultCase.shown) == ["-:- - sha256 sha256"])
        plain.sha256 = ReadingTests.plainSampleDigest
        let outcome = try plain.read()
        #expect(outcome.summary?.rows == 6)
        #expect(Self.faults(in: outcome) == [])
        let rejected = try Dropped(sample: "rejected-whole.csv").read()
        #expect(rejected.faults.map(FaultCase.shown) == ["6:11 - amount amount"])
    }

    @Test("Names that are nearly right are answered with the right one")
    func suggestions() throws {
        let known = ["phone", "accountNo", "withdrawChannel"]
        #expect(Suggestion.nearest(to: "Phone", among: known) == "phone")
        #expect(Suggestion.nearest(to: "acountNr", among: known) == "accountNo")
        #expect(Suggestion.nearest(to: "withdrawchanel", among: known) == "withdrawChannel")
        #expect(Suggestion.nearest(to: "colour", among: known) == nil)
        #expect(shown("GB09171234567-8") == "GB********567-8")
        #expect(shown("SKY99 2026") == "SKY99 2026")
        #expect(shown("a\u{1B}[31m\u{202E}b") == "a\u{FFFD}[31m\u{FFFD}b")
    }

    private static func faults(in outcome: Dropped.Outcome) -> [String] {
        outcome.rows.flatMap { row in
            RowValidation.validate(row, action: "payoutQueue", controlNumberPrefix: "SKY99")
        }.map(FaultCase.shown)
    }
}
