import Foundation
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// The file of rejected rows: what a person gets back, corrects, and drops again.
@Suite struct RejectedRowsTests {
    /// Reads a file, judges it, and writes the rows that were refused.
    private static func rejected(_ file: Dropped) throws -> (text: String, rows: [BatchRow]) {
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            let outcome = try file.read(at: path)
            let summary = try #require(outcome.summary, "\(outcome.reading)")
            let reader = try RowReader(path: path, form: summary.form, columns: summary.columns)
            var rows: [BatchRow] = []
            let refused = outcome.rows.compactMap { row -> RejectedRow? in
                let faults = RowValidation.validate(
                    row, action: "payoutQueue", controlNumberPrefix: "SKY99")
                guard !faults.isEmpty else { return nil }
                rows.append(row)
                return RejectedRow(location: row.location, line: row.line, faults: faults)
            }
            var bytes: [UInt8] = []
            var writer = RejectedRowsWriter(summary: summary, rows: reader)
            #expect(writer.fileExtension == (summary.form.isCSV ? "csv" : "json"))
            for row in refused { try writer.add(row) { bytes += $0 } }
            try writer.end { bytes += $0 }
            return (String(decoding: bytes, as: UTF8.self), rows)
        }
    }

    @Test("The refused rows of the mixed sample come back with their reasons and their total")
    func mixedSample() throws {
        let text = try Self.rejected(Dropped(sample: "payouts-mixed.csv")).text
        let lines = text.split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines.first == "H,batch=,action=payoutQueue,mode=test")
        #expect(lines.dropFirst().first?.hasSuffix(",location,rejectReason") == true)
        #expect(lines.last == "T,count=4,amount=9627.05")
    }

    static let files: [Dropped] = {
        let wrong = { (text: String) in
            text.replacing("09171234568,", with: "9171234568,")
                .replacing("\"phone\":\"09171234568\"", with: "\"phone\":\"9171234568\"")
        }
        var typed = Dropped("a.csv", wrong(Dropped.typed.text))
        typed.bytes = Array(typed.text.replacing("mode=test", with: "mode=test,sequence=9").utf8)
        return [
            typed,
            Dropped("b.json", wrong(Dropped.json.text)),
            Dropped("c.csv", wrong(Dropped.plain.text), side: Dropped.side),
            Dropped(
                "d.jsonl",
                Dropped.lines.text.replacing("9171234567", with: "9171234568")
                    .replacing("\"phone\":\"09171234568\"", with: "\"phone\":\"9171234568\""),
                side: Dropped.side),
            Dropped("e.csv", wrong(Dropped.awkward.text)),
        ]
    }()

    @Test("Corrected and given a batch id, the refused rows are taken", arguments: files)
    func roundTrip(file: Dropped) throws {
        let (text, rows) = try Self.rejected(file)
        #expect(!rows.isEmpty)
        let name = text.hasPrefix("{") ? "again.json" : "again.csv"
        let blank = try Dropped(name, text).read()
        #expect(blank.faults.map(\.field).contains("batch"))
        #expect(blank.faults.contains { $0.message.contains("blank") })
        #expect(!blank.faults.contains { $0.field == "sequence" || $0.field == "count" })
        let named = text.replacing("\"batch\":\"\"", with: "\"batch\":\"B-9\"")
            .replacing("batch=,", with: "batch=B-9,")
        let again = try Dropped(name, named).read()
        let summary = try #require(again.summary, "\(again.reading)")
        #expect(summary.rows == rows.count)
        #expect(summary.total == rows.reduce(.zero) { $0 + ($1.amount ?? .zero) })
        #expect(again.rows.map { $0.fields } == rows.map { $0.fields })
        let corrected = named.replacing(",9171234568", with: ",09171234568")
            .replacing("\"phone\":\"9171234568\"", with: "\"phone\":\"09171234568\"")
            .replacing("\r\nMaynila", with: " Maynila")
        let taken = try Dropped(name, corrected).read()
        let faults = taken.rows.flatMap { row in
            RowValidation.validate(row, action: "payoutQueue", controlNumberPrefix: "SKY99")
        }
        #expect(faults == [])
        #expect(taken.rows.count == rows.count)
    }

    @Test("A second refusal replaces the reason of the first")
    func reasonsDoNotPileUp() throws {
        let first = try Self.rejected(Dropped(sample: "payouts-mixed.csv")).text
        let named = first.replacing("batch=,", with: "batch=B-9,")
        #expect(try Self.rejected(Dropped("again.csv", named)).text == first)
        let item = """
            {"amount":"1.00","phone":"1","rejectReason":"old","phone":"2","userName":"secret"}
            """
        let json = """
            {"batch":"B","action":"payoutQueue","mode":"test","count":1,"amount":"1.00",\
            "items":[\(item)]}
            """
        let text = try Self.rejected(Dropped("a.json", json)).text
        #expect(!text.contains("old") && !text.contains("\"secret\""))
        #expect(text.contains(#""phone":"1","phone":"2","rejectReason":"#))
    }

    static let wronglyQuoted = [
        "D,SKY9900000001,\"Subok,Uno\",09171234567,1500.00,\"0012\"3456789012,6",
        "D,SKY9900000001,\"Subok,Uno\" ,09171234567,1500.00,09171234567,6",
        "D,SKY9900000001,Subok \"Uno\",09171234567,1500.00,09171234567,6",
        "D,SKY9900000001,Subok\rUno,09171234567,1500.00,09171234567,6",
        "D,SKY9900000001,\"Subok \"\"U\"\",Uno\"x,09171234567,1500.00,\"0012\"34,6",
    ]

    @Test(
        "A cell that is quoted wrongly comes back as it came, and is refused again",
        arguments: wronglyQuoted)
    func staysWrong(_ row: String) throws {
        let text = Dropped.header + Dropped.columns + row + "\nT,count=1,amount=1500.00\n"
        let first = try Self.rejected(Dropped("a.csv", text)).text
        #expect(first.contains("\n\(row),"))
        #expect(first.hasSuffix("\nT,count=1,amount=1500.00\n"))
        let named = first.replacing("batch=,", with: "batch=B-9,")
        let again = try Dropped("again.csv", named).read()
        #expect(again.rows.map { $0.faults.map(\.code) } == [["quoting"]])
        #expect(try Self.rejected(Dropped("again.csv", named)).text == first)
    }

    @Test("A quote that is never closed is closed for the rows after it, and refused again")
    func openQuote() throws {
        let digest = String(repeating: "ab", count: 32)
        let side = """
            {"batch":"B-3","action":"payoutQueue","mode":"test","count":1,"amount":"1500.00",\
            "sha256":"\(digest)"}
            """
        let columns = "controlNumber,name,phone,accountNo,withdrawChannel,"
        let row = "SKY9900000001,\"Subok,Uno\",09171234567,09171234567,6,"
        let ends = [("amount", "\"1500.00"), ("amount,location", "1500.00,\"a\"\",b\nc")]
        for (names, cells) in ends {
            var file = Dropped("p.csv", columns + names + "\n" + row + cells, side: side)
            file.sha256 = digest
            let text = try Self.rejected(file).text
            #expect(text.contains("\nD,\(row)\(cells)\" ,"))
            #expect(text.hasSuffix("\nT,count=1,amount=1500.00\n"))
            let named = text.replacing("batch=,", with: "batch=B-9,")
            let again = try Dropped("again.csv", named).read()
            #expect(!again.faults.isEmpty || again.rows.contains { !$0.faults.isEmpty })
        }
    }

    @Test("A batch without refused rows still makes a file that says so")
    func noRows() throws {
        #expect(try Self.rejected(Dropped.json).rows.isEmpty)
        let text = try Self.rejected(Dropped.json).text
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value["count"]?.integerValue == 0)
        #expect(value["amount"]?.stringValue == "0.00")
    }

    @Test(
        "However many rows are refused, no more than a piece of the file is held",
        arguments: [2, 9])
    func pieces(multiple: Int) throws {
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            let outcome = try Dropped.typed.read(at: path)
            let summary = try #require(outcome.summary)
            let row = try #require(outcome.rows.first)
            let message = String(repeating: "x", count: 1_000)
            let refused = RejectedRow(
                location: row.location, line: row.line,
                faults: [Fault(code: "any", message: message)])
            var writer = RejectedRowsWriter(
                summary: summary,
                rows: try RowReader(path: path, form: summary.form, columns: summary.columns))
            var pieces: [Int] = []
            let rows = multiple * RejectedRowsWriter.chunkBytes / message.utf8.count
            for _ in 0..<rows { try writer.add(refused) { pieces.append($0.count) } }
            #expect(pieces.count >= multiple, "they go out as they come, not at the end")
            try writer.end { pieces.append($0.count) }
            #expect(pieces.allSatisfy { $0 < RejectedRowsWriter.chunkBytes + 2_000 })
            #expect(pieces.reduce(0, +) > rows * message.utf8.count)
        }
    }
}
