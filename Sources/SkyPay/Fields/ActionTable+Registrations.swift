// Our own two actions: what to answer when a store asks at its counter. The fields are those
// payoutInquiry and collectionInquiry answer with (skypay-api.md §3).
extension ActionTable {
    private static let expiresAt = FieldSpecification(
        "expiresAt", 19, .never, form: .dateTime,
        note: "GMT+8; the counter is refused from then on")

    /// A payout that a store may pay once somebody comes for it.
    public static let registerPayout = ActionTable(
        "registerPayout", .registration, "skypay-api.md §3, 5.1",
        "a payout that stores may ask for: payoutInquiry and payoutPayout",
        [
            .init("controlNumber", 15, .always, form: .controlNumber),
            .init("sender", 100, .defaulted), .init("senderAddress", 500, .always),
            .init("name", 50, .always, form: .name), .init("birthday", 10, .always, form: .date),
            .init("identificationId", 50, .always), .init("idType", 50, .always),
            .init("phone", 11, .always, form: .phone),
            .init("amount", 13, .always, form: .amount), .init("idcardPicType", 50, .always),
            .init("idcardPicUrl", 500, .always),
            .init("contractNumber", 50, .never), .init("location", 500, .always), expiresAt,
        ])

    /// Money that a store may take in for the partner.
    public static let registerCollection = ActionTable(
        "registerCollection", .registration, "skypay-api.md §3, 5.3",
        "money that stores may take in: collectionInquiry and collectionCollect",
        [
            .init("contractNumber", 15, .always, form: .controlNumber),
            .init("amount", 13, .always, form: .amount),
            .init("payerName", 50, .always, form: .name),
            .init("payerAddress", 500, .always),
            .init("payerPhone", 11, .always, form: .phone), expiresAt,
        ])
}
