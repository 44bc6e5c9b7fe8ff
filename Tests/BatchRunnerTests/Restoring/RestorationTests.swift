import AuditLog
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

@Suite("A site that was put back to an older state")
struct RestorationTests {
    private static let policy = PayoutPolicy(
        queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
        refuseOnInsufficientBalance: false)

    @Test(
        "What looks unsent is asked about twice before it is sent", arguments: PayoutState.allCases)
    func payouts(_ state: PayoutState) throws {
        let record = PayoutRecord(state: state, attempts: state == .unsent ? 0 : 1)
        guard var next = record.doubted(at: 1_000) else {
            #expect(record.nextStep(now: 1_000, policy: Self.policy) != .send, "\(state) is sent")
            return
        }
        if state == .held {
            #expect(next.state == .held && next.possiblySent && next.numberInUse)
            #expect(next.nextStep(now: 1_299, policy: Self.policy) != .send)
            return
        }
        #expect(next.state == .unknown)
        #expect(next.attempts == record.attempts)
        #expect(next.nextStep(now: 1_299, policy: Self.policy) == .wait(until: 1_300))
        #expect(next.nextStep(now: 1_300, policy: Self.policy) == .query)
        next = try next.applying(.queried(found: false), at: 1_300)
        #expect(next.nextStep(now: 3_099, policy: Self.policy) == .wait(until: 3_100))
        #expect(next.nextStep(now: 3_100, policy: Self.policy) == .query)
        next = try next.applying(.queried(found: false), at: 3_100)
        #expect(next.nextStep(now: 3_100, policy: Self.policy) == .send)
        next = try next.applying(.intended(attempt: record.attempts + 1), at: 3_100)
        #expect(next.state == .intended)
    }

    @Test("Two queries from before the loss do not allow a second send; a day alone holds nothing")
    func forgotten() throws {
        let record = PayoutRecord(
            state: .unknown, attempts: 1, possiblySent: true, timesNotFound: 2, lastSentAt: 10,
            lastQueriedAt: 900, unknownSince: 20)
        #expect(record.nextStep(now: 1_000, policy: Self.policy) == .send)
        let next = try #require(record.doubted(at: 1_000))
        #expect(next.nextStep(now: 1_000, policy: Self.policy) == .wait(until: 2_800))
        #expect(next.unknownSince == 20)
        let unsent = try #require(PayoutRecord().doubted(at: 1_000))
        #expect(!unsent.isOverdue(now: 1_000_000))
    }

