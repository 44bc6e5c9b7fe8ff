import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("A report that comes while its payout is being sent or asked about")
struct ReportMeanwhileTests {
    private static let number = "SKY9900000001"

    private func stage(_ facts: PayoutFact...) async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        for fact in [.intended(attempt: 1)] + facts { try await stage.record(1, fact) }
        stage.clock.advance(3_600)
        return stage
    }

    /// Asks, and has something recorded while the question is on its way.
    /// - Parameter status: SkyPay's answer; nil when it does not know the number.
    private func ask(
        _ stage: SendingStage, _ status: String?, meanwhile fact: PayoutFact? = nil
    ) async throws {
        let client = stage.client { _ in
            if let fact { try await stage.record(1, fact) }
            return ScriptedProvider.statuses(status.map { [(Self.number, $0)] } ?? [])
        }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
    }

    @Test(
        "The answer settles the payout, and it is asked about once more: the report may say otherwise"
    )
    func settledOtherwise() async throws {
        let stage = try await stage(.accepted)
        try await ask(stage, "1", meanwhile: .reported)
        #expect(try stage.state(1)?.state == .paid)
        #expect(try stage.state(1)?.queryAsked == true)
        stage.clock.advance(3_600)
        try await ask(stage, "4")
        let row = try #require(try stage.ledger.row(controlNumber: Self.number))
        #expect(try stage.ledger.told(row) == .failed)
        #expect(row.record.state == .paid && !row.record.queryAsked)
        #expect(try stage.ledger.contradictions() == 1)
        // And then no more.
        stage.clock.advance(86_400)
        let client = stage.client { _ in throw InvariantViolation("nobody asks") }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("What is found and still open is asked about as soon as any that was reported on")
    func stillOpen() async throws {
        let stage = try await stage(.accepted)
        try await ask(stage, "2", meanwhile: .reported)
        #expect(try stage.state(1)?.askingTurn?.pace == .forward)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("A second dispute during the question about the first is asked about too")
    func disputedTwice() async throws {
        let stage = try await stage(.accepted, .paid, .disputed)
        try await ask(stage, "1", meanwhile: .disputed)
        #expect(try stage.state(1)?.queryAsked == true)
        stage.clock.advance(3_600)
        try await ask(stage, "4")
        let row = try #require(try stage.ledger.row(controlNumber: Self.number))
        #expect(try stage.ledger.told(row) == .failed)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("Not found is no answer to it, also after a question without one: nothing is sent again")
    func notFound() async throws {
        let stage = try await stage(
            .unknown(numberInUse: false), .queried(found: false), .unanswered)
        stage.clock.advance(3_600)
        try await ask(stage, nil, meanwhile: .reported)
        let record = try #require(try stage.state(1))
        #expect(record.timesNotFound == 1 && record.queryAsked)
        #expect(record.nextStep(now: stage.clock.unixSeconds(), policy: stage.policy) != .send)
        // In its turn it counts.
        stage.clock.advance(3_600)
        try await ask(stage, nil)
        #expect(try stage.state(1)?.timesNotFound == 2)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("Reported on while its answer is under way, and refused: it is asked about and corrected")
    func refusedMeanwhile() async throws {
        let stage = try await stage(.reported, .refused)
        #expect(try stage.state(1)?.queryAsked == true)
        try await ask(stage, "1")
        let row = try #require(try stage.ledger.row(controlNumber: Self.number))
        #expect(row.record.state == .refused)
        #expect(try stage.ledger.told(row) == .paid)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("What certainly did not arrive was not what was reported on: it is sent like any other")
    func unsentMeanwhile() async throws {
        let stage = try await stage(.reported, .unsent)
        let record = try #require(try stage.state(1))
        #expect(record.state == .unsent && !record.queryAsked)
        let again = try await self.stage(.suspended, .reported, .unsent)
        #expect(try again.state(1)?.state == .unsent)
        #expect(try again.state(1)?.queryAsked == false)
        #expect(try again.foldedAnew() == again.ledgerStage.dump)
    }
}
