import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("What SkyPay turns away though it answers balance queries")
struct TurnedAwayTests {
    private static let key = RowKey(fileID: SendingStage.file, row: 1)

    /// Sends the only row once more, is turned away, and asks for the balance.
    private func turnAway(
        _ stage: SendingStage, _ attempt: Int, _ code: String = "-1002", isSealed: Bool = true,
        balanceAnswers answer: String = "1000"
    ) async throws {
        if try stage.ledger.request(Self.key) != nil {
            try await stage.recordRequest(Self.key, .intended(attempt: attempt))
            try await stage.recordRequest(Self.key, .suspended, code: code, isSealed: isSealed)
        } else {
            try await stage.record(1, .intended(attempt: attempt))
            var note = try #require(try stage.ledger.row(Self.key))
                .note(.suspended, batch: "B-1", code: code)
            note.wasDecrypted = isSealed
            try await stage.journal.record([note.draft(LedgerStage.author)])
        }
        let client = stage.client { _ in ScriptedProvider.coded(answer, ["balance": "1.00"]) }
        _ = try await stage.probe(client).settle()
    }

    /// Turned away three times, the last time more than a day after the first.
    private func turnAwayForADay(
        _ stage: SendingStage, _ code: String = "-1002", isSealed: Bool = true
    ) async throws {
        try await turnAway(stage, 1, code, isSealed: isSealed)
        stage.clock.advance(PayoutPolicy.turnedAwayLimitSeconds - 60)
        try await turnAway(stage, 2, code, isSealed: isSealed)
        stage.clock.advance(120)
        try await turnAway(stage, 3, code, isSealed: isSealed)
    }

