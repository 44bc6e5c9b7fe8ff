/// What SkyPay's report says about the amount of a payout whose number was found: the proof that it is
/// ours, where nothing else shows that we sent it (`skypay-api.md §4`).
enum AmountEvidence: Sendable, Equatable {
    /// The report has it once, with our amount.
    case agrees
    /// The report has it once, with another amount: it is somebody else's. In words.
    case differs(String)
    /// The report came and does not tell whose it is: it has the number not at all, several times, or
    /// without an amount that can be read. In words.
    case unclear(String)
    /// No report, so nothing is known: in words.
    case unavailable(String)
}

extension AmountEvidence {
    /// Why it proves nothing; nil when it does.
    var doubt: String? {
        switch self {
        case .agrees: nil
        case .differs(let words), .unclear(let words), .unavailable(let words):
            "found, but " + words
        }
    }
}
