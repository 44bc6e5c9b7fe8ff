import OrderedJSON
import SkyPay

/// What an answer to a question must hold to be one, and how responses show it
/// (`skypay-api.md §2`).
struct AnswerShape: Sendable {
    /// The member with a list of entries; nil when the answer is one object.
    var list: String?
    /// Members without which an answer says nothing.
    var required: [String]
    /// Columns of the answer in tables, in their order.
    var columns: [String]

    /// What every answer carries besides: told in columns of their own.
    static let base = ["responseTime", "responseCode", "responseDescription"]

    private static let shapes: [String: AnswerShape] = [
        "balanceQuery": AnswerShape(required: ["balance"], columns: ["balance"]),
        "generate711Barcode": AnswerShape(
            required: ["referenceNumber"], columns: ["referenceNumber"]),
        "payoutQueryStatus": AnswerShape(
            required: ["status"],
            columns: [
                "status", "statusDesc", "transactionDate", "payTime", "cancelTime",
                "withdrawChannel", "referenceNo", "traceNo",
            ]),
        "getReportPayout": AnswerShape(
            list: "result", required: [],
            columns: [
                "createDate", "payTime", "controlNo", "amount", "phone", "receiptNo",
                "referenceNo",
            ]),
        "getReportCollection": AnswerShape(
            list: "result", required: [],
            columns: [
                "createDate", "collectionTime", "collectedTime", "payTime", "contractNo",
                "controlNo", "amount", "phone", "receiptNo", "referenceNo", "status",
            ]),
        "notificationInquiry": AnswerShape(
            list: "notifications", required: [],
            columns: [
                "transctionDate", "companyPrefix", "companyName", "accountNo", "sourceAccountNo",
                "beneficiaryAccountNo", "statementType", "signType", "amount", "currency",
                "referenceNumber",
            ]),
        "getCatalog": AnswerShape(
            list: "result", required: [],
            columns: [
                "NationalityId", "NationalityName", "CivilStatusId", "CivilStatus",
                "IdentificationId", "IdentificationType", "ProvinceId", "Province", "TownCityId",
                "TownCity", "BankCode", "BankName",
            ]),
    ]

    init(list: String? = nil, required: [String], columns: [String]) {
        self.list = list
        self.required = required
        self.columns = columns
    }

    /// The shape of an action's answers; nil for actions whose answer is a code and no more.
    static func of(_ action: String) -> AnswerShape? { shapes[action] }

    /// The answer without what every answer carries.
    func object(_ fields: JSONObject) -> JSONObject {
        JSONObject(
            fields.members.filter { member in
                !Self.base.contains { $0.lowercased() == member.name.lowercased() }
            }.map { ($0.name, $0.value) })
    }

    /// What makes an answer unreadable; nil when it holds what it must.
    func fault(in fields: JSONObject) -> String? {
        for name in required where fields.caseInsensitive(name)?.scalarText?.isEmpty != false {
            return "the answer has no \(name)"
        }
        guard let list else { return nil }
        return entries(of: fields) == nil ? "the answer has no list \"\(list)\"" : nil
    }

    /// The entries of a list; null and "" are a list without any; nil when there is none, or one
    /// with something in it that is no object.
    func entries(of fields: JSONObject) -> [JSONObject]? {
        guard let list, let value = fields.caseInsensitive(list) else { return nil }
        if value == .null || value == .string("") { return [] }
        guard let elements = value.arrayValue else { return nil }
        let objects = elements.compactMap(\.objectValue)
        return objects.count == elements.count ? objects : nil
    }
}
