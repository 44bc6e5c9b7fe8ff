import AuditLog
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

@Suite("Folding events into the ledger")
struct LedgerFoldTests {
    private let stage: LedgerStage
    private let events: [Event]
    private static let file = "20261121-000001"

    init() throws {
        stage = try LedgerStage()
        events = try Self.script(stage)
    }

    /// One of everything: a batch whose rows go six ways, a callback, files that are not batches.
    private static func script(_ stage: LedgerStage) throws -> [Event] {
        var script = EventScript()
        script.add(
            EventDraft(
                type: "auditlog.created", actor: "auditlog", outcome: .success, origin: "host"))
        script.claim(file, name: "in.csv", sha256: "ab")
        script.add(.fileJudging, file: file)
        var batch = TypedBatch(rows: 5)
        batch.add("SKY9900000006", 600, phone: "9171234567")
        try script.accept(file, batch: batch, on: stage)
        script.add(
            PreparedResponse(
                fileID: file, kind: .acknowledgement, name: "in.csv.ack.json", sha256: "cd",
                bytes: 7
            ).draft(LedgerStage.author))
        payouts(&script)
        otherFiles(&script)
        script.add(
            .responsePublished, file: file, data: ["name": "in.csv.ack.json", "sha256": "cd"])
        script.add(
            PreparedResponse(
                fileID: file, kind: .resultTable, name: "in.csv.result.csv", sha256: "ef", bytes: 9
            ).draft(LedgerStage.author))
        script.add(
            LedgerStage.author.draft(
                .runFinished, data: ["exit": 20, "standing": [10], "verdictSequence": 3]))
        return script.events
    }

    private static func payouts(_ script: inout EventScript) {
        for line in 3...7 { script.payout(file, line, .intended(attempt: 1)) }
        script.payout(file, 3, .accepted, code: "1000")
        script.payout(file, 4, .refused, code: "-1022")
        script.payout(file, 5, .unknown(numberInUse: false))
        script.payout(file, 5, .queried(found: false), source: "query")
        script.payout(file, 5, .queried(found: false), source: "query")
        script.payout(file, 5, .intended(attempt: 2))
        script.payout(file, 5, .unknown(numberInUse: true), code: "-1008")
        script.payout(file, 5, .held(possiblySent: true), source: "query")
        script.payout(file, 6, .suspended, code: "-1002")
        script.payout(file, 6, .unsent, source: "probe")
        script.payout(file, 6, .intended(attempt: 2))
        script.payout(file, 6, .accepted, code: "1000")
        script.payout(file, 6, .queried(found: true), source: "query")
        script.payout(file, 6, .paid, source: "query")
        script.payout(file, 7, .accepted, code: "1000")
        script.payout(file, 7, .reported, source: "callback")
        script.payout(file, 7, .queried(found: true), source: "query")
        script.payout(file, 7, .failed, source: "query")
    }

    private static func otherFiles(_ script: inout EventScript) {
        script.claim("20261121-000002", name: "callback.json")
        script.add(
            .callbackReceived, file: "20261121-000002",
            data: [
                "kind": "callback", "action": "payoutQueuePayout", "verified": true,
                "key": "SKY9900000005|2|2026-11-21 10:00:00", "response": ["responseCode": "1000"],
            ])
        script.claim("20261121-000003", name: "bad.csv")
        script.add(
            .fileRejected, file: "20261121-000003",
            data: ["verdict": "rejected", "reason": "no", "faults": []])
        script.add(
            .fileQuarantined, file: "20261121-000004",
            data: ["verdict": "quarantined", "name": "fifo", "reason": "a FIFO"])
        script.claim("20261121-000005", name: "in.csv", sha256: "ab")
        script.add(
            .fileDuplicate, file: "20261121-000005",
            data: ["verdict": "duplicate", "duplicateOf": .string(file)])
    }

