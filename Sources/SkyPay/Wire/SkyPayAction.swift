import OrderedJSON

/// What a partner can ask of SkyPay; the raw values are the wire names (`skypay-api.md §2`).
public enum SkyPayAction: String, Sendable, CaseIterable {
    /// 3.1: a payout to a bank or wallet.
    case payoutQueue
    /// 4.1: a payout for pick-up at a store.
    case payoutQueueV2
    /// 4.3: new particulars for a payout waiting at a store.
    case amendTransactionV2
    /// 4.2: cancels payouts waiting at a store.
    case cancelPayout
    /// 6.1: the status of up to 50 payouts.
    case payoutQueryStatus
    /// 6.2: payouts of some days.
    case getReportPayout
    /// 6.2: collections of some days.
    case getReportCollection
    /// 6.3: the balance.
    case balanceQuery
    /// v1.37: moves balance between accounts.
    case balanceTransfer
    /// 5.3.1: a bar code for paying in at 7-11.
    case generate711Barcode
    /// 6.5: finance notifications of some days.
    case notificationInquiry
    /// 8: banks, provinces, towns, identification types.
    case getCatalog

    /// The action's fields.
    public var table: ActionTable? { ActionTable.of(rawValue) }

    /// A field's value in its wire form: the table alone knows which fields are numbers and lists
    /// (`skypay-api.md §1`, "Writing"); every other scalar is a quoted string, members of arrays
    /// and objects likewise.
    func wireValue(_ value: JSONValue, of field: String) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { scalar($0, of: field) })
        case .object(let object):
            return .object(
                JSONObject(object.members.map { ($0.name, wireValue($0.value, of: $0.name)) }))
        case .string(let text) where table?.field(field)?.writing == .list:
            return .array(text.split(separator: " ").map { .string(String($0)) })
        default: return scalar(value, of: field)
        }
    }

    private func scalar(_ value: JSONValue, of field: String) -> JSONValue {
        switch value {
        case .null: return .null
        case .string(let text), .number(let text):
            return table?.field(field)?.writing == .number ? .number(text) : .string(text)
        case .boolean(let flag): return .string(flag ? "true" : "false")
        case .array, .object: return wireValue(value, of: field)
        }
    }
}
