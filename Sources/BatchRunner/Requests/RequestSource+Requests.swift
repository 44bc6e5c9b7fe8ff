import OrderedJSON
import SkyPay

// Rows that are no payouts: their fields → what is sent.
extension RequestSource {
    /// The request of a row. The same row always gives the same bytes under the same configuration.
    func request(for row: StoredRequest, client: SkyPayClient) throws -> PreparedRequest {
        guard let action = SkyPayAction(rawValue: row.action) else {
            throw InvariantViolation("file \(row.key.fileID): no action \(row.action) can be sent")
        }
        return client.prepare(action, fields: try wireFields(of: row, action))
    }

    private func wireFields(of row: StoredRequest, _ action: SkyPayAction) throws -> JSONObject {
        var fields = try fields(of: row)
        switch action {
        case .cancelPayout:
            // One number in each request: SkyPay has one answer for all, and says nothing of each.
            let number: JSONValue = ["controlNumber": .string(row.number ?? "")]
            return ["controlNumbers": [number]]
        case .amendTransactionV2: return withSender(fields)
        case .getCatalog:
            fields["versionDate"] = ""
            return fields
        case .getReportPayout, .getReportCollection:
            fields["pagination"] = "1"
            fields["pageSize"] = .string(String(ReportLimits.pageSize))
            return fields
        case .payoutQueue, .payoutQueueV2, .payoutQueryStatus, .balanceQuery, .balanceTransfer,
            .generate711Barcode, .notificationInquiry:
            return fields
        }
    }
}

/// Limits of reading reports.
enum ReportLimits {
    /// Rows asked for in one page (`skypay-api.md §2`).
    static let pageSize = 100
    /// Times a page is asked for before the report is left for later.
    static let attemptsPerPage = 3
    /// Pages read at most: a provider that never says "last" must not be read for ever.
    static let maxPages = 100_000
}
