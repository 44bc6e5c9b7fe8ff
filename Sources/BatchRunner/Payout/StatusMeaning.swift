import SkyPay

/// What a found number means (`skypay-api.md §2`, payoutQueryStatus). Pure.
enum StatusMeaning {
    /// The facts to record, in order; the first is always that it was asked about and found.
    static func facts(for record: PayoutRecord, _ status: PayoutStatusRow) -> [PayoutFact] {
        var facts: [PayoutFact] = [.queried(found: true)]
        if record.state == .unknown {
            // -1008 on a repeat: finding the number does not prove that it carries our amount.
            if record.numberInUse { return facts + [.held(possiblySent: true)] }
            facts.append(.accepted)
        }
        switch status.status {
        case .completed: facts.append(.paid)
        case .failed: facts.append(.failed)
        case .cancelled where status.cancelTime != nil: facts.append(.cancelled)
        default: break
        }
        return facts
    }
}

extension PayoutStatusRow {
    /// SkyPay's reference for the payout, whichever of its two names it came under.
    var reference: String? { referenceNo ?? traceNo }
}
