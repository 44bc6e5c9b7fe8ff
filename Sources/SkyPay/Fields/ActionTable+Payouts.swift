// Payouts and what is ordered about them. Lengths, requirements and channels are those of
// skypay-api.md §2.
extension ActionTable {
    private static let sender = FieldSpecification("sender", 100, .defaulted)
    private static let controlNumber = FieldSpecification(
        "controlNumber", 15, .always, form: .controlNumber)
    private static let name = FieldSpecification("name", 50, .always, form: .name)
    private static let phone = FieldSpecification("phone", 11, .always, form: .phone)
    private static let amount = FieldSpecification("amount", 13, .always, form: .amount)
    private static let withdrawChannel = FieldSpecification(
        "withdrawChannel", 5, .always, form: .channel)

    /// 3.1: to a bank or a wallet.
    public static let payoutQueue = ActionTable(
        "payoutQueue", .action, "skypay-api.md §2, 3.1", "a payout to a bank or a wallet",
        channels: [.bank] + PayoutChannel.wallets,
        [
            sender, controlNumber, name, phone, amount,
            .init(
                "bankNo", 50, .channels([.bank]), channels: [.bank],
                catalog: .code(of: .bank)),
            .init("accountNo", 50, .always, form: .account), withdrawChannel,
            .init("identificationId", 50, .never),
            .init(
                "identificationTypeId", 3, .never, channels: [.bank], form: .digits,
                catalog: .code(of: .identificationType)),
            .init("idType", 50, .never, channels: PayoutChannel.wallets),
            .init("idcardPicType", 50, .never, channels: PayoutChannel.wallets),
            .init("idcardPicUrl", 500, .never, channels: PayoutChannel.wallets),
            .init("birthday", 10, .never, form: .date),
            .init("birthPlace", 250, .never, channels: [.bank]),
            .init("location", 500, .never),
            .init(
                "provinceId", 9, .never, channels: [.bank], form: .digits,
                catalog: .code(of: .province)),
            .init(
                "cityId", 9, .never, channels: [.bank], form: .digits,
                catalog: .town(provinceField: "provinceId")),
            .init("expiryDate", 50, .never, channels: [.bank]),
        ])

    /// What a store has to know of who comes for the money.
    private static let storeParticulars: [FieldSpecification] = [
        .init("birthday", 10, .always, form: .date), .init("identificationId", 50, .always),
        .init(
            "identificationTypeId", 3, .always, form: .digits,
            catalog: .code(of: .identificationType)),
        phone,
    ]

    /// 4.1: for pick-up at a store.
    public static let payoutQueueV2 = ActionTable(
        "payoutQueueV2", .action, "skypay-api.md §2, 4.1", "a payout for pick-up at a store",
        channels: PayoutChannel.stores,
        [sender, controlNumber, name] + storeParticulars
            + [
                amount, .init("idcardPicType", 50, .always), .init("idcardPicUrl", 500, .always),
                .init("location", 500, .always), withdrawChannel,
            ])

    /// 4.3: new particulars for a payout that waits at a store.
    public static let amendTransactionV2 = ActionTable(
        "amendTransactionV2", .action, "skypay-api.md §2, 4.3",
        "new particulars for a payout that waits at a store",
        channels: PayoutChannel.stores,
        [sender, controlNumber, name] + storeParticulars
            + [
                .init("idcardPicType", 50, .always), .init("idcardPicUrl", 500, .always),
                .init("location", 100, .always), withdrawChannel,
            ])

    /// 4.2: cancels payouts that wait at a store; the request carries rows as `controlNumbers`.
    public static let cancelPayout = ActionTable(
        "cancelPayout", .action, "skypay-api.md §2, 4.2", "cancels payouts that wait at a store",
        [controlNumber])

    /// v1.37: money between accounts of the partner.
    public static let balanceTransfer = ActionTable(
        "balanceTransfer", .action, "skypay-api.md §2, v1.37",
        "moves balance from one account of the partner to another",
        [
            .init("transferFrom", 5, .always, form: .companyCode),
            .init("transferTo", 5, .always, form: .companyCode),
            .init("amount", 13, .always, form: .amount, writing: .number),
        ])

    /// 5.3.1: a bar code to pay in with.
    public static let generate711Barcode = ActionTable(
        "generate711Barcode", .action, "skypay-api.md §2, 5.3.1",
        "a bar code with which somebody pays in at 7-11",
        [
            .init("contractNumber", 15, .always, form: .controlNumber), name, phone, amount,
        ])
}
