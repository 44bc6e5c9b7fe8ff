/// What a payer pays at a counter.
public struct CounterPayment: Sendable {
    /// The contract.
    public let contractNumber: String
    /// The amount, `250.00`.
    public let amount: String
    /// The payer's phone.
    public let phone: String
    /// The store's receipt; may carry `|branch`.
    public let receiptNumber: String
    /// The channel of `skypay-api.md §5`, collection.
    public let channel: String
    /// When it was paid, DT.
    public let collectedTime: String

    /// A payment.
    public init(
        contractNumber: String, amount: String, phone: String, receiptNumber: String,
        channel: String, collectedTime: String
    ) {
        self.contractNumber = contractNumber
        self.amount = amount
        self.phone = phone
        self.receiptNumber = receiptNumber
        self.channel = channel
        self.collectedTime = collectedTime
    }
}
