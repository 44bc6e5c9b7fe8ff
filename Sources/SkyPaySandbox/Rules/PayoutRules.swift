import OrderedJSON
import SkyPay

/// What a payout asks for, once its form is right.
struct PayoutRequest {
    let controlNumber: String
    let amount: Amount
    let channel: String
    /// What the provider keeps of the request besides.
    let particulars: JSONObject
}

extension RequestRules {
    private static let payoutQueue = [
        must("sender", 100), must("controlNumber", 15, TextForms.isControlNumber),
        must("name", 50, TextForms.isName), must("phone", 11, TextForms.isPhone),
        must("amount", 13, TextForms.isAmount), must("accountNo", 50, TextForms.isAccount),
        must("withdrawChannel", 5, TextForms.isOne(of: "5", "6", "8", "15")),
        may("bankNo", 50), may("identificationId", 50),
        may("identificationTypeId", 3, TextForms.isNumber), may("idType", 50),
        may("idcardPicType", 50), may("idcardPicUrl", 500),
        may("birthday", 10, TextForms.isDate), may("birthPlace", 250), may("location", 500),
        may("provinceId", 9, TextForms.isNumber), may("cityId", 9, TextForms.isNumber),
        may("expiryDate", 50),
    ]
    private static let bankOnly = [
        "bankNo", "identificationTypeId", "birthPlace", "provinceId", "cityId", "expiryDate",
    ]
    private static let walletOnly = ["idType", "idcardPicType", "idcardPicUrl"]

    /// Store payouts; an amendment has the same but the amount, and a shorter location.
    private static func store(location: Int) -> [Parameter] {
        [
            must("sender", 100), must("controlNumber", 15, TextForms.isControlNumber),
            must("name", 50, TextForms.isName), must("birthday", 10, TextForms.isDate),
            must("identificationId", 50), must("identificationTypeId", 3, TextForms.isNumber),
            must("phone", 11, TextForms.isPhone), must("idcardPicType", 50),
            must("idcardPicUrl", 500), must("location", location),
            must("withdrawChannel", 5, TextForms.isOne(of: "1", "2", "13")),
        ]
    }

    /// payoutQueue (3.1).
    func payoutQueue(_ fields: JSONObject) throws(Refusal) -> PayoutRequest {
        let texts = try texts(fields, Self.payoutQueue)
        let isBank = texts["withdrawChannel"] == "5"
        if isBank, texts["bankNo"] == nil { throw Refusal(malformed: "bankNo") }
        for name in isBank ? Self.walletOnly : Self.bankOnly where texts[name] != nil {
            throw Refusal(malformed: name)
        }
        if !isBank, !TextForms.isPhone(texts["accountNo"] ?? "") {
            throw Refusal(malformed: "accountNo")
        }
        // Of these nothing else is ever asked again, and there may be a million.
        return try request(texts.filter { $0.key == "phone" || $0.key == "accountNo" }, texts)
    }

    /// payoutQueueV2 (4.1).
    func payoutQueueV2(_ fields: JSONObject) throws(Refusal) -> PayoutRequest {
        let amount = [Self.must("amount", 13, TextForms.isAmount)]
        let texts = try texts(fields, Self.store(location: 500) + amount)
        return try request(texts, texts)
    }

    /// amendTransactionV2 (4.3): the payout's number and its new particulars.
    func amendment(
        _ fields: JSONObject
    ) throws(Refusal) -> (controlNumber: String, particulars: JSONObject) {
        let texts = try texts(fields, Self.store(location: 100))
        return (texts["controlNumber"] ?? "", Self.particulars(texts))
    }

    private func request(
        _ kept: [String: String], _ texts: [String: String]
    ) throws(Refusal) -> PayoutRequest {
        guard let amount = texts["amount"].flatMap(Amount.init(wire:)), amount > .zero else {
            throw Refusal(malformed: "amount")
        }
        return PayoutRequest(
            controlNumber: texts["controlNumber"] ?? "", amount: amount,
            channel: texts["withdrawChannel"] ?? "", particulars: Self.particulars(kept))
    }

    private static func particulars(_ texts: [String: String]) -> JSONObject {
        let own = ["userName", "action", "authentication", "controlNumber", "amount"]
        let kept = texts.filter { !own.contains($0.key) }.sorted { $0.key < $1.key }
        return JSONObject(kept.map { ($0.key, .string($0.value)) })
    }
}
