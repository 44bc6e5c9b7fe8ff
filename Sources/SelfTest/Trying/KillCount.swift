/// What was done to the runner, counted.
struct KillCount: Sendable, Equatable {
    /// Kills at each named moment.
    var atPoints: [String: Int] = [:]
    /// Lives that were meant to end at each of them.
    var planned: [String: Int] = [:]
    /// Kills at other moments, most of them in the middle of something.
    var atMoments = 0
    /// Kills while it started.
    var whileStarting = 0
    /// Lives that came to their end before the kill.
    var finished = 0
    /// Second instances that were started beside it, and those that were turned away.
    var rivals = 0
    var rivalsTurnedAway = 0
    /// Times the provider was killed, and lives without one.
    var providerKills = 0
    var providerAway = 0

    /// All kills of the runner.
    var all: Int { atPoints.values.reduce(0, +) + atMoments + whileStarting }
}
