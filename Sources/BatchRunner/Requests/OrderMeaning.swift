import SkyPay

/// What a query and a callback mean for an order about a payout (`skypay-api.md §2`,
/// amendTransactionV2 and cancelPayout). Pure.
enum OrderMeaning {
    /// A fact with the words for it.
    struct Finding: Sendable, Equatable {
        let fact: RequestFact
        let description: String

        init(_ fact: RequestFact, _ description: String = "") {
            self.fact = fact
            self.description = description
        }
    }

    /// The facts to record after a query, in order; the first is always that it was asked about.
    ///
    /// An answer that was made before a report is no answer to it: unless the two agree, it is asked again.
    /// - Parameters:
    ///   - action: the order's wire name.
    ///   - told: what its sender knows a settled order as (`LedgerQueries.told`).
    ///   - status: what SkyPay says of the payout; nil when it does not know the number.
    ///   - now: unix seconds.
    ///   - wasReported: a callback spoke of it while the question was on its way.
    static func facts(
        for order: RequestRecord, _ action: String, told: String, _ status: PayoutStatusRow?,
        now: Int64, policy: PayoutPolicy, wasReported: Bool = false
    ) -> [Finding] {
        let shown = status?.statusDescription ?? (status == nil ? "not found" : "")
        // It never reached SkyPay: whatever its payout shows is not its doing.
        if order.state == .held, !order.possiblySent {
            return [Finding(.queried(unchanged: false), shown)]
        }
        let settled =
            action == "cancelPayout" ? cancellation(status) : amendment(order, status)
        if wasReported, settled?.fact != .confirmed {
            return [Finding(.unanswered, overtaken)]
        }
        // That a failure is one says nothing new, but where a correction told otherwise since.
        let isTold = order.state == .failed && told == RequestState.failed.rawValue
        if let settled, !(isTold && settled.fact == .failed) {
            return [Finding(.queried(unchanged: false)), settled]
        }
        guard !order.state.isFinal, showsNothing(action, status),
            order.isInTurn(now: now, policy: policy)
        else {
            return [Finding(.queried(unchanged: false), shown)]
        }
        let asked = Finding(.queried(unchanged: true), shown)
        guard order.timesUnchanged + 1 >= PayoutPolicy.unchangedBeforeFailure else {
            return [asked]
        }
        return [
            asked,
            Finding(
                .failed,
                status == nil
                    ? "SkyPay does not know this control number"
                    : "not carried out: SkyPay shows the payout unchanged"),
        ]
    }

    static let overtaken = "reported on while it was asked about"

    /// A cancellation is real only with a cancel time.
    private static func cancellation(_ status: PayoutStatusRow?) -> Finding? {
        switch status?.status {
        case .cancelled where status?.cancelTime != nil:
            Finding(.confirmed, status?.statusDescription ?? "")
        case .completed: Finding(.failed, "the payout was paid before it could be cancelled")
        case .failed: Finding(.failed, "the payout itself failed; there is nothing to cancel")
        default: nil
        }
    }

    /// No query shows the particulars of a payout: a callback has to tell, and a query only agrees
    /// that the payout exists.
    private static func amendment(
        _ record: RequestRecord, _ status: PayoutStatusRow?
    ) -> Finding? {
        guard let status else { return nil }
        switch record.reported {
        case PayType.amended.rawValue: return Finding(.confirmed, "amended")
        case PayType.amendFailed.rawValue:
            return Finding(.failed, "SkyPay reported that the amendment failed")
        default: break
        }
        switch status.status {
        case .cancelled where status.cancelTime == nil: return nil
        case .completed, .failed, .cancelled:
            return Finding(
                .held(possiblySent: true),
                "the payout ended (\(status.statusDescription ?? "")) and nothing was heard of "
                    + "the amendment")
        default: return nil
        }
    }

    /// Nothing of the order is to be seen. An amendment is never seen in a query, so only a number
    /// that SkyPay does not know counts.
    private static func showsNothing(_ action: String, _ status: PayoutStatusRow?) -> Bool {
        guard let status else { return true }
        return action == "cancelPayout" && status.status == .uploaded
    }
}
