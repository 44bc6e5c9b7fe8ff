import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

private let fileID = "20261121-000001"

@Suite("Documents in the outbox")
struct DocumentTests {
    private let stage: LedgerStage
    private let checkpoint: SignedCheckpoint

    init() throws {
        stage = try LedgerStage()
        // Five bytes of signature are enough for a note that nobody verifies here.
        checkpoint = try SignedCheckpoint(
            text: """
                log.example/site
                42
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

                — log.example/site \(Base64.encode([UInt8](repeating: 7, count: 68)))

                """)
    }

    /// Three rows: accepted then paid, refused, and one that validation rejects.
    private func settled(location: String = "") throws -> StoredFile {
        var script = EventScript()
        script.claim(fileID, name: "in.csv", sha256: "ab")
        var batch = TypedBatch(rows: 2)
        batch.location = location
        batch.add("SKY9900000003", 600, phone: "9171234567")
        try script.accept(fileID, batch: batch, on: stage)
        for line in [3, 4] { script.payout(fileID, line, .intended(attempt: 1)) }
        script.payout(fileID, 3, .accepted, code: "1000")
        script.payout(fileID, 4, .refused, code: "-1022")
        script.payout(fileID, 3, .paid, source: "query")
        try stage.apply(script.events)
        return try #require(try stage.ledger.file(fileID))
    }

    private func document(
        _ file: StoredFile, _ stage: ResultDocument.Stage, _ label: String
    ) throws -> (json: JSONValue, table: String) {
        let summary = try #require(file.summary)
        let rows = try self.stage.store.rows(of: file, summary)
        let document = ResultDocument(file: file, stage: stage, ledger: self.stage.ledger) {
            try rows.row(at: $0.location, line: $0.line, item: $0.item).fields
        }
        let folder = self.stage.temporary.site.staging
        let json = try StagedFile(path: folder + "/json-" + label)
        try document.write(to: json, checkpoint: checkpoint)
        _ = try json.finish()
        let table = try StagedFile(path: folder + "/csv-" + label)
        try document.writeTable(to: table)
        _ = try table.finish()
        return (
            try JSONValue(parsing: DurableFiles.read(folder + "/json-" + label)),
            String(decoding: try DurableFiles.read(folder + "/csv-" + label), as: UTF8.self)
        )
    }

