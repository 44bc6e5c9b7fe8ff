// Questions to the provider (skypay-api.md §2). No money moves, so they may be asked again.
extension ActionTable {
    /// 6.1: what became of payouts; the request carries up to 50 rows as `controlNumbers`.
    public static let payoutQueryStatus = ActionTable(
        "payoutQueryStatus", .action, "skypay-api.md §2, 6.1", "what became of payouts",
        [.init("controlNumber", 15, .always, form: .controlNumber)])

    /// 6.2: payouts of some days.
    public static let getReportPayout = ActionTable(
        "getReportPayout", .action, "skypay-api.md §2, 6.2", "the payouts of some days",
        report(dateTypes: ["CreateDate", "PayTime"]))

    /// 6.2: collections of some days.
    public static let getReportCollection = ActionTable(
        "getReportCollection", .action, "skypay-api.md §2, 6.2", "the collections of some days",
        report(dateTypes: ["CreateDate", "CollectedTime"]))

    /// Rows on one page of a report.
    public static let reportPageSize = 100

    private static func report(dateTypes: [String]) -> [FieldSpecification] {
        [
            .init("startDate", 10, .always, form: .date),
            .init("endDate", 10, .always, form: .date, notBefore: "startDate"),
            .init("dateType", 13, .always, form: .oneOf(dateTypes)),
            .init(
                "pagination", 9, .program, form: .count(1...999_999_999), writing: .number,
                note: "every page is read, from 1"),
            .init(
                "pageSize", 3, .program, form: .count(1...reportPageSize), writing: .number,
                note: "always \(reportPageSize)"),
        ]
    }

    /// 6.3: the balance.
    public static let balanceQuery = ActionTable(
        "balanceQuery", .action, "skypay-api.md §2, 6.3", "the balance of the account", [])

    /// 6.5: movements on the partner's accounts.
    public static let notificationInquiry = ActionTable(
        "notificationInquiry", .action, "skypay-api.md §2, 6.5",
        "top-ups, settlements and withdrawals of some days",
        [
            .init(
                "transctionDate", 10, .always, form: .date,
                note: "the misspelling is the wire name"),
            .init("transEndDate", 10, .always, form: .date, notBefore: "transctionDate"),
            .init(
                "statementTypes", 11, .always, form: .listOf(["1", "2", "3", "4", "5", "6"]),
                writing: .list),
        ])

    /// 8: one of the provider's lists.
    public static let getCatalog = ActionTable(
        "getCatalog", .action, "skypay-api.md §2, 8", "one of the provider's lists of codes",
        [
            .init(
                "catalogType", 21, .always, form: .oneOf(CatalogKind.allCases.map(\.rawValue))),
            .init("versionDate", 10, .program, form: .empty, note: "always \"\""),
        ])
}