    @Test("A payout is unsent again for a day, whatever comes in between")
    func unsentForADay() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await turnAway(stage, 1)
        let since = try #require(try stage.ledger.turnedAwaySince("payoutQueue"))
        try await stage.record(1, .intended(attempt: 2), .unsent)
        stage.clock.advance(PayoutPolicy.turnedAwayLimitSeconds - 60)
        try await turnAway(stage, 3)
        #expect(try stage.state(1)?.state == .unsent)
        #expect(try stage.ledger.turnedAwaySince("payoutQueue") == since)
    }

    @Test("The day is the action's: of a batch that is tried row by row every row is held after it")
    func dayOfTheAction() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 3)
        func turnAway(_ row: Int) async throws {
            try await stage.record(
                row, .intended(attempt: (try stage.state(row)?.attempts ?? 0) + 1))
            let key = RowKey(fileID: SendingStage.file, row: row)
            var note = try #require(try stage.ledger.row(key))
                .note(.suspended, batch: "B-1", code: "-1002")
            note.wasDecrypted = true
            try await stage.journal.record([note.draft(LedgerStage.author)])
            let client = stage.client { _ in ScriptedProvider.coded("1000", ["balance": "1.00"]) }
            _ = try await stage.probe(client).settle()
        }
        try await turnAway(1)
        stage.clock.advance(PayoutPolicy.turnedAwayLimitSeconds + 60)
        for row in 1...3 {
            try await turnAway(row)
            #expect(try stage.state(row)?.state == .held)
        }
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("One that SkyPay takes again ends it", arguments: [PayoutFact.accepted, .refused])
    func takenAgain(_ fact: PayoutFact) async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 2)
        try await turnAway(stage, 1)
        try await stage.record(2, .intended(attempt: 1), fact)
        #expect(try stage.ledger.turnedAwaySince("payoutQueue") == nil)
        stage.clock.advance(PayoutPolicy.turnedAwayLimitSeconds + 60)
        try await turnAway(stage, 2)
        #expect(try stage.state(1)?.state == .unsent)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test(
        "After a day it is a person's, and may have been sent unless every such answer came sealed",
        arguments: ["-1002", "-1032"], [true, false])
    func heldAfterADay(_ code: String, _ isSealed: Bool) async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await turnAwayForADay(stage, code, isSealed: isSealed)
        let row = try #require(try stage.ledger.row(Self.key))
        #expect(row.record.state == .held && row.record.possiblySent == !isSealed)
        #expect(row.lastDescription?.contains(code) == true)
        #expect(row.outcome == "held" && row.outcomeCode == code)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("Sent again by a person's word and turned away again, it is a person's again, at once")
    func resent() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await turnAwayForADay(stage)
        try await stage.record(1, .resolved(.resend))
        #expect(try stage.state(1)?.state == .unsent)
        try await turnAway(stage, 4)
        #expect(try stage.state(1)?.state == .held)
    }

    @Test("While the installation is refused as a whole no day begins")
    func misconfigured() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await turnAway(stage, 1, balanceAnswers: "-1002")
        #expect(try stage.ledger.turnedAwaySince("payoutQueue") == nil)
        stage.clock.advance(3 * PayoutPolicy.turnedAwayLimitSeconds)
        // The last requests before SkyPay knows us again, and the first balance query after.
        try await turnAway(stage, 2)
        #expect(try stage.state(1)?.state == .unsent)
    }

    @Test("An order is held as a payout is", arguments: [true, false])
    func order(_ isSealed: Bool) async throws {
        let stage = try await SendingStage()
        try await stage.takeCancellation(of: "SKY9900000001")
        try await turnAwayForADay(stage, isSealed: isSealed)
        let row = try stage.request()
        #expect(row.record.state == .held && row.record.possiblySent == !isSealed)
        #expect(row.isCertainlyUndone == isSealed)
        #expect(row.lastDescription?.contains("-1002") == true)
    }

    @Test("A transfer that SkyPay's own answer turned away is held, and certainly was not made")
    func transfer() async throws {
        let stage = try await SendingStage()
        try await stage.takeTransfer(of: "1000.00")
        try await turnAwayForADay(stage)
        #expect(try stage.request().isCertainlyUndone)
    }

    @Test("A question is refused: nothing is lost by asking it in another file")
    func question() async throws {
        let stage = try await SendingStage()
        try await stage.take(
            """
            H,batch=Q-1,action=getCatalog,mode=test
            C,catalogType
            D,getBankCode
            T,count=1

            """, batch: "Q-1")
        try await turnAwayForADay(stage)
        let row = try stage.request()
        #expect(row.record.state == .refused && row.outcomeCode == "-1002")
        #expect(row.lastDescription?.contains("-1002") == true)
    }

    /// Two payouts for pick-up.
    private static let pickUps = [
        "H,batch=B-2,action=payoutQueueV2,mode=test",
        "C,controlNumber,name,birthday,identificationId,identificationTypeId,phone,"
            + "idcardPicType,idcardPicUrl,location,withdrawChannel,amount",
        "D,SKY9900002001,\"Bago,Uno\",1990-01-31,ID-7,1,09171234567,"
            + "jpg,https://example.test/1.jpg,Manila,1,1.00",
        "D,SKY9900002002,\"Bago,Dos\",1990-01-31,ID-8,1,09171234567,"
            + "jpg,https://example.test/2.jpg,Manila,1,1.00",
        "T,count=2,amount=2.00", "",
    ].joined(separator: "\n")

    @Test("Actions that are left out are passed over by files, however many rows they have")
    func passedOver() async throws {
        let stage = try await SendingStage()
        try await stage.take(TypedBatch(rows: 600).text, batch: "B-1")
        try await stage.take(Self.pickUps, batch: "B-2", as: "20261121-000002")
        let client = stage.client { _ in ScriptedProvider.coded("1000") }
        let dispatcher = stage.dispatcher(client)
        #expect(try await dispatcher.hasWork(leavingOut: [.payoutQueueV2]))
        #expect(try await !dispatcher.hasWork(leavingOut: [.payoutQueue, .payoutQueueV2]))
        let report = try await dispatcher.dispatch(
            until: StopRequest(), leavingOut: [.payoutQueue])
        #expect(report.sent == 2)
        #expect(try stage.ledger.rowsToSend(after: nil, limit: 1_000).count == 600)
    }
}
