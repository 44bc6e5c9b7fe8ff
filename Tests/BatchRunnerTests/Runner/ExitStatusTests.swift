import AuditLog
import GRDB
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

// Testing has an ExitStatus of its own.
private typealias Exit = BatchRunner.ExitStatus

@Suite("Exit codes")
struct ExitStatusTests {
    private static let order: [Int32] = [70, 75, 40, 20, 50, 30, 10, 0]

    @Test("The one of highest priority wins, in any company and any order")
    func priority() throws {
        let statuses = try Self.order.map { try #require(Exit(rawValue: $0)) }
        for (place, status) in statuses.enumerated() {
            let company = statuses[place...]
            #expect(Exit.winning(company) == status)
            #expect(Exit.winning(company.reversed()) == status)
            #expect(Exit.winning([status, status]) == status)
        }
        #expect(Exit.winning([Exit]()) == .allDone)
    }

    @Test("Every code is in the order, but for usage, which never meets another")
    func whole() {
        #expect(Set(Exit.allCases.map(\.rawValue)) == Set(Self.order + [64]))
        #expect(Set(Exit.allCases.map(\.summary)).count == Exit.allCases.count)
    }
}

@Suite("What a run tells, and the next one repeats")
struct LastRunTests {
    private let stage: LedgerStage

    init() throws { stage = try LedgerStage() }

    private func facts(since last: LastRun) throws -> LastRun? {
        try LastRun.facts(
            stage.ledger, stage.ledger.totals(), stage.ledger.requestTotals(), since: last)
    }

    @Test("Nothing happened yet: nothing to tell")
    func nothing() throws {
        #expect(try facts(since: LastRun(nil)) == nil)
        #expect(try LastRun(nil).statuses.isEmpty)
    }

    @Test("What was told is read back from the log's own words")
    func roundTrip() throws {
        let told = try LastRun(
            #"{"exit":30,"standing":[10,30],"verdictSequence":7,"refused":2}"#)
        #expect(told.statuses == [.rowsRefused, .fileRejected])
        #expect(told.verdictSequence == 7)
        #expect(told.refused == 2)
        #expect(try LastRun(JSONValue.object(told.json(.fileRejected)).text()) == told)
    }

    @Test("Verdicts are told once, and again only when new ones come")
    func verdicts() throws {
        var script = EventScript()
        script.claim("20261121-000001", name: "bad.csv")
        script.add(.fileRejected, file: "20261121-000001", data: ["verdict": "rejected"])
        try stage.apply(script.events)
        let first = try #require(try facts(since: LastRun(nil)))
        #expect(first.statuses == [.fileRejected])
        #expect(try facts(since: first) == nil)
        script.claim("20261121-000002", name: "in.csv")
        var batch = TypedBatch(rows: 2)
        batch.add("SKY9900000003", 600, phone: "9171234567")
        try script.accept("20261121-000002", batch: batch, on: stage)
        try stage.apply(script.events)
        let second = try #require(try facts(since: first))
        #expect(second.statuses == [.rowsRefused], "a partial batch; the rejected file is told")
        #expect(second.verdictSequence == 3)
    }

    @Test("A refusal is told when it comes, though no file is new")
    func refusals() throws {
        var script = EventScript()
        script.claim("20261121-000001", name: "in.csv")
        try script.accept("20261121-000001", batch: TypedBatch(rows: 2), on: stage)
        try stage.apply(script.events)
        let first = try #require(try facts(since: LastRun(nil)))
        #expect(first.statuses.isEmpty)
        script.payout("20261121-000001", 3, .intended(attempt: 1))
        script.payout("20261121-000001", 3, .refused, code: "-1022")
        try stage.apply(script.events)
        let second = try #require(try facts(since: first))
        #expect(second.statuses == [.rowsRefused])
        #expect(second.refused == 1)
        #expect(try facts(since: second) == nil)
    }

    @Test("A callback with wrong credentials counts as a rejected file, a good one as nothing")
    func callbacks() throws {
        var script = EventScript()
        for (number, verified) in [("1", true), ("2", false)] {
            script.claim("20261121-00000" + number, name: "callback.json")
            script.add(
                .callbackReceived, file: "20261121-00000" + number,
                data: ["verified": .boolean(verified), "response": [:]])
            try stage.apply(script.events)
            let expected: [Exit] = verified ? [] : [.fileRejected]
            #expect(try facts(since: LastRun(nil))?.statuses == expected)
        }
    }

    /// What a verdict means, from the whole file.
    private func statuses(of file: StoredFile) -> [Exit] {
        switch file.verdict {
        case .rejected, .quarantined: return [.fileRejected]
        case .partial: return [.rowsRefused]
        case .accepted, .duplicate, nil: return []
        case .answered:
            if file.details["raised"]?.booleanValue == true { return [.rowsOpen] }
            let isRead =
                file.details["verified"]?.booleanValue == true
                && file.details["malformed"]?.booleanValue != true
            return isRead ? [] : [.fileRejected]
        }
    }

    private static let callbackData: [JSONObject] = [
        ["verified": true], ["verified": false], [:], ["verified": .string("true")],
        ["verified": true, "malformed": true], ["verified": true, "malformed": false],
        ["verified": true, "malformed": .string("true")], ["verified": true, "raised": true],
        ["verified": false, "raised": true, "malformed": true],
        ["verified": true, "raised": .number("1")], ["verified": true, "raised": .null],
        ["verified": true, "nested": ["raised": true]],
    ]

    @Test("Kinds of verdicts say the same as the files themselves, from wherever it was told last")
    func kinds() throws {
        var script = EventScript()
        func claim() -> String {
            let file = "20261121-" + String(100_000 + script.events.count)
            script.claim(file, name: "in.csv", sha256: file)
            return file
        }
        for data in Self.callbackData {
            let file = claim()
            script.add(.callbackReceived, file: file, data: data)
        }
        let (rejected, duplicate) = (claim(), claim())
        script.add(.fileRejected, file: rejected, data: ["verdict": "rejected", "raised": true])
        script.add(.fileDuplicate, file: duplicate, data: ["verdict": "duplicate"])
        let (whole, partial) = (claim(), claim())
        try script.accept(whole, batch: TypedBatch(rows: 2), on: stage)
        var batch = TypedBatch(id: "B-2")
        batch.add("SKY9900000013", 600, phone: "9171234567")
        batch.add("SKY9900000014", 700)
        try script.accept(partial, batch: batch, on: stage)
        let last = claim()
        script.add(.callbackReceived, file: last, data: ["verified": true])
        let unjudged = claim()
        try stage.apply(script.events)
        #expect(try stage.ledger.file(unjudged)?.verdict == nil)
        for sequence in 0...UInt64(script.events.count) {
            let files = try stage.ledger.files(
                where: "verdictSequence > ? ORDER BY verdictSequence", [Int64(sequence)])
            let found = try stage.ledger.verdicts(after: sequence)
            #expect(found?.last == files.last?.verdictSequence)
            #expect(
                Set((found?.kinds ?? []).flatMap(\.statuses)) == Set(files.flatMap(statuses)),
                "after event \(sequence)")
        }
        let all = try #require(try stage.ledger.verdicts(after: 0))
        #expect(all.kinds.count == Set(all.kinds).count && all.kinds.count <= 8)
    }
}
