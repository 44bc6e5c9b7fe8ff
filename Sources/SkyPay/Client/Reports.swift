public import OrderedJSON

/// Which report is asked for (`skypay-api.md §2`, 6.2).
public struct ReportQuery: Sendable, Equatable {
    /// getReportPayout or getReportCollection.
    public let action: SkyPayAction
    /// The first day, `yyyy-MM-dd`, GMT+8.
    public let startDate: String
    /// The last day, `yyyy-MM-dd`, GMT+8.
    public let endDate: String
    /// What the days are of: `CreateDate`, `PayTime` (payouts), `CollectedTime` (collections).
    public let dateType: String

    /// Payouts of some days.
    public static func payouts(from: String, through: String, dateType: String) -> ReportQuery {
        ReportQuery(.getReportPayout, from, through, dateType)
    }

    /// Collections of some days.
    public static func collections(
        from: String, through: String, dateType: String
    ) -> ReportQuery {
        ReportQuery(.getReportCollection, from, through, dateType)
    }

    /// The query of a batch's row; nil for another action, or a row without the fields.
    public init?(_ action: SkyPayAction, row: JSONObject) {
        guard [.getReportPayout, .getReportCollection].contains(action),
            let start = row["startDate"]?.stringValue, let end = row["endDate"]?.stringValue,
            let dateType = row["dateType"]?.stringValue
        else { return nil }
        self.init(action, start, end, dateType)
    }

    private init(_ action: SkyPayAction, _ start: String, _ end: String, _ dateType: String) {
        self.action = action
        startDate = start
        endDate = end
        self.dateType = dateType
    }
}

/// What asking for one page of a report brought.
public enum ReportPageOutcome: Sendable {
    /// The rows as they came; `isLast` when there is no further page to ask for.
    case page(rows: [JSONObject], totalTransaction: Int?, isLast: Bool)
    /// SkyPay answered with a code other than 1000.
    case refused(Answer)
    /// No connection; SkyPay never saw the question.
    case certainlyNotSent(reason: String)
    /// No readable answer; the page may be asked for again.
    case unknown(reason: String)
}

extension SkyPayClient {
    /// Asks for one page, from 1. A report carries no responseCode when it succeeds.
    public func reportPage(_ query: ReportQuery, page: Int) async -> ReportPageOutcome {
        switch await exchange(prepareReportPage(query, page: page)) {
        case .certainlyNotSent(let reason): return .certainlyNotSent(reason: reason)
        case .unknown(let reason): return .unknown(reason: reason)
        case .fields(let fields, let status, let wasDecrypted):
            let answer = AnswerReading.answer(
                fields, status: status, wasDecrypted: wasDecrypted)
            if let answer, answer.code != .success { return .refused(answer) }
            return Self.reportPage(in: fields, page: page)
        }
    }

    /// The page in an answer. Pages end with the one `lastPage` names (a number, or true on the
    /// page itself), or with an empty one; one that comes empty before the last it names itself is
    /// no page: its rows are nowhere.
    static func reportPage(in fields: JSONObject, page: Int) -> ReportPageOutcome {
        guard let result = fields.caseInsensitive("result") else {
            return .unknown(reason: "the report has no result")
        }
        // No rows at all may come as null, or as "".
        let elements = result.arrayValue ?? (result.isAbsent ? [] : nil)
        guard let elements else { return .unknown(reason: "the report's result is no list") }
        let rows = elements.compactMap(\.objectValue)
        guard rows.count == elements.count else {
            return .unknown(reason: "the report has a row that cannot be read")
        }
        let lastPage = fields.caseInsensitive("lastPage")?.scalarText
        let pages = lastPage.flatMap { Int($0) } ?? 0
        if rows.isEmpty, page < pages {
            return .unknown(reason: "page \(page) of \(pages) came empty")
        }
        let isNamedLast = lastPage.map { isLast($0, page: page) }
        let total = fields.caseInsensitive("totalTransaction")?.scalarText.flatMap { Int($0) }
        return .page(
            rows: rows, totalTransaction: total, isLast: rows.isEmpty || isNamedLast == true)
    }
}

extension SkyPayClient {
    /// What `lastPage` says of a page: a number from 1, or true and false. 0 says nothing; then an
    /// empty page ends the report.
    private static func isLast(_ text: String, page: Int) -> Bool {
        guard let number = Int(text) else { return text.lowercased() == "true" }
        return number >= 1 && page >= number
    }
}

/// A row of a report, read by whichever names the provider used. Texts are nil where absent or "".
public struct ReportRow: Sendable, Equatable {
    /// controlNo, controlNumber, contractNo or contractNumber.
    public let number: String
    /// The amount; nil when it is no amount.
    public let amount: Amount?
    /// When it was made, as it came.
    public let createDate: String?
    /// payTime, collectionTime or collectedTime, as it came.
    public let payTime: String?
    /// The payee's or payer's phone.
    public let phone: String?
    /// receiptNo or referenceNo.
    public let receiptNo: String?
    /// Of collections: `Confirmed`.
    public let status: String?

    /// Reads a row; nil without a number.
    public init?(_ object: JSONObject) {
        func text(_ names: String...) -> String? {
            names.lazy.compactMap { name in
                object.caseInsensitive(name)?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
            }.first
        }
        guard let number = text("controlNo", "controlNumber", "contractNo", "contractNumber")
        else { return nil }
        self.number = number
        amount = text("amount").flatMap(Amount.init(provider:))
        createDate = text("createDate")
        payTime = text("payTime", "collectionTime", "collectedTime")
        phone = text("phone")
        receiptNo = text("receiptNo", "referenceNo", "receiptNumber", "referenceNumber")
        status = text("status")
    }
}

extension JSONValue {
    /// null or "".
    var isAbsent: Bool { self == .null || self == .string("") }
}
