public import OrderedJSON
import SkyPay

/// SkyPay's balance before the first payout of a run and after its last, beside what the answers said
/// that it took in between (docs/decisions/0029-balance.md). It is told and judges nothing: fees, top-ups,
/// payouts that came back and other users of the account move a balance too.
public struct RunBalance: Sendable, Equatable {
    let before: Amount
    let after: Amount
    let money: SentMoney
    /// Of what the run sent, what nobody knows at its end.
    let inDoubt: AmountSum

    /// What no answer told at first and became known before the end; it is in none of the sums.
    var knownLater: AmountSum { max(money.inDoubt - inDoubt, .zero) }

    /// What the balance lost beyond what SkyPay said it took; negative when it lost less. Transfers are
    /// left out: they may go either way.
    var difference: AmountSum { AmountSum(before - after) - money.accepted }

    /// The machine-readable form.
    public var json: JSONValue {
        [
            "before": .string(before.text), "after": .string(after.text),
            "accepted": .string(money.accepted.text),
            "transferred": .string(money.transferred.text),
            "inDoubt": .string(inDoubt.text), "knownLater": .string(knownLater.text),
            "difference": .string(difference.text),
        ]
    }

    /// One line for people.
    public var line: String {
        let way = after <= before ? "fell" : "rose"
        let moved = after <= before ? before - after : after - before
        var line = "SkyPay's balance \(way) by PHP \(moved.text) to PHP \(after.text)"
        line += "; it took payouts of PHP \(money.accepted.text)"
        guard difference != .zero else { return line }
        line += ": PHP \(difference.text) apart"
        var reasons = [
            "payouts not debited yet", "fees", "top-ups", "payouts that came back",
            "other users of the account",
        ]
        if money.transferred != .zero {
            reasons.insert("transfers of PHP \(money.transferred.text)", at: 0)
        }
        if knownLater != .zero {
            reasons.insert("PHP \(knownLater.text) that was in doubt at first", at: 0)
        }
        if inDoubt != .zero {
            reasons.insert("PHP \(inDoubt.text) of which nobody knows yet", at: 0)
        }
        return line + " (" + reasons.joined(separator: ", ") + ")"
    }
}

extension Amount {
    /// A balance as SkyPay writes one: an amount that may carry a minus sign. Nil for anything else.
    init?(balance text: String) {
        let isNegative = text.hasPrefix("-")
        guard let size = Amount(provider: isNegative ? String(text.dropFirst()) : text) else {
            return nil
        }
        self.init(centavos: isNegative ? -size.centavos : size.centavos)
    }
}
