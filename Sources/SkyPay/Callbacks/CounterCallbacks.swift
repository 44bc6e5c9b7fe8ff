/// SkyPay asks whether somebody at a counter may be paid (`skypay-api.md §3`, payoutInquiry).
public struct PayoutInquiry: Sendable, Equatable {
    /// The registered payout, anything up to 50 characters.
    public let controlNumber: String
}

/// SkyPay reports that a counter has paid (`skypay-api.md §3`, payoutPayout).
public struct PayoutPayout: Sendable, Equatable {
    /// The registered payout, anything up to 50 characters.
    public let controlNumber: String
    /// The channel that paid; codes nobody knows are allowed.
    public let withdrawChannel: String
    /// When it paid, as it came.
    public let payTime: String
}

/// SkyPay asks whether a counter may take money for a contract (`skypay-api.md §3`,
/// collectionInquiry).
public struct CollectionInquiry: Sendable, Equatable {
    /// The registered contract, anything up to 50 characters.
    public let contractNumber: String
    /// What the payer offers; nil when absent.
    public let amount: Amount?
    /// The payer's phone, as it came; nil when absent.
    public let phone: String?
}

/// SkyPay reports that a counter has taken money (`skypay-api.md §3`, collectionCollect).
public struct CollectionCollect: Sendable, Equatable {
    /// The registered contract, anything up to 50 characters.
    public let contractNumber: String
    /// What was taken.
    public let amount: Amount
    /// The payer's phone, as it came; nil when absent.
    public let phone: String?
    /// The counter's receipt, with its `|branch` when there is one: unique for one contract.
    public let receiptNumber: String
    /// When it was taken, as it came; nil when absent.
    public let collectedTime: String?
    /// The channel that took it; nil when absent.
    public let payChannel: String?
}

extension Callback {
    /// Reads a counter's callback; nil when the action is another.
    static func counterCallback(
        _ action: String, _ fields: CallbackFields
    ) throws(CallbackError) -> Callback? {
        switch action {
        case "payoutInquiry":
            return .payoutInquiry(
                PayoutInquiry(
                    controlNumber: try fields.number("controlNumber", or: "contractNumber")))
        case "payoutPayout":
            return .payoutPayout(
                PayoutPayout(
                    controlNumber: try fields.number("controlNumber", or: "contractNumber"),
                    withdrawChannel: try fields.required("withdrawChannel"),
                    payTime: try fields.required("payTime")))
        case "collectionInquiry":
            return .collectionInquiry(
                CollectionInquiry(
                    contractNumber: try fields.number("contractNumber", or: "controlNumber"),
                    amount: try fields.amount("amount"), phone: fields.optional("phone")))
        case "collectionCollect": return .collectionCollect(try collect(fields))
        default: return nil
        }
    }

    private static func collect(
        _ fields: CallbackFields
    ) throws(CallbackError) -> CollectionCollect {
        let number = try fields.number("contractNumber", or: "controlNumber")
        guard let amount = try fields.amount("amount") else {
            throw CallbackError(code: .missing, field: "amount")
        }
        return CollectionCollect(
            contractNumber: number, amount: amount, phone: fields.optional("phone"),
            receiptNumber: try fields.required("receiptNumber"),
            collectedTime: fields.optional("collectedTime"),
            payChannel: fields.optional("payChannel"))
    }
}

extension CallbackFields {
    /// A control or contract number, perhaps under its other name.
    func number(_ name: String, or alias: String) throws(CallbackError) -> String {
        let number = try required(name, or: alias)
        guard number.utf16.count <= Callback.maxControlNumberLength else {
            throw CallbackError(code: .invalid, field: name)
        }
        return number
    }

    /// An amount as counters write it: `1500`, `1500.0` or `1500.00`, text or number; nil when
    /// absent.
    func amount(_ name: String) throws(CallbackError) -> Amount? {
        guard let text = optional(name) else { return nil }
        guard let amount = Amount(provider: text), amount <= .most else {
            throw CallbackError(code: .invalid, field: name)
        }
        return amount
    }
}
