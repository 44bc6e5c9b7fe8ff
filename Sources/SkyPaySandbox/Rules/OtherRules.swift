import OrderedJSON
import SkyPay

/// Days of a report, which dates count, and the page wanted.
struct ReportRequest: Sendable, Equatable {
    let startDate: String
    let endDate: String
    let dateType: String
    let page: Int
    let pageSize: Int
}

extension RequestRules {
    /// Rows on one page of a report at most.
    static let maxPageSize = 100

    /// getReportPayout and getReportCollection (6.2); `timeType` is the second dateType.
    func report(_ fields: JSONObject, timeType: String) throws(Refusal) -> ReportRequest {
        let parameters = [
            Self.must("startDate", 10, TextForms.isDate),
            Self.must("endDate", 10, TextForms.isDate),
            Self.must("dateType", 20, TextForms.isOne(of: "CreateDate", timeType)),
        ]
        let texts = try texts(fields, parameters, other: ["pagination", "pageSize"])
        let start = texts["startDate"] ?? ""
        let end = texts["endDate"] ?? ""
        guard start <= end else { throw Refusal(malformed: "endDate") }
        guard let page = fields["pagination"]?.integerValue, page >= 1 else {
            throw Refusal(malformed: "pagination")
        }
        guard let size = fields["pageSize"]?.integerValue, (1...Self.maxPageSize).contains(size)
        else { throw Refusal(malformed: "pageSize") }
        return ReportRequest(
            startDate: start, endDate: end, dateType: texts["dateType"] ?? "", page: page,
            pageSize: size)
    }

    /// balanceQuery (6.3): nothing of its own.
    func balanceQuery(_ fields: JSONObject) throws(Refusal) { _ = try texts(fields, []) }

    /// balanceTransfer (v1.37); the amount is a JSON number.
    func transfer(
        _ fields: JSONObject
    ) throws(Refusal) -> (from: String, to: String, amount: Amount) {
        let parameters = [
            Self.must("transferFrom", 5, TextForms.isAccountCode),
            Self.must("transferTo", 5, TextForms.isAccountCode),
        ]
        let texts = try texts(fields, parameters, other: ["amount"])
        guard case .number(let text) = fields["amount"], let amount = Self.amount(number: text)
        else { throw Refusal(malformed: "amount") }
        return (texts["transferFrom"] ?? "", texts["transferTo"] ?? "", amount)
    }

    /// A positive amount with up to two decimals.
    static func amount(number text: String) -> Amount? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? String(parts[1]) : ""
        guard parts.count <= 2, decimals.count <= 2, parts.count == 1 || !decimals.isEmpty,
            let whole = parts.first
        else { return nil }
        let padded = decimals + String(repeating: "0", count: 2 - decimals.count)
        return Amount(wire: whole + "." + padded).flatMap { $0 > .zero ? $0 : nil }
    }

    /// generate711Barcode (5.3.1).
    func barcode(_ fields: JSONObject) throws(Refusal) -> PayoutRequest {
        let texts = try texts(
            fields,
            [
                Self.must("contractNumber", 15, TextForms.isControlNumber),
                Self.must("name", 50, TextForms.isName),
                Self.must("phone", 11, TextForms.isPhone),
                Self.must("amount", 13, TextForms.isAmount),
            ])
        guard let amount = texts["amount"].flatMap(Amount.init(wire:)) else {
            throw Refusal(malformed: "amount")
        }
        return PayoutRequest(
            controlNumber: texts["contractNumber"] ?? "", amount: amount, channel: "10",
            particulars: [
                "name": .string(texts["name"] ?? ""), "phone": .string(texts["phone"] ?? ""),
            ])
    }

    /// notificationInquiry (6.5); the misspelling is the wire name.
    func notifications(
        _ fields: JSONObject
    ) throws(Refusal) -> (start: String, end: String, types: [String]) {
        let parameters = [
            Self.must("transctionDate", 10, TextForms.isDate),
            Self.must("transEndDate", 10, TextForms.isDate),
        ]
        let texts = try texts(fields, parameters, other: ["statementTypes"])
        let start = texts["transctionDate"] ?? ""
        let end = texts["transEndDate"] ?? ""
        guard start <= end else { throw Refusal(malformed: "transEndDate") }
        let elements = fields["statementTypes"]?.arrayValue ?? []
        let types = elements.compactMap(\.stringValue).filter(TextForms.isStatementType)
        guard (1...6).contains(types.count), types.count == elements.count,
            Set(types).count == types.count
        else {
            throw Refusal(malformed: "statementTypes")
        }
        return (start, end, types)
    }

    /// getCatalog (8): the catalog's name. `versionDate` is there, and empty.
    func catalog(_ fields: JSONObject) throws(Refusal) -> String {
        let texts = try texts(
            fields,
            [
                Self.must(
                    "catalogType", 50,
                    TextForms.isOne(
                        of: "getNationality", "getCivilStatus", "getIdentificationType",
                        "getTownCity", "getProvince", "getBankCode"))
            ], other: ["versionDate"])
        guard fields["versionDate"] == "" else { throw Refusal(malformed: "versionDate") }
        return texts["catalogType"] ?? ""
    }
}
