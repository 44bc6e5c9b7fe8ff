/// How long no payout is asked about after a query that brought nothing: a provider in trouble is not
/// asked every second, and not less often than it would be anyway (`skypay-api.md §2`,
/// payoutQueryStatus). Doubled with every failure; over with the first answer.
struct AskingPause: Sendable {
    private let policy: PayoutPolicy
    private var failures = 0
    /// Unix seconds; empty when there is none.
    private var pause: Range<Int64> = 0..<0

    init(_ policy: PayoutPolicy) { self.policy = policy }

    /// Seconds left at `now` (unix seconds); 0 when asking may go on. A clock that went back to before
    /// the pause ends it: it would last until that time comes again, hours or years.
    func remaining(at now: Int64) -> Int64 {
        pause.contains(now) ? pause.upperBound - now : 0
    }

    /// Seconds from `now` (unix seconds) until a run that waits for answers looks again.
    /// - Parameters:
    ///   - due: when a payout may be asked about (unix seconds); nil when none is unknown, or all of them
    ///     wait to be sent again.
    ///   - isForRequests: what is no payout is waited for too.
    func wait(until due: Int64?, at now: Int64, isForRequests: Bool) -> Int64 {
        let untilDue = max(due.map { $0 - now } ?? policy.repeatAfterSeconds, remaining(at: now))
        return max(1, isForRequests ? min(untilDue, policy.repeatAfterSeconds) : untilDue)
    }

    /// Takes note of a round that ended at `now`; one without a question changes nothing.
    mutating func note(_ outcome: SendingDesk.Outcome, at now: Int64) {
        switch outcome.askedInVain {
        case nil: break
        case false?: (failures, pause) = (0, 0..<0)
        case true?:
            let doubled = policy.repeatAfterSeconds << Int64(min(failures, Self.maxDoublings))
            failures += 1
            let longest = max(policy.queryEverySeconds, policy.repeatAfterSeconds)
            pause = now..<now + min(doubled, longest)
        }
    }

    /// 30 seconds doubled so often are more than any pause between queries.
    private static let maxDoublings = 16
}
