import GRDB
import SkyPay

// Which orders and senders' questions may be asked about. The number counts, whoever asks about it:
// a question about the payout itself is one about its orders too.
extension Ledger {
    /// Orders of a group whose query may be due, the longest unasked first; the caller asks `nextStep`
    /// of each. Of those held only cancellations: no query shows an amendment, so it waits for its
    /// callback.
    func ordersToAsk(
        _ group: AskingGroup, now: Int64, policy: PayoutPolicy, limit: Int
    ) throws -> [StoredRequest] {
        try requests(
            """
            \(Self.withPayout) WHERE r.family = 'order' AND r.lastSentAt + ?1 <= ?4 AND (
                r.state IN ('unknown', 'accepted')
                OR r.state = 'held' AND r.possiblySent
                    AND (r.queryAsked OR r.timesUnanswered > 0 OR r.action = 'cancelPayout')
                OR r.state IN ('failed', 'confirmed') AND r.queryAsked)
                AND \(Self.condition(group))
            ORDER BY r.state = 'held', COALESCE(r.lastQueriedAt, 0), r.fileId, r.row LIMIT ?5
            """,
            [
                policy.queryAfterSeconds, policy.turnSeconds, policy.heldQueryEverySeconds, now,
                limit,
            ])
    }

    /// Senders' questions about payouts that may be asked now: not sooner than the policy allows
    /// after the payout was sent, nor after anybody asked about it. No callback brings them forward.
    func statusEnquiriesToAsk(
        _ group: AskingGroup, now: Int64, policy: PayoutPolicy, limit: Int
    ) throws -> [StoredRequest] {
        guard group != .forward else { return [] }
        return try requests(
            """
            \(Self.withPayout) WHERE r.family = 'statusEnquiry' AND r.state = 'unsent'
                AND COALESCE(p.lastSentAt, -?1) + ?1 <= ?3
                AND COALESCE(p.lastQueriedAt, -?2) + ?2 <= ?3
                AND COALESCE((SELECT MAX(q.lastQueriedAt) FROM requests AS q
                    WHERE q.number = r.number AND q.state != 'rejected'), -?2) + ?2 <= ?3
                AND \(group == .again ? "" : "NOT ")\(Self.isUnanswered)
            ORDER BY r.timesUnanswered, r.fileId, r.row LIMIT ?4
            """,
            [policy.queryAfterSeconds, policy.turnSeconds, now, limit])
    }

    /// The first unix second at which a person's word may ask about a number: SkyPay counts questions by
    /// the number, whoever asked, and a hasty one takes the next turn from everybody who waits for it.
    /// - Parameter sentAt: when the order was sent that the word is about (unix seconds); nil for the
    ///   payout itself.
    func mayBeAsked(
        about number: String, sentAt: Int64? = nil, _ policy: PayoutPolicy
    ) throws -> Int64 {
        let found = try lookUp {
            try Row.fetchOne(
                $0,
                kept: """
                    SELECT MAX(sentAt) AS sentAt, MAX(queriedAt) AS queriedAt FROM (
                        SELECT lastSentAt AS sentAt, lastQueriedAt AS queriedAt FROM rows
                            WHERE controlNumber = ?1 AND state != 'rejected'
                        UNION ALL SELECT NULL, lastQueriedAt FROM requests
                            WHERE number = ?1 AND state != 'rejected')
                    """, arguments: [number])
        }
        let (payoutSentAt, queriedAt) = (found?["sentAt"] as Int64?, found?["queriedAt"] as Int64?)
        return max(
            max(sentAt ?? 0, payoutSentAt ?? 0) + policy.queryAfterSeconds,
            (queriedAt ?? -policy.turnSeconds) + policy.turnSeconds)
    }

    /// Requests as `r`, each with the payout it is about as `p`.
    private static let withPayout = """
        SELECT \(StoredRequest.Column.list(of: "r")) FROM requests AS r
            LEFT JOIN rows AS p ON p.controlNumber = r.number AND p.state != 'rejected'
        """

    private static let isUnanswered =
        "(r.timesUnanswered > 0 OR COALESCE(p.timesUnanswered, 0) > 0)"

    /// When anybody last asked about the number of order `r` with payout `p`.
    private static let lastAsked =
        "MAX(COALESCE(r.lastQueriedAt, 0), COALESCE(p.lastQueriedAt, 0))"

    private static func condition(_ group: AskingGroup) -> String {
        switch group {
        case .inTurn:
            """
            NOT \(isUnanswered) AND CASE WHEN r.state = 'held' AND NOT r.queryAsked
                THEN MAX(\(lastAsked), r.lastSentAt) + ?3 ELSE \(lastAsked) + ?2 END <= ?4
            """
        case .forward:
            """
            NOT \(isUnanswered) AND r.queryAsked AND \(lastAsked) + ?1 <= ?4
                AND \(lastAsked) + ?2 > ?4
            """
        case .again: "\(isUnanswered) AND \(lastAsked) + ?2 <= ?4"
        }
    }
}
