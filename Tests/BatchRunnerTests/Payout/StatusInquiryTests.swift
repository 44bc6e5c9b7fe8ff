import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Asking about payouts")
struct StatusInquiryTests {
    private static let number = "SKY9900000001"

    /// One payout whose answer never came, so many seconds ago.
    private func stage(unknownFor seconds: Int64) async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .unknown(numberInUse: false))
        stage.clock.advance(seconds)
        return stage
    }

    private func ask(
        _ stage: SendingStage, _ answer: @escaping @Sendable (JSONObject) throws -> JSONValue
    ) async throws -> StatusInquiry.Asked {
        try await stage.inquiry(stage.client(answer)).ask(until: StopRequest())
    }

    @Test("After a day it is asked before it is given to a person: what SkyPay knows needs nobody")
    func askedFirst() async throws {
        let stage = try await stage(unknownFor: 86_400)
        let asked = try await ask(stage) { request in
            #expect(request.askedNumbers == [Self.number])
            return ScriptedProvider.statuses([(Self.number, "1")])
        }
        #expect(asked == StatusInquiry.Asked(answers: 1, obstacle: nil))
        #expect(try stage.state(1)?.state == .paid)
        #expect(
            try stage.ledger.rows(of: SendingStage.file, after: 0, limit: 1).first?.outcome
                == "accepted", "the result never says held")
    }

    @Test("After a day what SkyPay does not know, or does not answer about, goes to a person")
    func heldAfterwards() async throws {
        let unknown = try await stage(unknownFor: 86_400)
        #expect(try await ask(unknown) { _ in ScriptedProvider.statuses([]) }.obstacle == nil)
        #expect(try unknown.state(1)?.state == .held)
        #expect(try unknown.state(1)?.timesNotFound == 1)

        let silent = try await stage(unknownFor: 86_400)
        #expect(try await ask(silent) { _ in ScriptedProvider.coded("-9999") }.isInVain)
        #expect(try silent.state(1)?.state == .held)
        #expect(try silent.state(1)?.possiblySent == true)
    }

    @Test("Less than a day: a failed query says nothing of the row, and counts as asked")
    func failedQuery() async throws {
        let stage = try await stage(unknownFor: 86_399)
        var expected = try #require(try stage.state(1))
        #expect(try await ask(stage) { _ in ScriptedProvider.coded("-1009") }.isInVain)
        expected.lastQueriedAt = stage.clock.unixSeconds()
        expected.timesUnanswered = 1
        #expect(try stage.state(1) == expected)
    }

    @Test("An answer about other numbers is not an answer that did not find ours")
    func foreign() async throws {
        let stage = try await stage(unknownFor: 300)
        let obstacle = try await ask(stage) { _ in
            ScriptedProvider.statuses([("SKY9900000009", "1"), ("sky9900000001", "1")])
        }.obstacle
        #expect(obstacle?.contains("not asked about") == true)
        #expect(try stage.state(1)?.timesNotFound == 0)
        #expect(try stage.state(1)?.state == .unknown)
    }

    @Test("Cancelled with and without a cancel time in one answer says nothing")
    func twoCancellations() async throws {
        let stage = try await stage(unknownFor: 300)
        _ = try await ask(stage) { _ in
            ScriptedProvider.coded(
                "1000",
                [
                    "payouts": [
                        ["controlNumber": .string(Self.number), "status": "3"],
                        [
                            "controlNumber": .string(Self.number), "status": "3",
                            "cancelTime": "2026-11-21 10:00:00",
                        ],
                    ]
                ])
        }
        #expect(try stage.state(1)?.state == .unknown)
        #expect(try stage.state(1)?.timesNotFound == 0)
    }

    @Test("A report that comes while the question is on its way is not erased by its answer")
    func reportedMeanwhile() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .accepted)
        let key = RowKey(fileID: "20261121-000002", row: 1)
        try await stage.takeCancellation(of: Self.number, as: key.fileID)
        try await stage.recordRequest(key, .intended(attempt: 1), .accepted)
        stage.clock.advance(3_600)
        _ = try await ask(stage) { _ in ScriptedProvider.statuses([(Self.number, "2")]) }
        #expect(try stage.request(of: key.fileID).record.timesUnchanged == 1)
        stage.clock.advance(3_600)
        let client = stage.client { _ in
            try await stage.recordRequest(key, .reported(payType: 3))
            return ScriptedProvider.statuses([(Self.number, "2")])
        }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
        let open = try stage.request(of: key.fileID).record
        #expect(open.state == .accepted && open.queryAsked && open.timesUnchanged == 1)
        stage.clock.advance(3_600)
        _ = try await ask(stage) { _ in
            ScriptedProvider.coded(
                "1000",
                [
                    "payouts": [
                        [
                            "controlNumber": .string(Self.number), "status": "3",
                            "cancelTime": "2026-11-21 10:00:00",
                        ]
                    ]
                ])
        }
        #expect(try stage.request(of: key.fileID).record.state == .confirmed)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test(
        "A refused payout that is found is asked about once more: its end may have been told meanwhile"
    )
    func endReportedMeanwhile() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .refused, .disputed)
        stage.clock.advance(3_600)
        let client = stage.client { _ in
            try await stage.record(1, .disputed)
            return ScriptedProvider.statuses([(Self.number, "2")])
        }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
        stage.clock.advance(3_600)
        _ = try await ask(stage) { _ in ScriptedProvider.statuses([(Self.number, "1")]) }
        let row = try #require(try stage.ledger.row(controlNumber: Self.number))
        #expect(try stage.ledger.told(row) == .paid)
        #expect(row.record.state == .refused)
        // And then no more.
        stage.clock.advance(86_400)
        _ = try await ask(stage) { _ in throw InvariantViolation("nobody asks") }
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }
}

