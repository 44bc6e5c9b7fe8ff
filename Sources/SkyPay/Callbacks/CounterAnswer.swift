public import OrderedJSON

/// What a successful inquiry is answered with, beside the three fields of every answer
/// (`skypay-api.md §3`). The names are those of the registered row.
public enum CounterAnswer {
    /// Fields of the answer to a payoutInquiry, in the order of SkyPay's documentation.
    public static let payoutFields = [
        "controlNumber", "sender", "senderAddress", "name", "birthday", "identificationId",
        "idType", "phone", "amount", "idcardPicType", "idcardPicUrl", "contractNumber", "location",
    ]
    /// Fields of the answer to a collectionInquiry.
    public static let collectionFields = ["amount", "payerName", "payerAddress", "payerPhone"]

    /// The whole answer: the base fields, then those of the registered row; what the row lacks is
    /// left out. Every scalar is a quoted string.
    public static func json(
        _ base: JSONObject, fields names: [String], of row: JSONObject
    ) -> JSONObject {
        var answer = base
        for name in names {
            guard let text = row[name]?.scalarText, !text.isEmpty else { continue }
            answer[name] = .string(text)
        }
        return answer
    }
}
