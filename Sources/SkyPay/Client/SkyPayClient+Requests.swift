import OrderedJSON

// The requests of each action, ready to be recorded and sent. An action whose request is its row
// (payouts, amendTransactionV2, balanceTransfer, generate711Barcode) needs only `prepare`.
extension SkyPayClient {
    /// 4.2: cancels payouts that wait at a store. One answer for all, none per number.
    public func prepareCancel(_ controlNumbers: [String]) -> PreparedRequest {
        prepare(.cancelPayout, fields: Self.list(of: controlNumbers))
    }

    /// 6.1: asks about payouts, at most `maxNumbersPerQuery`.
    public func prepareStatusQuery(_ controlNumbers: [String]) -> PreparedRequest {
        prepare(.payoutQueryStatus, fields: Self.list(of: controlNumbers))
    }

    /// 6.2: one page of a report.
    public func prepareReportPage(_ query: ReportQuery, page: Int) -> PreparedRequest {
        prepare(
            query.action,
            fields: [
                "startDate": .string(query.startDate), "endDate": .string(query.endDate),
                "dateType": .string(query.dateType),
                "pagination": .number(String(page)),
                "pageSize": .number(String(ActionTable.reportPageSize)),
            ])
    }

    /// 6.5: movements on the partner's accounts.
    /// - Parameters:
    ///   - from: the first day, `yyyy-MM-dd`.
    ///   - through: the last day, `yyyy-MM-dd`.
    ///   - statementTypes: 1–6, as in financeNotification.
    public func prepareNotificationInquiry(
        from: String, through: String, statementTypes: [Int]
    ) -> PreparedRequest {
        prepare(
            .notificationInquiry,
            fields: [
                "transctionDate": .string(from), "transEndDate": .string(through),
                "statementTypes": .array(statementTypes.map { .string(String($0)) }),
            ])
    }

    /// 8: one of the provider's lists, whole.
    public func prepareCatalog(_ kind: CatalogKind) -> PreparedRequest {
        prepare(
            .getCatalog, fields: ["catalogType": .string(kind.rawValue), "versionDate": ""])
    }

    /// `controlNumbers: [{"controlNumber": …}]`, the form of two actions.
    static func list(of controlNumbers: [String]) -> JSONObject {
        let numbers = controlNumbers.map { number -> JSONValue in
            ["controlNumber": .string(number)]
        }
        return ["controlNumbers": .array(numbers)]
    }
}
