import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Sending beside callbacks")
struct DispatcherTests {
    /// The numbers that payoutQueue requests came with, in order.
    private final class Sent: Sendable {
        private let numbers = Locked<[String]>([])
        var all: [String] { numbers.withLock { $0 } }
        func note(_ request: JSONObject) {
            guard let number = request["controlNumber"]?.stringValue else { return }
            numbers.withLock { $0.append(number) }
        }
    }

    /// Row 1 is unsent, row 2 was not found twice and may be sent again.
    private func stage() async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 2)
        try await stage.record(2, .intended(attempt: 1), .unknown(numberInUse: false))
        for _ in 1...2 {
            stage.clock.advance(1_800)
            try await stage.record(2, .queried(found: false))
        }
        return stage
    }

    @Test("Nothing meanwhile: what was not found twice is sent again under its number")
    func again() async throws {
        let (stage, sent) = (try await stage(), Sent())
        let client = stage.client { request in
            sent.note(request)
            return ScriptedProvider.coded("1000")
        }
        let report = try await stage.dispatcher(client).dispatch(until: StopRequest())
        #expect(report.sent == 2)
        #expect(sent.all == ["SKY9900000001", "SKY9900000002"])
        #expect(try stage.state(2)?.attempts == 2)
    }

    @Test(
        "A payout without an answer that SkyPay takes when it is sent again is no longer in doubt")
    func takenAtLast() async throws {
        let (stage, sent) = (try await SendingStage(), Sent())
        try await stage.take(rows: 2)
        let dispatcher = stage.dispatcher(
            stage.client { request in
                sent.note(request)
                return ScriptedProvider.coded(sent.all.count <= 2 ? "-9999" : "1000")
            })
        let first = try await dispatcher.dispatch(until: StopRequest())
        // 1.00 and 2.00.
        #expect(first.money.inDoubt == AmountSum(centavos: 300))
        for _ in 1...2 {
            stage.clock.advance(1_800)
            try await stage.record(1, .queried(found: false))
            try await stage.record(2, .queried(found: false))
        }
        let again = try await dispatcher.dispatch(until: StopRequest())
        #expect(again.sent == 2)
        let money = first.money + again.money
        #expect(money.accepted == AmountSum(centavos: 300) && money.inDoubt == .zero)
    }

    @Test("The requests of several dispatches are spaced out as those of one")
    func paced() async throws {
        let (stage, sent) = (try await SendingStage(), Sent())
        try await stage.take(rows: 3)
        let client = stage.client { request in
            sent.note(request)
            return ScriptedProvider.coded("1000")
        }
        let workers = SendingWorkers(SendingLimits(requestsInFlight: 1, requestsPerSecond: 10))
        let began = ContinuousClock.now
        for count in 1...3 {
            let turn = StopRequest { sent.all.count >= count }
            _ = try await stage.dispatcher(client, workers).dispatch(until: turn)
            #expect(sent.all.count == count)
        }
        #expect(ContinuousClock.now - began >= .milliseconds(200))
    }

    @Test(
        "A callback between page and intent: the row is not sent again, and the log can be folded",
        arguments: [
            [PayoutFact.reported], [.reported, .accepted], [.reported, .accepted, .paid],
            [.reported, .accepted, .failed],
        ])
    func settledMeanwhile(_ facts: [PayoutFact]) async throws {
        let (stage, sent) = (try await stage(), Sent())
        let client = stage.client { request in
            sent.note(request)
            // While the first row's request is under way the callback about the second is recorded.
            if sent.all.count == 1 { for fact in facts { try await stage.record(2, fact) } }
            return ScriptedProvider.coded("1000")
        }
        let report = try await stage.dispatcher(client).dispatch(until: StopRequest())
        #expect(report.sent == 1)
        #expect(sent.all == ["SKY9900000001"], "no request about a row that a callback spoke of")
        #expect(try stage.state(2)?.attempts == 1)
        try await stage.journal.record(.fileJudging, subject: ["file": "20261121-000001"])
        #expect(try stage.foldedAnew() == LedgerStage.dump(stage.ledger))
    }
}
