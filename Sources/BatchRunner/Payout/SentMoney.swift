import SkyPay

/// Money of what was sent, by what the answers said of it.
struct SentMoney: Sendable, Equatable {
    /// Payouts SkyPay took.
    var accepted = AmountSum.zero
    /// Transfers it carried out.
    var transferred = AmountSum.zero
    /// Payouts and transfers that it may have: no answer told. What a probe still decides is not among
    /// them: it was not processed, or comes to be held.
    var inDoubt = AmountSum.zero

    /// Takes in the answer to a payout.
    mutating func note(_ fact: PayoutFact, _ amount: Amount) {
        switch fact {
        case .accepted: accepted = accepted + amount
        case .unknown, .held(possiblySent: true): inDoubt = inDoubt + amount
        default: break
        }
    }

    /// Takes in the answer to a transfer.
    mutating func note(_ fact: RequestFact, _ amount: Amount) {
        switch fact {
        case .confirmed: transferred = transferred + amount
        case .unknown, .held(possiblySent: true): inDoubt = inDoubt + amount
        default: break
        }
    }

    /// Both.
    static func + (left: SentMoney, right: SentMoney) -> SentMoney {
        SentMoney(
            accepted: left.accepted + right.accepted,
            transferred: left.transferred + right.transferred,
            inDoubt: left.inDoubt + right.inDoubt)
    }
}
