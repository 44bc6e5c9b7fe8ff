import OrderedJSON
import SkyPay

// Rows that are no payouts: their fields → what is sent.
extension RequestSource {
    /// The request of a row: of a report its first page. The same row always gives the same bytes
    /// under the same configuration.
    func request(for row: StoredRequest, client: SkyPayClient) throws -> PreparedRequest {
        let fields = try fields(of: row)
        switch SkyPayAction(rawValue: row.action) {
        case .cancelPayout:
            // One number in each request: SkyPay has one answer for all, and says nothing of each.
            return client.prepareCancel([row.number ?? ""])
        case .getCatalog:
            guard let kind = fields["catalogType"]?.scalarText.flatMap(CatalogKind.init(rawValue:))
            else { throw unsendable(row) }
            return client.prepareCatalog(kind)
        case .getReportPayout, .getReportCollection:
            return client.prepareReportPage(try reportQuery(of: row), page: 1)
        case .amendTransactionV2:
            return client.prepare(.amendTransactionV2, fields: withSender(fields))
        case let action? where ActionFamily.of(row.action) != .payout:
            return client.prepare(action, fields: fields)
        default: throw unsendable(row)
        }
    }

    /// The report a row asks for.
    func reportQuery(of row: StoredRequest) throws -> ReportQuery {
        guard let action = SkyPayAction(rawValue: row.action),
            let query = ReportQuery(action, row: try fields(of: row))
        else { throw unsendable(row) }
        return query
    }

    private func unsendable(_ row: StoredRequest) -> InvariantViolation {
        InvariantViolation(
            "file \(row.key.fileID), line \(row.line): no request of \(row.action) can be made of "
                + "it")
    }
}

/// Limits of reading reports.
enum ReportLimits {
    /// Times a page is asked for before the report is left for later.
    static let attemptsPerPage = 3
    /// Pages read at most: a provider that never says "last" must not be read for ever.
    static let maxPages = 100_000
}
