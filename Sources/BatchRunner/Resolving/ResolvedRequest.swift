import SkyPay

/// What a person says became of a held order, transfer or question (`batchrunner resolve`). The raw
/// value is the word on the command line and in the audit event.
public enum ResolvedRequest: String, Sendable, CaseIterable {
    /// Carried out: cancelled, amended, transferred.
    case done
    /// Not carried out, and it will not be; nobody has to look at it any more.
    case failed

    /// The state a held request comes into.
    var state: RequestState {
        switch self {
        case .done: .confirmed
        case .failed: .failed
        }
    }
}

/// Whether a person's word about a held request may be taken. Pure.
enum RequestResolutionRule {
    /// Why it is refused; nil when it may be recorded. What SkyPay's notifications prove of a transfer
    /// has settled it before this is asked.
    /// - Parameters:
    ///   - action: the wire name.
    ///   - evidence: what SkyPay says of the payout of an order; nil where nobody was asked.
    ///   - isUndone: it certainly was not done (`StoredRequest.isCertainlyUndone`): nothing SkyPay could say
    ///     of the payout would contradict that, and a payout that stays open must not keep it held.
    static func objection(
        to word: ResolvedRequest, _ family: ActionFamily, _ action: String,
        _ evidence: ResolutionEvidence?, isUndone: Bool = false
    ) -> String? {
        if isUndone, word == .failed { return nil }
        switch family {
        case .transfer: return nil
        case .order: break
        default:
            return word == .done ? "only its answer could say that; say failed to give it up" : nil
        }
        switch evidence {
        case nil: return "SkyPay has to be asked about its payout first"
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