@Suite("The pause after questions in vain")
struct AskingPauseTests {
    private static let policy = PayoutPolicy(
        queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
        refuseOnInsufficientBalance: false)

    private func outcome(inVain: Bool?) -> SendingDesk.Outcome {
        var outcome = SendingDesk.Outcome()
        outcome.askedInVain = inVain
        return outcome
    }

    @Test("It doubles from 30 s to the time between two queries, and ends with an answer")
    func doubles() {
        var pause = AskingPause(Self.policy)
        #expect(pause.remaining(at: 0) == 0)
        for expected in [30, 60, 120, 240, 480, 960, 1_800, 1_800] as [Int64] {
            pause.note(outcome(inVain: true), at: 1_000)
            #expect(pause.remaining(at: 1_000) == expected)
            #expect(pause.remaining(at: 1_000 + expected) == 0)
        }
        for _ in 1...100 { pause.note(outcome(inVain: true), at: 1_000) }
        #expect(pause.remaining(at: 1_000) == 1_800)
        pause.note(outcome(inVain: nil), at: 1_001)
        #expect(pause.remaining(at: 1_001) == 1_799, "a round without a question changes nothing")
        pause.note(outcome(inVain: false), at: 1_002)
        #expect(pause.remaining(at: 1_002) == 0)
    }

    @Test("A run that waits looks when a question is due, or after 30 s; not every second")
    func waiting() {
        var pause = AskingPause(Self.policy)
        #expect(pause.wait(until: 1_100, at: 1_000, isForRequests: false) == 100)
        #expect(pause.wait(until: 1_100, at: 1_000, isForRequests: true) == 30)
        #expect(pause.wait(until: 900, at: 1_000, isForRequests: true) == 1)
        for isForRequests in [false, true] {
            let wait = pause.wait(until: nil, at: 1_000, isForRequests: isForRequests)
            #expect(wait == 30, "no payout may be asked about")
        }
        pause.note(outcome(inVain: true), at: 1_000)
        pause.note(outcome(inVain: true), at: 1_000)
        #expect(pause.wait(until: 900, at: 1_000, isForRequests: false) == 60)
    }

    @Test("A clock that goes back ends it, and does not make it last until that time comes again")
    func clockGoesBack() {
        var pause = AskingPause(Self.policy)
        pause.note(outcome(inVain: true), at: 100_000)
        pause.note(outcome(inVain: true), at: 100_000)
        #expect(pause.remaining(at: 100_010) == 50)
        #expect(pause.remaining(at: 100_000 - 28_800) == 0)
        pause.note(outcome(inVain: true), at: 100_000 - 28_800)
        #expect(pause.remaining(at: 100_000 - 28_800) == 120)
    }
}
