import Locks

/// Sees that the clock was set forward. What waits between two questions counts by the wall clock, as the
/// log's times do: an hour that the clock leaps over would make two questions out of one half hour, and a
/// number that SkyPay does not know twice is sent again, an order unchanged four times has failed.
///
/// After such a leap nobody is asked for as long as a turn takes: then whatever was asked about
/// before it has had its turn in truth. Between two processes no leap is seen (docs/OPERATING.md).
final class ClockSteps: Sendable {
    private struct State {
        var wall: Int64
        var uptime: Int64
        /// By uptime; nil when there was no leap.
        var settledAt: Int64?
    }

    private let clock: any RunnerClock
    private let state: Locked<State>

    /// A leap by less is none, in seconds: a machine that stood for a moment, a small correction.
    static let toleranceSeconds: Int64 = 60

    /// Looks from now on.
    init(_ clock: any RunnerClock) {
        self.clock = clock
        state = Locked(State(wall: clock.unixSeconds(), uptime: clock.uptimeSeconds()))
    }

    /// Seconds nobody may be asked, 0 as a rule. To be called before each round of questions.
    /// - Parameter turn: seconds between two questions about one number.
    func remaining(turn: Int64) -> Int64 {
        let (wall, uptime) = (clock.unixSeconds(), clock.uptimeSeconds())
        return state.withLock { state in
            let ahead = (wall - state.wall) - (uptime - state.uptime)
            if ahead > Self.toleranceSeconds { state.settledAt = uptime + turn }
            // After a step back too: the way forth again is a leap.
            if abs(ahead) > Self.toleranceSeconds { (state.wall, state.uptime) = (wall, uptime) }
            guard let settledAt = state.settledAt, uptime < settledAt else {
                state.settledAt = nil
                return 0
            }
            return settledAt - uptime
        }
    }
}
