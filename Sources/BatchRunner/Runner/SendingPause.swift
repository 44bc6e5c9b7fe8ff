import SkyPay

/// For how long a daemon sends nothing, or nothing that lacked funds, after a round that came to no good: a
/// minute. News do not end it: callbacks come many a second, and each would send as many payouts more that
/// nobody knows about, or that cannot be paid.
struct SendingPause: Sendable {
    typealias Instant = ContinuousClock.Instant

    private let length: Duration
    /// Where SkyPay was not there, or turned this installation away: until then nothing is sent or
    /// asked. After it a balance query has to show that this is over.
    private var unavailable: Instant?
    /// Families that the balance did not suffice for: until then nothing of them is sent.
    private var withoutFunds: [ActionFamily: Instant] = [:]
    /// Actions that SkyPay turned away, by these codes: the same.
    private var turnedAway: [SkyPayAction: (end: Instant, code: ReturnCode)] = [:]

    /// Seconds it lasts; on a machine of tests, where queries may follow sooner, as long as they wait.
    static let longestSeconds: Int64 = 60

    init(_ policy: PayoutPolicy) {
        length = .seconds(min(Self.longestSeconds, max(1, policy.queryAfterSeconds)))
    }

    /// What may be done now.
    enum Step: Sendable, Equatable {
        /// Everything but to send what lacks funds.
        case work(without: Set<ActionFamily>)
        /// Ask for the balance, and note what came of it.
        case probe
        /// Nothing.
        case wait
    }

    /// True until SkyPay is known to be there again.
    var isForEverything: Bool { unavailable != nil }

    /// What may be done at `now`.
    mutating func step(at now: Instant) -> Step {
        if let unavailable { return now < unavailable ? .wait : .probe }
        return .work(without: families(at: now))
    }

    /// Families of which nothing is sent at `now`. Pauses that are over are forgotten here alone: none
    /// ends unnoticed.
    mutating func families(at now: Instant) -> Set<ActionFamily> {
        withoutFunds = withoutFunds.filter { now < $0.value }
        return Set(withoutFunds.keys)
    }

    /// As `families`, of actions that SkyPay turned away.
    mutating func actions(at now: Instant) -> [SkyPayAction: ReturnCode] {
        turnedAway = turnedAway.filter { now < $0.value.end }
        return turnedAway.mapValues(\.code)
    }

    /// Time left at `now` until the first of them is over; nil when there is none.
    func remaining(at now: Instant) -> Duration? {
        let ends = withoutFunds.values + turnedAway.values.map(\.end)
        let end = unavailable ?? ends.min()
        return end.map { max(now.duration(to: $0), .zero) }
    }

    /// Takes note of a round that ended at `now`.
    mutating func note(_ outcome: SendingDesk.Outcome, at now: Instant) {
        let end = now + length
        unavailable = outcome.isUnavailable ? end : nil
        for family in outcome.withoutFunds { withoutFunds[family] = end }
        // What was left out because of an earlier round keeps the end that has.
        for (action, code) in outcome.leftOut where turnedAway[action] == nil {
            turnedAway[action] = (end, code)
        }
    }

    /// Takes note of a balance query that ended at `now`.
    mutating func noteProbe(isReachable: Bool, at now: Instant) {
        unavailable = isReachable ? nil : now + length
    }
}
