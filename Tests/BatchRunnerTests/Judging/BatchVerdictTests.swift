import AuditLog
import DurableFiles
import GRDB
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("What the event of a verdict says, read back")
struct BatchVerdictTests {
    private let stage: LedgerStage
    private static let file = "20261121-000001"

    init() throws { stage = try LedgerStage() }

    /// The claim of a batch and its verdict.
    private func recorded(
        _ text: String, named name: String, _ verdict: FileVerdict
    ) throws -> [Event] {
        let path = stage.temporary.site.file(Self.file)
        try DurableFiles.createOnce(path, Array(text.utf8))
        let plan = try stage.planner.plan(
            BatchText(path: path, name: name, sha256: "", sideFile: nil),
            usedBefore: { _ in false }
        ) { _ in }
        guard case .whole(let summary, let totals) = plan else {
            throw InvariantViolation("the test's batch is not whole: \(plan)")
        }
        var script = EventScript()
        script.claim(Self.file, name: name, sha256: SHA256Text.of(text))
        script.add(
            LedgerStage.author.draft(
                verdict == .rejected ? .fileRejected : .batchAccepted,
                subject: ["file": .string(Self.file), "batch": .string(summary.header.batch)],
                data: BatchVerdict(summary, totals, verdict, nil).data))
        return script.events
    }

    private func judged(_ events: [Event]) throws -> StoredFile {
        try stage.apply(events)
        return try #require(try stage.ledger.file(Self.file))
    }

    /// The file of refused rows, with none in it.
    private func rejectedFile(of file: StoredFile) throws -> String {
        let summary = try #require(file.summary)
        var writer = RejectedRowsWriter(
            summary: summary, rows: try stage.store.rows(of: file, summary))
        var bytes: [UInt8] = []
        try writer.end { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A row that is right and one that is not.
    private static let csv: String = {
        var batch = TypedBatch(rows: 1)
        batch.add("SKY9900000002", 200, phone: "9171234567")
        return batch.text
    }()

    private static let json = """
        {"batch":"B-1","action":"payoutQueue","mode":"test","count":2,"amount":"3.00","items":[
        {"controlNumber":"SKY9900000001","name":"Subok,Uno","phone":"09171234567",
        "amount":"1.00","accountNo":"09171234567","withdrawChannel":"6"},
        {"controlNumber":"SKY9900000002","name":"Subok,Dos","phone":"9171234567",
        "amount":"2.00","accountNo":"09171234567","withdrawChannel":"6"}]}
        """

    @Test(
        "Refused rows of a numbered batch come back with a blank number, others with none",
        arguments: [FileVerdict.partial, .rejected], [false, true])
    func numbered(_ verdict: FileVerdict, isNumbered: Bool) throws {
        let text = Self.csv.replacing(
            "mode=test", with: isNumbered ? "mode=test,sequence=118" : "mode=test")
        let events = try recorded(text, named: "in.csv", verdict)
        let isKept = isNumbered && verdict != .rejected
        #expect(events[1].data["sequence"]?.integerValue == (isKept ? 118 : nil))
        let isSaid = isNumbered && verdict == .rejected
        #expect(events[1].data["numbered"]?.booleanValue == (isSaid ? true : nil))
        let blank = try rejectedFile(of: judged(events))
        let head = "H,batch=,action=payoutQueue,mode=test"
        #expect(blank.hasPrefix(head + (isNumbered ? ",sequence=\n" : "\n")))
    }

    @Test(
        "The same of a JSON batch", arguments: [FileVerdict.partial, .rejected], [false, true])
    func numberedJSON(_ verdict: FileVerdict, isNumbered: Bool) throws {
        let mode = "\"mode\":\"test\","
        let text = Self.json.replacing(
            mode, with: isNumbered ? mode + "\"sequence\":118," : mode)
        let events = try recorded(text, named: "in.json", verdict)
        let blank = try rejectedFile(of: judged(events))
        #expect(blank.contains("\"sequence\":\"\",") == isNumbered)
    }

    @Test("An event of a version that did not say so has no number, and is read")
    func older() throws {
        let text = Self.csv.replacing("mode=test", with: "mode=test,sequence=118")
        var events = try recorded(text, named: "in.csv", .rejected)
        events[1].data["numbered"] = nil
        let blank = try rejectedFile(of: judged(events))
        #expect(blank.hasPrefix("H,batch=,action=payoutQueue,mode=test\n"))
    }

    /// 423 rows that come to 4222222222222.00: an earlier version took them.
    private static let card: String = {
        var batch = TypedBatch()
        for row in 1...422 { batch.add("SKY99\(10_000_000 + row)", 999_999_999_999) }
        batch.add("SKY9910000423", 222_222_222_622)
        return batch.text
    }()

    @Test(
        "A batch whose sums the log has masked goes on, and still adds up",
        arguments: [PlanVersion.codes, .sentences])
    func masked(_ version: PlanVersion) throws {
        var events = try recorded(Self.card, named: "in.csv", .accepted)
        events[1].data = PersonalData.masked(events[1].data)
        #expect(events[1].data["amounts"]?["total"] == "xxxxxxxxx2222.00")
        if version == .sentences {
            events[1].data["planVersion"] = nil
            events[1].data["planHash"] = .string(String(repeating: "0", count: 64))
        }
        let file = try judged(events)
        let summary = try #require(file.summary)
        let row = try #require(try stage.ledger.rows(of: file.fileID, after: 422, limit: 1).first)
        let read = try stage.store.rows(of: file, summary).row(at: row.location, line: row.line)
        #expect(read.fields["amount"] == "2222222226.22")
        let figures = try Conservation(stage.ledger, standing: file)
        #expect(figures.balanced && figures.received.amount.text == "4222222222222.00")
        let run = try RunConservation(stage.ledger, judged: [], isStopped: false)
        #expect(run.isBalanced && run.json["in"]?["amount"] == "4222222222222.00")
        #expect(run.kept["in"]?["amount"] == "xxxxxxxxx2222.00", "or every run would be news")
        try stage.ledger.database.write {
            try $0.execute(sql: "UPDATE rows SET amount = amount - 100 WHERE row = 1")
        }
        #expect(try !Conservation(stage.ledger, standing: file).balanced)
    }
}
