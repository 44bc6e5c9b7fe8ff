import SkyPay

/// What SkyPay said when it was asked about a held request on a person's behalf.
enum RequestEvidence: Sendable, Equatable {
    /// Of the payout of an order.
    case payout(ResolutionEvidence)
    /// By the notifications of transfers like it (`TransferInquiry.Asked`).
    case notified(mustBeMade: Bool)
}

/// Whether a person's word about a held request may be taken. Pure.
enum RequestResolutionRule {
    /// Why it is refused; nil when it may be recorded. What SkyPay's notifications prove of a transfer
    /// has settled it before this is asked.
    /// - Parameters:
    ///   - action: the wire name.
    ///   - evidence: what SkyPay says; nil where nobody was asked.
    ///   - isUndone: it certainly was not done (`StoredRequest.isCertainlyUndone`): nothing SkyPay could say
    ///     of the payout would contradict that, and a payout that stays open must not keep it held.
    static func objection(
        to word: ResolvedRequest, _ family: ActionFamily, _ action: String,
        _ evidence: RequestEvidence?, isUndone: Bool = false
    ) -> String? {
        if isUndone, word == .failed { return nil }
        switch (family, evidence) {
        case (.transfer, .notified(mustBeMade: true)) where word == .failed:
            return "SkyPay notified as many transfers like it as there are here: it was made"
        case (.transfer, _): return nil
        case (.order, .payout(let evidence)): return order(word, action, evidence)
        case (.order, _): return "SkyPay has to be asked about its payout first"
        default:
            return word == .done ? "only its answer could say that; say failed to give it up" : nil
        }
    }

    private static func order(
        _ word: ResolvedRequest, _ action: String, _ evidence: ResolutionEvidence
    ) -> String? {
        switch evidence {
        case .contradictory: return "SkyPay's answer contradicts itself; ask SkyPay"
        case .notFound: return word == .done ? "SkyPay does not know this number" : nil
        case .status(let status, let isCancelled):
            guard action == "cancelPayout" else { return nil }
            return cancellation(word, status, isCancelled)
        }
    }

    private static func cancellation(
        _ word: ResolvedRequest, _ status: PayoutStatus, _ isCancelled: Bool
    ) -> String? {
        switch status {
        case .cancelled where isCancelled:
            word == .done ? nil : "SkyPay says that the payout is cancelled"
        case .completed: word == .failed ? nil : "SkyPay says that the payout is paid"
        case .failed: word == .failed ? nil : "SkyPay says that the payout itself failed"
        default: "SkyPay shows the payout open: it may still be cancelled"
        }
    }
}
