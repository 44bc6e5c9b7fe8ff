/// How long no payout is asked about after a query that brought nothing: a provider in trouble is not
/// asked every second, and not less often than it would be anyway (`skypay-api.md §2`,
/// payoutQueryStatus). Doubled with every failure; over with the first answer.
struct AskingPause: Sendable {
    private let policy: PayoutPolicy
    private var failures = 0
    private var end: Int64 = .min

    init(_ policy: PayoutPolicy) { self.policy = policy }

    /// Seconds left at `now` (unix seconds); 0 when asking may go on.
    func remaining(at now: Int64) -> Int64 { end > now ? end - now : 0 }

    /// Takes note of a round that ended at `now`; one without a question changes nothing.
    mutating func note(_ outcome: SendingDesk.Outcome, at now: Int64) {
        switch outcome.askedInVain {
        case nil: break
        case false?: (failures, end) = (0, .min)
        case true?:
            let doubled = policy.repeatAfterSeconds << Int64(min(failures, Self.maxDoublings))
            failures += 1
            end = now + min(doubled, max(policy.queryEverySeconds, policy.repeatAfterSeconds))
        }
    }

    /// 30 seconds doubled so often are more than any pause between queries.
    private static let maxDoublings = 16
}
