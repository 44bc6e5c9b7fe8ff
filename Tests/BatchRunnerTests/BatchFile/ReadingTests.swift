import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite struct ReadingTests {
    @Test("What is read does not depend on the chunks", arguments: Dropped.valid + Self.broken)
    func chunks(file: Dropped) throws {
        let whole = try file.read()
        for chunk in [1, 2, 3, 7, 64 * 1024] {
            var limits = BatchLimits()
            limits.chunkBytes = chunk
            #expect(try file.read(limits: limits) == whole, "chunks of \(chunk)")
        }
    }

    private static let broken: [Dropped] = {
        let text = Dropped.header + Dropped.columns + Dropped.row1 + Dropped.row2
        var notUTF8 = Dropped("not-utf8.csv", text)
        notUTF8.bytes += [0x44, 0x2C, 0xC3, 0x28] + Array(Dropped.trailer.utf8)
        return [
            notUTF8,
            Dropped("after.csv", text + Dropped.trailer + "é"),
            Dropped("quoting.csv", text + "D,\"a\"b,c\"d,\"e\n" + Dropped.trailer),
            Dropped("cut.json", "{\"items\":[{\"a\":\"\\u00"),
            Dropped("bad.json", "{\"items\":[{\"a\":\"1\"},]}"),
        ]
    }()

    @Test("Rows carry fields, places, lines and totals")
    func typedRows() throws {
        let outcome = try Dropped.typed.read()
        let summary = try #require(outcome.summary)
        #expect(summary.header.batch == "B-1")
        #expect(summary.header.count == 2)
        #expect(summary.total == Amount(centavos: 150_050))
        #expect(summary.textBytes == Dropped.typed.bytes.count)
        let row = try #require(outcome.rows.last)
        #expect(row.line == 4)
        #expect(row.controlNumber == "SKY9900000002")
        #expect(row.amount == Amount(centavos: 50))
        #expect(row.fields["name"] == "Subok,Dos,Test")
        #expect(row.columns.map(\.column) == [3, 17, 34, 46, 51, 63])
        let text = Array(Dropped.typed.bytes[row.location.offset...].prefix(row.location.length))
        #expect(String(decoding: text, as: UTF8.self) + "\n" == Dropped.row2)
    }

    @Test("A byte order mark, CRLF, doubled quotes and lines inside a cell are CSV")
    func awkwardRows() throws {
        let rows = try Dropped.awkward.read().rows
        #expect(rows.map(\.line) == [3, 5])
        #expect(rows.first?.fields["location"] == "Kalye \"Uno\"\r\nMaynila")
        #expect(rows.last?.fields["name"] == "Peña,Dos,Test")
        #expect(rows.last?.fields["withdrawChannel"] == "8")
        #expect(rows.last?.fields["location"] == nil)
        #expect(rows.flatMap { $0.faults } == [])
    }

    @Test("A JSON batch reads its keys in any order and knows where values stand")
    func jsonRows() throws {
        let outcome = try Dropped.json.read()
        #expect(outcome.summary?.header.sequence == 7)
        #expect(outcome.rows.map(\.item) == [1, 2])
        #expect(outcome.rows.map(\.line) == [2, 3])
        let row = try #require(outcome.rows.last)
        #expect(row.fields["name"] == "Peña \"}{\",Dos,Test")
        #expect(row.fields["bankNo"] == nil)
        let phone = row.columns.first { $0.field == "phone" }
        #expect(phone == FieldPosition(field: "phone", line: 4, column: 11))
        #expect(outcome.rows.first?.fields["withdrawChannel"] == .number("6"))
    }

    @Test("A batch of no rows is valid in every form")
    func noRows() throws {
        let side = """
            {"batch":"B","action":"payoutQueue","mode":"live","count":0,"amount":"0.00"}
            """
        let names = Dropped.columns.dropFirst(2)
        let files = [
            Dropped("a.csv", Dropped.header + Dropped.columns + "T,count=0,amount=0.00\n"),
            Dropped("a.json", side.dropLast() + ",\"items\":[]}"),
            Dropped("b.csv", String(names), side: side),
        ]
        for file in files {
            let outcome = try file.read()
            #expect(outcome.summary?.rows == 0, "\(file.name): \(outcome.reading)")
        }
    }

    @Test("Every row of every form is read again as it was", arguments: Dropped.valid)
    func rereading(file: Dropped) throws {
        try Self.checkRereading(file)
    }

    @Test(
        "Every row of every sample is read again as it was",
        arguments: ["payouts-mixed.csv", "payouts.json", "payouts-plain.csv"])
    func rereadingSamples(name: String) throws {
        var file = try Dropped(sample: name)
        if file.side != nil { file.sha256 = Self.plainSampleDigest }
        try Self.checkRereading(file)
    }

    /// As its side file states it.
    static let plainSampleDigest =
        "cba818d43f099a87584f4dcec9fc121533e0b1d105bc53adef314926180393a5"

    private static func checkRereading(_ file: Dropped) throws {
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            let outcome = try file.read(at: path)
            let summary = try #require(outcome.summary, "\(outcome.reading)")
            let reader = try RowReader(path: path, form: summary.form, columns: summary.columns)
            #expect(summary.rows > 0)
            for row in outcome.rows {
                let again = try reader.row(
                    at: row.location, line: row.line, column: row.column, item: row.item)
                #expect(again == row)
            }
            let gone = RowLocation(offset: summary.textBytes, length: 10)
            #expect(throws: RowGone.self) { try reader.row(at: gone, line: 1) }
        }
    }

    @Test("What the row's taker throws comes through, and ends the reading")
    func takerThrows() throws {
        struct Stop: Error {}
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            _ = try Dropped.typed.read(at: path)
            var taken = 0
            #expect(throws: Stop.self) {
                try BatchReader.read(path: path, name: "a.csv", contentSHA256: "") { _ in
                    taken += 1
                    throw Stop()
                }
            }
            #expect(taken == 1)
        }
    }
}