    @Test("Never to send again what may have been sent says nothing of what never left here")
    func neverAgain() throws {
        var policy = Self.policy
        policy.resendAfterQuery = false
        for attempts in [0, 1] {
            var record = try #require(
                PayoutRecord(state: attempts == 0 ? .unsent : .suspended, attempts: attempts)
                    .doubted(at: 1_000))
            record = try record.applying(.queried(found: false), at: 1_300)
            record = try record.applying(.queried(found: false), at: 3_100)
            let step = record.nextStep(now: 3_100, policy: policy)
            if attempts == 0 {
                #expect(step == .send)
            } else if case .hold = step {
            } else {
                Issue.record("\(step)")
            }
        }
    }

    @Test(
        "Found, and nobody can say whose it is: for a person after a day, like any that is unknown")
    func foundAndUnclear() throws {
        var record = try #require(PayoutRecord().doubted(at: 1_000))
        record = try record.applying(.queried(found: true), at: 1_300)
        #expect(!record.isOverdue(now: 1_299 + 86_400))
        #expect(record.isOverdue(now: 1_300 + 86_400))
        #expect(record.nextStep(now: 1_300 + 1_800, policy: Self.policy) == .query)
        record = try record.applying(.queried(found: true), at: 1_300 + 86_400)
        guard case .hold = record.nextStep(now: 1_301 + 86_400, policy: Self.policy) else {
            Issue.record("it is asked about for ever")
            return
        }
    }

    @Test("Only transfers, and amendments that were there, are given to a person")
    func requests() {
        func doubted(
            _ family: ActionFamily, _ action: SkyPayAction, isNew: Bool, _ state: RequestState
        ) -> RequestState? {
            RequestRecord(family: family, state: state).doubted(action.rawValue, isNew: isNew)?
                .state
        }
        for state in [RequestState.unsent, .suspended] {
            #expect(doubted(.transfer, .balanceTransfer, isNew: false, state) == .held)
            #expect(doubted(.transfer, .balanceTransfer, isNew: true, state) == .held)
            #expect(doubted(.order, .amendTransactionV2, isNew: false, state) == .held)
            #expect(doubted(.order, .amendTransactionV2, isNew: true, state) == nil)
            #expect(doubted(.order, .cancelPayout, isNew: false, state) == nil)
            #expect(doubted(.enquiry, .balanceQuery, isNew: false, state) == nil)
            #expect(doubted(.barCode, .generate711Barcode, isNew: false, state) == nil)
        }
        for state in RequestState.allCases where state != .unsent && state != .suspended {
            #expect(doubted(.transfer, .balanceTransfer, isNew: false, state) == nil)
        }
    }

    @Test("Files are asked about for a week, or for as long as the time that was lost")
    func caution() {
        let (day, now) = (Int64(86_400), Int64(1_795_190_400))
        #expect(Restoration.until(at: now, lastSeen: nil) == now + 7 * day)
        #expect(Restoration.until(at: now, lastSeen: now - day) == now + 7 * day)
        #expect(Restoration.until(at: now, lastSeen: now - 30 * day) == now + 30 * day)
        #expect(Restoration.until(at: now, lastSeen: 0) == now + 365 * day)
        #expect(Restoration.until(at: now, lastSeen: now + day) == now + 7 * day)
        let restoration = Restoration(at: now, until: now + 7 * day)
        #expect(restoration.concerns(now - 1), "within the second that was rounded up")
        #expect(restoration.concerns(now + 7 * day - 1))
        #expect(!restoration.concerns(now + 7 * day))
    }

    @Test("The name of a call tells when it was made")
    func calls() {
        let name = "call-balanceTransfer-20261121T120000-abcdefgh.json"
        #expect(DroppedCall.madeAt(name) == EventTime.unixSeconds("2026-11-21T12:00:00+08:00"))
        for other in ["call-balanceTransfer-20261121T1200-abcdefgh.json", "call.json", "pay.csv"] {
            #expect(DroppedCall.madeAt(other) == nil, "\(other)")
        }
    }

    private static func restored(until: String) -> EventDraft {
        LedgerStage.author.draft(.ledgerRestored, data: ["until": .string(until)])
    }

    @Test("The fold moves every row by the pure rule, now and in files that come, until it is over")
    func fold() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        let (first, second, third) = ("20261121-000001", "20261121-000002", "20261121-000003")
        script.claim(first, name: "a.csv")
        try script.accept(first, batch: TypedBatch(rows: 5), on: stage)
        script.payout(first, 3, .intended(attempt: 1))
        script.payout(first, 3, .accepted, code: "1000")
        script.payout(first, 4, .intended(attempt: 1))
        script.payout(first, 4, .unknown(numberInUse: false))
        script.payout(first, 4, .queried(found: false))
        script.payout(first, 4, .queried(found: false))
        script.payout(first, 5, .intended(attempt: 1))
        script.payout(first, 5, .suspended, code: "-1002")
        try stage.apply(script.events)
        let before = try stage.ledger.rows(of: first, after: 0, limit: 10)
        #expect(before.map(\.state) == ["accepted", "unknown", "suspended", "unsent", "unsent"])

        script.add(Self.restored(until: "2026-11-21T00:02:10+08:00"))
        let event = try #require(script.events.last)
        let at = try #require(EventTime.unixSeconds(event.time))
        try stage.apply(script.events)
        let after = try stage.ledger.rows(of: first, after: 0, limit: 10)
        #expect(after.map(\.record) == before.map { $0.record.doubted(at: at) ?? $0.record })
        #expect(after.map(\.state) == ["accepted", "unknown", "unknown", "unknown", "unknown"])
        #expect(try stage.ledger.rowsToSend(after: nil, limit: 10).isEmpty)

        script.claim(second, name: "b.csv", sha256: "bb")
        try script.accept(
            second, batch: TypedBatch(rows: 2, id: "B-2", firstNumber: 11), on: stage)
        try stage.apply(script.events)
        let states = try stage.ledger.rows(of: second, after: 0, limit: 10).map(\.state)
        #expect(states == ["unknown", "unknown"])
        let due = try stage.ledger.rowsToAsk(.inTurn, now: at + 300, policy: Self.policy, limit: 9)
        #expect(due.map(\.key.fileID).filter { $0 == second }.count == 2)

        // The third comes when it is over: 130 s, or 13 events, after the first.
        script.claim(third, name: "c.csv", sha256: "cc")
        try script.accept(third, batch: TypedBatch(rows: 1, id: "B-3", firstNumber: 21), on: stage)
        try stage.apply(script.events)
        #expect(script.events.last?.time.contains("00:02:2") == true)
        #expect(try stage.ledger.rowsToSend(after: nil, limit: 10).map(\.key.fileID) == [third])
    }

    @Test(
        "What an older log says of two restorations is folded as it was lived, down to what was sent"
    )
    func twice() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        let (first, second) = ("20261121-000001", "20261121-000002")
        script.add(Self.restored(until: "2026-11-21T00:05:00+08:00"))
        // A version before this one let the second end the first sooner.
        script.add(Self.restored(until: "2026-11-21T00:00:20+08:00"))
        script.add(.runFinished, file: first)
        script.claim(first, name: "t.csv")
        let transfer = """
            H,batch=T-1,action=balanceTransfer,mode=test
            C,transferFrom,transferTo,amount
            D,SKY99,SKY98,10.00
            T,count=1,amount=10.00

            """
        try script.accept(first, text: transfer, name: "t.csv", batch: "T-1", on: stage)
        script.claim(second, name: "b.csv", sha256: "bb")
        try script.accept(second, batch: TypedBatch(rows: 1), on: stage)
        script.payout(second, 3, .intended(attempt: 1))
        script.payout(second, 3, .refused, code: "-1022")
        try stage.apply(script.events)
        let row = try #require(try stage.ledger.row(RowKey(fileID: second, row: 1)))
        #expect(row.record.state == .refused && !row.record.possiblySent)
        let request = try stage.ledger.request(RowKey(fileID: first, row: 1))
        #expect(request?.record.state == .unsent)
    }

    @Test(
        "What was held and not sent may have been sent by a word in the lost time; an older log says nothing of it",
        arguments: [false, true])
    func held(_ saysSo: Bool) throws {
        let stage = try LedgerStage()
        var script = EventScript()
        let file = "20261121-000001"
        script.claim(file, name: "a.csv")
        try script.accept(file, batch: TypedBatch(rows: 1), on: stage)
        script.payout(file, 3, .intended(attempt: 1))
        script.payout(file, 3, .suspended, code: "-1000")
        script.payout(file, 3, .held(possiblySent: false), code: "-1000")
        var draft = Self.restored(until: "2026-11-28T00:00:00+08:00")
        if saysSo { draft.data["heldRows"] = .number("1") }
        script.add(draft)
        try stage.apply(script.events)
        let row = try #require(try stage.ledger.row(RowKey(fileID: file, row: 1)))
        #expect(row.record.state == .held)
        #expect(row.record.possiblySent == saysSo && row.record.numberInUse == saysSo)
        #expect((row.record.askingTurn != nil) == saysSo)
        // Its report is worth a question, and what the question finds is a person's.
        let reported = try row.record.applying(.reported, at: 2_000_000_000)
        #expect(reported.queryAsked == saysSo)
    }

    @Test("A site that was put back and is moved afterwards is still one that was put back")
    func movedAfterwards() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        script.add(Self.restored(until: "2026-11-28T00:00:00+08:00"))
        script.add(
            LedgerStage.author.draft(.ledgerMoved, data: ["by": "Ana", "keeps": .boolean(true)]))
        try stage.apply(script.events)
        #expect(try stage.ledger.restoration() != nil)
    }

    @Test("Whoever says that the site was only moved ends it for files that come")
    func moved() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        script.add(Self.restored(until: "2026-11-28T00:00:00+08:00"))
        script.add(LedgerStage.author.draft(.ledgerMoved, data: ["by": "Ana"]))
        script.claim("20261121-000001", name: "a.csv")
        try script.accept("20261121-000001", batch: TypedBatch(rows: 2), on: stage)
        try stage.apply(script.events)
        #expect(try stage.ledger.restoration() == nil)
        #expect(try stage.ledger.rowsToSend(after: nil, limit: 10).count == 2)
    }
}
