/// What a person says became of a payout that is held (product.md, `resolve`). The raw value is the
/// word on the command line and in the audit event.
public enum ResolvedOutcome: String, Sendable, CaseIterable {
    /// The payee has the money.
    case paid
    /// No money moved, and none will.
    case failed
    /// Send it again: only what certainly never reached SkyPay.
    case resend
}

extension ResolvedOutcome {
    /// The state a held payout comes into; nil where it would be sent again and may have been sent.
    func state(possiblySent: Bool) -> PayoutState? {
        switch self {
        case .paid: .paid
        case .failed: .failed
        case .resend: possiblySent ? nil : .unsent
        }
    }
}
