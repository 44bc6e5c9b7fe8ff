import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Logs of versions with other sentences")
struct PlanVersionTests {
    private let stage: LedgerStage
    private static let file = "20261121-000001"

    init() throws { stage = try LedgerStage() }

    /// A batch with two good rows and one bad one, as an event of this version.
    private func accepted(content: String? = nil) throws -> [Event] {
        var batch = TypedBatch(rows: 2)
        batch.add("SKY9900000003", 300, phone: "9171234567")
        var script = EventScript()
        script.claim(
            Self.file, name: "in.csv", sha256: SHA256Text.of(content ?? batch.text))
        try script.accept(Self.file, batch: batch, on: stage)
        return script.events
    }

    private func apply(
        _ events: [Event], changing change: (inout JSONObject) -> Void
    ) throws {
        var events = events
        change(&events[1].data)
        try stage.apply(events)
    }

    /// As the version wrote it whose hash covered sentences, all of which read otherwise today.
    private static func makeOld(_ data: inout JSONObject) {
        data["planVersion"] = nil
        data["planHash"] = .string(String(repeating: "0", count: 64))
        data["faults"] = .array(
            (data["faults"]?.arrayValue ?? []).map { fault in
                var fault = fault.objectValue ?? [:]
                fault["message"] = "in other words"
                return .object(fault)
            })
    }

    private func rows() throws -> [String] {
        try stage.ledger.rows(of: Self.file, after: 0, limit: 10).map(\.state)
    }

    @Test("A version that words its faults otherwise folds the log of this one")
    func reworded() throws {
        let (planner, store) = (stage.planner, stage.store)
        try stage.ledger.apply(try accepted()) { file, usedBefore, each in
            var tally: PlanTally?
            let text = try store.text(of: file)
            guard let summary = file.summary else { throw InvariantViolation("no summary") }
            tally = PlanTally(summary)
            _ = try planner.plan(text, usedBefore: usedBefore) { row in
                var row = row
                for index in row.faults.indices { row.faults[index].message = "reworded" }
                tally?.add(row, channel: nil)
                try each(row)
            }
            return tally?.finished() ?? PlanTotals()
        }
        #expect(try rows() == ["unsent", "unsent", "rejected"])
        let faults = try stage.ledger.rows(of: Self.file, after: 2, limit: 1).first?.faults
        #expect(faults == "phone: reworded")
    }

    @Test(
        "A site whose prefix or mode was changed since folds its old verdicts under their own rules"
    )
    func otherRules() throws {
        var events = try accepted()
        events[1].data["controlNumberPrefix"] = "SKY99"
        let planner = Planner(rules: PlanRules(mode: "live", controlNumberPrefix: "NEW01"))
        let rows = AcceptedRows(planner: planner, store: stage.store)
        try stage.ledger.apply(events, rows: rows.source)
        #expect(try self.rows() == ["unsent", "unsent", "rejected"])
    }

    @Test("The rules of a verdict stand in its event")
    func rulesInEvent() throws {
        let data = try accepted()[1].data
        #expect(data["mode"] == "test")
        let header = BatchHeader(
            batch: "B", action: "payoutQueue", mode: "test", count: 0, amount: nil)
        var verdict = BatchVerdict(
            BatchSummary(
                header: header, form: .typedCSV, rows: 0, faultyRows: 0, columns: [],
                total: .zero, textBytes: 0), PlanTotals(), .accepted, nil)
        verdict.controlNumberPrefix = "SKY99"
        #expect(verdict.data["controlNumberPrefix"] == "SKY99")
    }

    @Test("Another code, field or place is another plan")
    func sensitive() throws {
        let fault = Fault(line: 3, column: 4, field: "phone", code: "pattern", message: "m")
        var others = Array(repeating: fault, count: 4)
        others[0].code = "missing"
        others[1].field = "amount"
        others[2].line = 4
        others[3].column = 5
        let hashes = ([fault] + others).map { hash(of: $0) }
        #expect(Set(hashes).count == hashes.count)
    }

    private func hash(of fault: Fault) -> String {
        let header = BatchHeader(
            batch: "B", action: "payoutQueue", mode: "test", count: 1, amount: nil)
        var tally = PlanTally(
            BatchSummary(
                header: header, form: .typedCSV, rows: 1, faultyRows: 1, columns: [],
                total: .zero, textBytes: 0))
        tally.add(
            PlannedRow(
                number: 1, line: 3, location: RowLocation(offset: 0, length: 1), faults: [fault]),
            channel: nil)
        return tally.finished().planHash
    }

    @Test("The first version's hash is accepted, made anew or with its sentences reworded since")
    func older() throws {
        try apply(try accepted()) { Self.makeOld(&$0) }
        #expect(try rows() == ["unsent", "unsent", "rejected"])
    }

    @Test("The first version's hash is made as it was then")
    func oldHash() throws {
        let events = try accepted()
        let plan = try stage.planner.plan(
            BatchText(
                path: stage.temporary.site.file(Self.file), name: "in.csv", sha256: "",
                sideFile: nil), version: .sentences, usedBefore: { _ in false }
        ) { _ in }
        guard case .whole(_, let totals) = plan else { throw InvariantViolation("not whole") }
        try apply(events) {
            $0["planVersion"] = nil
            $0["planHash"] = .string(totals.planHash)
            // Were the hash not looked at, these would not agree.
            $0["faults"] = []
        }
        #expect(try rows() == ["unsent", "unsent", "rejected"])
    }

    @Test("Reworded or not, other bytes, figures or faults than the event's stop everything")
    func differing() throws {
        #expect(throws: InvariantViolation.self) {
            try apply(try accepted(content: "other")) { Self.makeOld(&$0) }
        }
        let changes: [@Sendable (inout JSONObject) -> Void] = [
            { $0["counts"] = ["total": 3, "accepted": 1, "rejected": 2] },
            { $0["amounts"] = ["total": "6.00", "accepted": "3.01", "rejected": "2.99"] },
            { $0["faults"] = [] },
            { $0["planVersion"] = 2 },
            { $0["planVersion"] = 3 },
        ]
        for change in changes {
            try DurableFiles.remove(stage.temporary.site.file(Self.file))
            let events = try accepted()
            #expect(throws: InvariantViolation.self) {
                try apply(events) {
                    Self.makeOld(&$0)
                    change(&$0)
                }
            }
        }
        #expect(try rows().isEmpty)
    }
}
