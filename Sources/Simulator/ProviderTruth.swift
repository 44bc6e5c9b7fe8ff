import OrderedJSON

/// What the provider's own books say, by control number.
struct ProviderTruth {
    struct Payout {
        /// How far it has come, in the sandbox's word.
        var status: String
        var amount: String?
        /// How often money moved for it.
        var applied: Int
        /// The payee's, as amended.
        var name: String?
    }

    private(set) var payouts: [String: Payout] = [:]
    /// How often money went to another account, by amount.
    private(set) var transfers: [String: Int] = [:]

    init(_ json: JSONValue) {
        for entry in json["payouts"]?.arrayValue ?? [] {
            guard let number = entry["controlNumber"]?.stringValue else { continue }
            payouts[number] = Payout(
                status: entry["status"]?.stringValue ?? "", amount: entry["amount"]?.stringValue,
                applied: entry["applied"]?.integerValue ?? 0, name: entry["name"]?.stringValue)
        }
        for notice in json["notifications"]?.arrayValue ?? []
        where notice["statementType"]?.stringValue == "3"
            && notice["signType"]?.stringValue == "reduce"
        {
            transfers[notice["amount"]?.scalarText ?? "", default: 0] += 1
        }
    }
}
