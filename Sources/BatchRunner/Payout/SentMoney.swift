import SkyPay

/// Money of what was sent, by what the answers said of it.
struct SentMoney: Sendable, Equatable {
    /// Payouts SkyPay took.
    var accepted = AmountSum.zero
    /// Transfers it carried out.
    var transferred = AmountSum.zero
    /// Payouts and transfers that it may have: no answer told. What a probe still decides is not among
    /// them: it was not processed, or comes to be held. By row, since one that is sent again is the
    /// same money.
    var doubts: [RowKey: Amount] = [:]
    /// Payouts it took when they were sent again: they stand in `accepted`, whatever was in doubt.
    var repeated: Set<RowKey> = []

    /// All that is in doubt.
    var inDoubt: AmountSum { doubts.values.reduce(AmountSum.zero) { $0 + $1 } }

    /// Takes in the answer to a payout.
    /// - Parameter isRepeat: it was sent before, in this run or an earlier one.
    mutating func note(_ fact: PayoutFact, _ amount: Amount, of row: RowKey, isRepeat: Bool) {
        switch fact {
        case .accepted:
            accepted = accepted + amount
            if isRepeat { repeated.insert(row) }
        case .unknown, .held(possiblySent: true): doubts[row] = amount
        default: break
        }
    }

    /// Takes in the answer to a transfer.
    mutating func note(_ fact: RequestFact, _ amount: Amount, of row: RowKey) {
        switch fact {
        case .confirmed: transferred = transferred + amount
        case .unknown, .held(possiblySent: true): doubts[row] = amount
        default: break
        }
    }

    /// Both, the left one first.
    static func + (left: SentMoney, right: SentMoney) -> SentMoney {
        var doubts = left.doubts
        for row in right.repeated { doubts[row] = nil }
        return SentMoney(
            accepted: left.accepted + right.accepted,
            transferred: left.transferred + right.transferred,
            doubts: doubts.merging(right.doubts) { $1 },
            repeated: left.repeated.union(right.repeated))
    }
}
