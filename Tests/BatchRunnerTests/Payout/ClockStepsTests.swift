import SkyPay
import Testing

@testable import BatchRunner

@Suite("A clock that is set forward")
struct ClockStepsTests {
    private static let turn: Int64 = 1_800

    @Test("After a leap nobody is asked for a turn, by a clock that nobody sets")
    func leap() {
        let clock = StandingClock()
        let steps = ClockSteps(clock)
        clock.advance(86_400)
        #expect(steps.remaining(turn: Self.turn) == 0, "time that went by is no leap")
        clock.set(forward: ClockSteps.toleranceSeconds)
        #expect(steps.remaining(turn: Self.turn) == 0)
        clock.set(forward: 3_600)
        #expect(steps.remaining(turn: Self.turn) == 1_800)
        clock.advance(1_799)
        #expect(steps.remaining(turn: Self.turn) == 1)
        clock.advance(1)
        #expect(steps.remaining(turn: Self.turn) == 0)
        clock.advance(86_400)
        #expect(steps.remaining(turn: Self.turn) == 0)
    }

    @Test("Back is no leap, and forth again is one")
    func backAndForth() {
        let clock = StandingClock()
        let steps = ClockSteps(clock)
        clock.set(forward: -3_600)
        #expect(steps.remaining(turn: Self.turn) == 0)
        clock.set(forward: 3_600)
        #expect(steps.remaining(turn: Self.turn) == Self.turn)
    }

    @Test("Two questions that a leap brings together do not send a payout again")
    func questions() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .unknown(numberInUse: false))
        let inquiry = stage.inquiry(stage.client { _ in ScriptedProvider.statuses([]) })
        stage.clock.advance(300)
        _ = try await inquiry.ask(until: StopRequest())
        #expect(try stage.state(1)?.timesNotFound == 1)
        stage.clock.set(forward: 7_200)
        let asked = try await inquiry.ask(until: StopRequest())
        #expect(asked.isInVain && asked.obstacle?.contains("set forward") == true)
        #expect(try stage.state(1)?.timesNotFound == 1)
        stage.clock.advance(1_800)
        _ = try await inquiry.ask(until: StopRequest())
        #expect(try stage.state(1)?.timesNotFound == 2)
    }
}
