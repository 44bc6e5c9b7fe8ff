import AuditLog
import SkyPay

/// What a payoutQueuePayout means for the orders about its payout (`skypay-api.md §3`). As for
/// payouts: a report only asks for a query, unless `callbacks.confirm` is given up.
struct OrderCallbacks: Sendable {
    let journal: Journal
    /// `callbacks.confirm`: nothing is final because a file says so.
    let confirm: Bool

    /// The events to record with the callback's own; none when no open order is concerned.
    func drafts(for result: PayoutResult) throws -> [EventDraft] {
        guard let number = Self.concerned(result) else { return [] }
        return try journal.ledger.openOrders(about: number).flatMap { order in
            let batch = try journal.ledger.file(order.key.fileID)?.batch ?? ""
            return Self.facts(for: order.record, order.action, result, confirm: confirm).map {
                fact in
                var note = order.note(
                    fact, batch: batch, description: result.failDescription ?? "",
                    source: "callback")
                note.reference = result.referenceNumber
                note.providerTime = result.dealTime
                return note.draft(journal.author)
            }
        }
    }

    private static func concerned(_ result: PayoutResult) -> String? {
        switch result.payType {
        case .cancelled, .amended, .amendFailed: result.controlNumber
        case .uploaded, .paid, .failed: nil
        }
    }

    /// The facts about one order. Pure.
    static func facts(
        for order: RequestRecord, _ action: String, _ result: PayoutResult, confirm: Bool
    ) -> [RequestFact] {
        let isCancellation = action == "cancelPayout"
        guard isCancellation == (result.payType == .cancelled) else { return [] }
        // What was carried out is only contradicted; nothing is to be learned from what agrees.
        if order.state == .confirmed, result.payType != .amendFailed { return [] }
        let reported = RequestFact.reported(payType: result.payType.rawValue)
        let isOpen = order.state == .unknown || order.state == .accepted || order.state == .held
        guard !confirm, isOpen else { return [reported] }
        return [reported, result.payType == .amendFailed ? .failed : .confirmed]
    }
}