    @Test("The acknowledgement has the agreed members, in the agreed order")
    func acknowledgement() throws {
        let file = try settled()
        let bytes = Acknowledgement(file: file, checkpoint: checkpoint).bytes()
        let document = try JSONValue(parsing: bytes)
        let names = document.objectValue?.members.map(\.name) ?? []
        let agreed = [
            "file", "fileId", "sha256", "receivedAt", "verdict", "reason", "batch", "action",
            "mode",
            "counts", "amounts", "faults", "audit",
        ]
        #expect(names.filter(agreed.contains) == agreed.filter { $0 != "reason" })
        #expect(document["verdict"] == "partial")
        #expect(document["receivedAt"] == "2026-11-21T00:00:00.000000+08:00")
        #expect(document["counts"] == ["total": 3, "accepted": 2, "rejected": 1])
        #expect(
            document["amounts"] == ["total": "9.00", "accepted": "3.00", "rejected": "6.00"])
        let fault = document["faults"]?.arrayValue?.first
        #expect(
            fault?.objectValue?.members.map(\.name) == [
                "line", "column", "field", "code", "message",
            ])
        #expect(fault?["line"] == 5)
        #expect(fault?["field"] == "phone")
        #expect(document["audit"]?["checkpoint"]?.stringValue == checkpoint.text)
        #expect(document["audit"]?["sequence"] == 1)
        #expect(bytes.last == 0x0A)
        #expect(Acknowledgement(file: file, checkpoint: checkpoint).bytes() == bytes)
    }

    @Test("A fault without a place has neither line nor column nor field")
    func faultWithoutPlace() {
        let json = Fault(code: "incomplete", message: "cut").json
        #expect(json == ["code": "incomplete", "message": "cut"])
    }

    @Test("The result states send outcomes, counts, money and the sum")
    func result() throws {
        let (json, _) = try document(settled(), .result, "a")
        #expect(json["counts"] == ["accepted": 1, "refused": 1, "rejected": 1])
        #expect(json["amounts"] == ["accepted": "1.00", "refused": "2.00", "rejected": "6.00"])
        #expect(json["conservation"]?["balanced"] == true)
        #expect(json["conservation"]?["in"] == ["rows": 3, "amount": "9.00"])
        let rows = json["rows"]?.arrayValue ?? []
        #expect(rows.map { $0["outcome"]?.stringValue } == ["accepted", "refused"])
        #expect(rows.map { $0["responseCode"]?.stringValue } == ["1000", "-1022"])
        #expect(rows.map { $0["line"]?.integerValue } == [3, 4])
        #expect(rows.map { $0["attempts"]?.integerValue } == [1, 1])
        #expect(rows.allSatisfy { $0["at"]?.stringValue?.hasSuffix("+08:00") == true })
        #expect(rows.first?["withdrawChannel"]?.scalarText == "6")
        #expect(json["audit"]?["sequence"] == 41)
    }

    @Test("The final file states what became of the money")
    func final() throws {
        let (json, _) = try document(settled(), .final, "a")
        #expect(json["counts"] == ["paid": 1, "refused": 1, "rejected": 1])
        let rows = json["rows"]?.arrayValue ?? []
        #expect(rows.map { $0["outcome"]?.stringValue } == ["paid", "refused"])
        #expect(rows.allSatisfy { $0["at"]?.stringValue?.hasSuffix("+08:00") == true })
    }

    @Test("What was held, sent again and refused is refused in the final file, by its last answer")
    func refusedAtLast() throws {
        var script = EventScript()
        script.claim(fileID, name: "in.csv", sha256: "ab")
        try script.accept(fileID, batch: TypedBatch(rows: 2), on: stage)
        for line in [3, 4] { script.payout(fileID, line, .intended(attempt: 1)) }
        script.payout(fileID, 3, .held(possiblySent: false), code: "-1000")
        script.payout(fileID, 4, .refused, code: "-1028")
        script.payout(fileID, 3, .resolved(.resend), source: "operator")
        script.payout(fileID, 3, .intended(attempt: 2))
        script.payout(fileID, 3, .refused, code: "-1022")
        try stage.apply(script.events)
        let file = try #require(try stage.ledger.file(fileID))
        let (result, _) = try document(file, .result, "told")
        #expect(result["counts"] == ["refused": 1, "held": 1])
        let (final, _) = try document(file, .final, "last")
        #expect(final["counts"] == ["refused": 2])
        #expect(final["conservation"]?["balanced"] == true)
        let rows = final["rows"]?.arrayValue ?? []
        #expect(rows.map { $0["outcome"]?.stringValue } == ["refused", "refused"])
        #expect(rows.map { $0["responseCode"]?.stringValue } == ["-1022", "-1028"])
        #expect(rows.map { $0["attempts"]?.integerValue } == [2, 1])
        // Refused at once, it is told alike in both.
        #expect(rows.last == result["rows"]?.arrayValue?.last)
    }

    @Test(
        "What was held, sent again and paid does not carry the code by which it was held",
        arguments: [PayoutFact.accepted, .unknown(numberInUse: false)])
    func paidAtLast(_ second: PayoutFact) throws {
        var script = EventScript()
        script.claim(fileID, name: "in.csv", sha256: "ab")
        try script.accept(fileID, batch: TypedBatch(rows: 1), on: stage)
        script.payout(fileID, 3, .intended(attempt: 1))
        script.payout(fileID, 3, .held(possiblySent: false), code: "-1000")
        script.payout(fileID, 3, .resolved(.resend), source: "operator")
        script.payout(fileID, 3, .intended(attempt: 2))
        let code = second == .accepted ? "1000" : nil
        script.payout(fileID, 3, second, code: code)
        script.payout(fileID, 3, .accepted, source: "query")
        script.payout(fileID, 3, .paid, source: "query")
        try stage.apply(script.events)
        let (final, _) = try document(
            try #require(try stage.ledger.file(fileID)), .final, "last")
        let row = try #require(final["rows"]?.arrayValue?.first)
        #expect(row["outcome"] == "paid" && row["attempts"] == 2)
        #expect(row["responseCode"]?.stringValue == code)
    }

    @Test(
        "The table says the same as the JSON form, whatever stands in the values",
        arguments: [
            "", "Kalye 1, Bayan", "\"\"Kalye\"\" 1", ",", "=SUM(1)", "Peñafrancia, é", "a\"\",b",
            "A\"\"\u{301}, B", "\"\"\u{200D}",
        ])
    func twins(_ location: String) throws {
        for stage in [ResultDocument.Stage.result, .final] {
            let (json, table) = try document(settledOnce(location), stage, "\(stage)")
            let records = CSVReading.records(table)
            let header = try #require(records.first)
            let rows = json["rows"]?.arrayValue ?? []
            #expect(records.count == rows.count + 1)
            for (cells, row) in zip(records.dropFirst(), rows) {
                #expect(cells.count == header.count)
                for (column, cell) in zip(header, cells) {
                    #expect(cell == row[column]?.scalarText ?? "", "\(column)")
                }
                let unknown = row.objectValue?.members.map(\.name).filter { !header.contains($0) }
                #expect(unknown == [])
            }
        }
    }

    @Test(
        "A cell is quoted where it must be, and only there",
        arguments: [
            ("", ""), ("a", "a"), (" a ", " a "), ("=1", "=1"), ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""),
            ("a\r\nb", "\"a\r\nb\""), ("\"", "\"\"\"\""),
            ("a\"\u{301}b", "\"a\"\"\u{301}b\""), ("\u{600}\"\u{FE0F}", "\"\u{600}\"\"\u{FE0F}\""),
        ])
    func cells(_ text: String, _ cell: String) {
        #expect(CSVText.cell(text) == cell)
        let record = CSVText.record([text, "next"])
        #expect(CSVReading.records(String(decoding: record, as: UTF8.self)) == [[text, "next"]])
    }

    @Test("A list is one cell, as a CSV batch writes it")
    func lists() {
        let values: [(JSONValue, String)] = [
            (["1", "2"], "1 2"), (["3"], "3"), ([], ""), ("1 2", "1 2"), (7, "7"), (.null, ""),
        ]
        for (value, cell) in values { #expect(value.cellText == cell) }
    }

    private func settledOnce(_ location: String) throws -> StoredFile {
        try stage.ledger.file(fileID) ?? settled(location: location)
    }

    @Test("Figures that do not add up are never published")
    func unbalanced() throws {
        var file = try settled()
        file.details["counts"] = ["total": 4, "accepted": 2, "rejected": 1]
        #expect(throws: InvariantViolation.self) { try document(file, .result, "rows") }
        file.details["counts"] = ["total": 3, "accepted": 2, "rejected": 1]
        file.details["amounts"] = ["total": "9.01"]
        #expect(throws: InvariantViolation.self) { try document(file, .final, "money") }
        #expect(throws: (any Error).self) {
            try DurableFiles.read(stage.temporary.site.staging + "/json-rows")
        }
    }

    @Test("Items that stand on one line of a JSON batch each have a row of their own")
    func oneLine() throws {
        let items = (1...3).map { number in
            #"{"controlNumber":"SKY990000000\#(number)","name":"Subok,Uno","phone":"09171234567","#
                + #""amount":"\#(number).00","accountNo":"09171234567","withdrawChannel":"6"}"#
        }
        let text =
            #"{"batch":"B-1","action":"payoutQueue","mode":"test","count":3,"amount":"6.00","#
            + #""items":["# + items.joined(separator: ",") + "]}"
        var script = EventScript()
        script.claim(fileID, name: "in.json")
        try script.accept(fileID, text: text, name: "in.json", batch: "B-1", on: stage)
        for line in 3...5 { script.payout(fileID, line, .intended(attempt: 1)) }
        script.payout(fileID, 3, .accepted, code: "1000")
        script.payout(fileID, 4, .refused, code: "-1022")
        script.payout(fileID, 5, .accepted, code: "1000")
        try stage.apply(script.events)
        let file = try #require(try stage.ledger.file(fileID))
        let (json, table) = try document(file, .result, "line")
        let rows = json["rows"]?.arrayValue ?? []
        #expect(rows.map { $0["outcome"]?.stringValue } == ["accepted", "refused", "accepted"])
        #expect(rows.map { $0["line"]?.integerValue } == [1, 1, 1])
        #expect(rows.map { $0["item"]?.integerValue } == [1, 2, 3])
        #expect(rows.map { $0["amount"]?.stringValue } == ["1.00", "2.00", "3.00"])
        #expect(CSVReading.records(table).count == 4)
    }

    @Test("A batch without rows has a result without rows")
    func empty() throws {
        var script = EventScript()
        script.claim(fileID, name: "in.csv")
        try script.accept(fileID, batch: TypedBatch(), on: stage)
        try stage.apply(script.events)
        let file = try #require(try stage.ledger.file(fileID))
        let (json, table) = try document(file, .result, "empty")
        #expect(json["rows"] == [])
        #expect(json["conservation"]?["balanced"] == true)
        #expect(CSVReading.records(table).count == 1)
    }
}

/// A reader of RFC 4180 that is nobody else's: what is written must be read by others.
private enum CSVReading {
    static func records(_ text: String) -> [[String]] {
        var records: [[String]] = []
        var cells: [String] = []
        var cell: [UInt8] = []
        var quoted = false
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if quoted, byte == 0x22, index + 1 < bytes.count, bytes[index + 1] == 0x22 {
                cell.append(0x22)
                index += 1
            } else if byte == 0x22 {
                quoted.toggle()
            } else if !quoted, byte == 0x2C || byte == 0x0A {
                cells.append(String(decoding: cell, as: UTF8.self))
                cell = []
                if byte == 0x0A {
                    records.append(cells)
                    cells = []
                }
            } else {
                cell.append(byte)
            }
            index += 1
        }
        return records
    }
}
