// What SkyPay tells or asks the partner (skypay-api.md §3). It is read tolerantly: keys in any
// letter case, scalars as string or number, fields nobody knows are kept.
extension ActionTable {
    private static let controlNumber = FieldSpecification(
        "controlNumber", 50, .always, form: .providersNumber, aliases: ["contractNumber"])
    private static let contractNumber = FieldSpecification(
        "contractNumber", 50, .always, form: .providersNumber, aliases: ["controlNumber"])

    /// 3.2: what became of a payout or of an order about it.
    public static let payoutQueuePayout = ActionTable(
        "payoutQueuePayout", .callback, "skypay-api.md §3, 3.2",
        "what became of a payout, or of an order about it",
        [
            controlNumber,
            .init("payType", 1, .always, form: .oneOf(["1", "2", "3", "4", "5", "6"])),
            .init("dealTime", 50, .never, form: .providersTime),
            .init("failDescription", 255, .never, form: .anything),
            .init("referenceNumber", 50, .never, form: .anything),
        ])

    /// 5.1: somebody asks for a payout at a counter.
    public static let payoutInquiry = ActionTable(
        "payoutInquiry", .callback, "skypay-api.md §3, 5.1",
        "somebody asks for a payout at a counter", [controlNumber])

    /// 5.2: the counter has paid.
    public static let payoutPayout = ActionTable(
        "payoutPayout", .callback, "skypay-api.md §3, 5.2", "the counter has paid a payout",
        [
            controlNumber, .init("withdrawChannel", 50, .always, form: .anything),
            .init("payTime", 50, .always, form: .providersTime),
        ])

    /// 5.3: somebody wants to pay in at a counter.
    public static let collectionInquiry = ActionTable(
        "collectionInquiry", .callback, "skypay-api.md §3, 5.3",
        "somebody wants to pay in at a counter",
        [
            contractNumber, .init("amount", 20, .never, form: .providersAmount),
            .init("phone", 50, .never, form: .anything),
        ])

    /// 5.4: the counter has taken the money.
    public static let collectionCollect = ActionTable(
        "collectionCollect", .callback, "skypay-api.md §3, 5.4",
        "the counter has taken the money",
        [
            contractNumber, .init("amount", 20, .always, form: .providersAmount),
            .init("phone", 50, .never, form: .anything),
            .init(
                "receiptNumber", 255, .always, form: .anything, note: "may carry `|branch`"),
            .init("collectedTime", 50, .never, form: .providersTime),
            .init("payChannel", 50, .never, form: .anything),
        ])

    /// 6.4: money moved on an account of the partner.
    public static let financeNotification = ActionTable(
        "financeNotification", .callback, "skypay-api.md §3, 6.4",
        "money moved on an account of the partner",
        [
            .init(
                "transctionDate", 50, .never, form: .providersTime,
                aliases: ["transactionDate"], note: "the misspelling is the wire name"),
            .init("companyPrefix", 50, .always, form: .anything),
            .init("companyName", 200, .never, form: .anything),
            .init("accountNo", 50, .always, form: .anything),
            .init("sourceAccountNo", 50, .never, form: .anything),
            .init("beneficiaryAccountNo", 50, .never, form: .anything),
            .init("statementType", 1, .always, form: .oneOf(["1", "2", "3", "4", "5", "6"])),
            .init(
                "signType", 10, .always, form: .oneOf(["recharge", "reduce"]),
                note: "in any letter case"),
            .init("amount", 20, .always, form: .providersAmount),
            .init("currency", 3, .always, form: .anything),
            .init("referenceNumber", 50, .always, form: .anything),
        ])
}