    @Test("An event of ours that this version does not know is not passed over; others' are")
    func laterVersion() throws {
        func event(_ type: String) -> Event {
            Event(
                sequence: 0, time: "2026-11-21T00:00:00.000000+08:00",
                draft: EventDraft(type: type, actor: "a", outcome: .success, origin: "o"))
        }
        for prefix in EventType.reservedPrefixes {
            #expect(throws: InvariantViolation.self) {
                try stage.apply([event(prefix + "of-a-later-version")])
            }
        }
        #expect(try stage.ledger.nextSequence() == 0)
        try stage.apply([event("shop.opened")])
        #expect(try stage.ledger.nextSequence() == 1)
    }

    @Test("A script of events gives the tables it should")
    func tables() throws {
        try stage.apply(events)
        let ledger = stage.ledger
        #expect(try ledger.nextSequence() == UInt64(events.count))
        #expect(
            try ledger.totals().mapValues(\.rows) == [
                "accepted": 1, "refused": 1, "held": 1, "paid": 1, "failed": 1, "rejected": 1,
            ])
        #expect(try ledger.totals(of: Self.file)["held"]?.amount.text == "3.00")
        let verdicts = try ledger.files(where: "1 ORDER BY fileId").map(\.verdict)
        #expect(verdicts == [.partial, .answered, .rejected, .quarantined, .duplicate])
        #expect(try ledger.file(Self.file)?.acknowledged == true)
        #expect(try ledger.file(Self.file)?.judgings == 1)
        #expect(try ledger.file("20261121-000005")?.duplicateOf == Self.file)
        #expect(try ledger.responsesToPublish().map(\.name) == ["in.csv.result.csv"])
        #expect(try ledger.isKnownCallback("SKY9900000005|2|2026-11-21 10:00:00"))
        #expect(try ledger.lastRun()?.contains(#""exit":20"#) == true)
    }

    @Test("Rows keep what was answered, and the outcome that was first")
    func outcomes() throws {
        try stage.apply(events)
        let rows = try stage.ledger.rows(of: Self.file, after: 0, limit: 100)
        #expect(rows.map(\.line) == [3, 4, 5, 6, 7, 8])
        #expect(
            rows.map(\.outcome) == ["accepted", "refused", "held", "accepted", "accepted", nil])
        #expect(rows.map(\.final) == [nil, nil, nil, "paid", "failed", nil])
        #expect(rows.map(\.outcomeAttempts) == [1, 1, 2, 2, 1, 0])
        #expect(rows.map(\.outcomeCode) == ["1000", "-1022", nil, "1000", "1000", nil])
        #expect(rows.map(\.record.possiblySent) == [false, false, true, false, false, false])
        #expect(rows.map { $0.faults == nil } == [true, true, true, true, true, false])
        #expect(rows[2].record.numberInUse)
        #expect(rows.map(\.amount.centavos) == [100, 200, 300, 400, 500, 600])
    }

    @Test("Events in one group, one by one, and repeated give the same ledger")
    func grouping() throws {
        try stage.apply(events)
        let whole = try stage.dump
        let single = try Ledger(path: stage.temporary.site.resolve("state/single.sqlite"))
        for event in events { try single.apply([event], rows: stage.rows) }
        #expect(try LedgerStage.dump(single) == whole)
        for length in stride(from: 1, through: events.count, by: 5) {
            try single.apply(Array(events.prefix(length)), rows: stage.rows)
        }
        try single.apply(events, rows: stage.rows)
        #expect(try LedgerStage.dump(single) == whole)
    }

    @Test("A group that fails half-way through leaves nothing of itself")
    func brokenGroup() throws {
        for count in [1, 5, 20] {
            try stage.apply(Array(events.prefix(count)))
            let before = try stage.dump
            let broken = events[count...].prefix(3) + [Self.impossible(count + 3)]
            #expect(throws: InvariantViolation.self) { try stage.apply(Array(broken)) }
            #expect(try stage.dump == before)
        }
    }

    @Test("A fold that stops after any event goes on to the same ledger")
    func interrupted() throws {
        try stage.apply(events)
        let whole = try stage.dump
        for count in 0...events.count {
            let path = stage.temporary.site.resolve("state/stopped-\(count).sqlite")
            do { try Ledger(path: path).apply(Array(events.prefix(count)), rows: stage.rows) }
            let resumed = try Ledger(path: path)
            #expect(try resumed.nextSequence() == UInt64(count))
            try resumed.apply(events, rows: stage.rows)
            #expect(try LedgerStage.dump(resumed) == whole, "stopped after \(count) events")
        }
    }

    /// An event nothing can be folded from, under a high number.
    private static func impossible(_ sequence: Int) -> Event {
        var script = EventScript()
        for _ in 0...sequence { script.add(.responsePrepared, file: "no such file") }
        return script.events[sequence]
    }

    @Test("An answer to what was never intended stops the fold and changes nothing")
    func neverIntended() throws {
        let accepted = events.firstIndex { $0.type == "batch.accepted" } ?? 0
        try stage.apply(Array(events[...accepted]))
        let before = try stage.dump
        var script = EventScript()
        for _ in 0...accepted + 1 { script.payout(Self.file, 3, .accepted, code: "1000") }
        #expect(throws: InvariantViolation.self) { try stage.apply([script.events[accepted + 1]]) }
        #expect(try stage.dump == before)
    }

    @Test("A private copy that gives another plan than the event names stops the fold")
    func otherPlan() throws {
        let accepted = try #require(events.firstIndex { $0.type == "batch.accepted" })
        var other = TypedBatch(rows: 5)
        other.rows[4].centavos = 501
        other.add("SKY9900000006", 599, phone: "9171234567")
        try stage.temporary.write("state/files/" + Self.file, other.text)
        try stage.apply(Array(events[..<accepted]))
        #expect(throws: InvariantViolation.self) { try stage.apply([events[accepted]]) }
        #expect(try stage.ledger.nextSequence() == UInt64(accepted))
        #expect(try stage.ledger.totals().isEmpty)
    }

    @Test("A second file cannot take a control number that is taken")
    func usedNumber() throws {
        try stage.apply(events)
        let used = try stage.ledger.withLookup(exceptIn: "other") { usedBefore in
            try ["SKY9900000001", "SKY9900000006", "SKY9900000009"].map {
                try usedBefore(.control($0))
            }
        }
        #expect(used == [true, false, false], "a rejected row takes nothing")
        let own = try stage.ledger.withLookup(exceptIn: Self.file) {
            try $0(.control("SKY9900000001"))
        }
        #expect(!own)
    }

    @Test("A late fact about a settled row leaves its final outcome alone")
    func lateFacts() throws {
        try stage.apply(events)
        var script = EventScript()
        for _ in events { script.add(.fileJudging, file: Self.file) }
        for fact in [PayoutFact.paid, .failed, .accepted, .cancelled] {
            for line in 4...7 { script.payout(Self.file, line, fact, source: "callback") }
        }
        for fact in [PayoutFact.accepted, .refused, .held(possiblySent: true)] {
            script.payout(Self.file, 3, fact, code: "-1008", source: "query")
        }
        let before = try stage.ledger.rows(of: Self.file, after: 0, limit: 100)
        try stage.apply(Array(script.events[events.count...]))
        let after = try stage.ledger.rows(of: Self.file, after: 0, limit: 100)
        #expect(after.map(\.state) == before.map(\.state))
        #expect(after.map(\.outcome) == before.map(\.outcome))
        #expect(after.map(\.outcomeAt) == before.map(\.outcomeAt), "a result stays as it was")
        #expect(after.map(\.outcomeCode) == before.map(\.outcomeCode))
        #expect(after.map(\.final) == before.map(\.final))
        #expect(after.map(\.finalAt) == before.map(\.finalAt))
    }
}
