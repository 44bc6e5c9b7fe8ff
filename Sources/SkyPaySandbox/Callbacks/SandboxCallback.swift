public import OrderedJSON
public import SkyPay

/// Callbacks as SkyPay writes them (`skypay-api.md §3`), before encryption.
public enum SandboxCallback {
    /// A payoutQueuePayout.
    public static func payoutQueuePayout(
        _ credentials: SkyPayCredentials, controlNumber: String, payType: PayType,
        dealTime: String, failDescription: String? = nil, referenceNumber: String? = nil
    ) -> JSONValue {
        var fields: JSONObject = [
            "controlNumber": .string(controlNumber),
            "payType": .string(String(payType.rawValue)), "dealTime": .string(dealTime),
        ]
        fields["failDescription"] = failDescription.map { .string($0) }
        fields["referenceNumber"] = referenceNumber.map { .string($0) }
        return message("payoutQueuePayout", credentials, fields)
    }

    /// A financeNotification.
    public static func financeNotification(
        _ credentials: SkyPayCredentials, _ notice: JSONObject
    ) -> JSONValue {
        message("financeNotification", credentials, notice)
    }

    /// payoutInquiry: may this payout be paid at the counter, and to whom?
    public static func payoutInquiry(
        _ credentials: SkyPayCredentials, controlNumber: String
    ) -> JSONValue {
        message("payoutInquiry", credentials, ["controlNumber": .string(controlNumber)])
    }

    /// payoutPayout: it was paid.
    public static func payoutPayout(
        _ credentials: SkyPayCredentials, controlNumber: String, withdrawChannel: String,
        payTime: String
    ) -> JSONValue {
        message(
            "payoutPayout", credentials,
            [
                "controlNumber": .string(controlNumber),
                "withdrawChannel": .string(withdrawChannel), "payTime": .string(payTime),
            ])
    }

    /// collectionInquiry: may this contract be paid, and how much?
    public static func collectionInquiry(
        _ credentials: SkyPayCredentials, contractNumber: String, amount: String, phone: String
    ) -> JSONValue {
        message(
            "collectionInquiry", credentials,
            [
                "contractNumber": .string(contractNumber), "amount": .string(amount),
                "phone": .string(phone),
            ])
    }

    /// collectionCollect: it was paid.
    public static func collectionCollect(
        _ credentials: SkyPayCredentials, contractNumber: String, amount: String, phone: String,
        receiptNumber: String, collectedTime: String, payChannel: String
    ) -> JSONValue {
        message(
            "collectionCollect", credentials,
            [
                "contractNumber": .string(contractNumber), "amount": .string(amount),
                "phone": .string(phone), "receiptNumber": .string(receiptNumber),
                "collectedTime": .string(collectedTime), "payChannel": .string(payChannel),
            ])
    }

    /// A message of SkyPay's: who, what, and the fields.
    private static func message(
        _ action: String, _ credentials: SkyPayCredentials, _ fields: JSONObject
    ) -> JSONValue {
        var object: JSONObject = [
            "userName": .string(credentials.userName), "action": .string(action),
            "authentication": .string(credentials.authentication),
        ]
        object.members += fields.members
        return .object(object)
    }
}
