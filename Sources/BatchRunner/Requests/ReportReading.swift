import OrderedJSON
import SkyPay

/// Reads a report from its first page to its last, one page in memory at a time. A report is a
/// question: one that breaks off is begun again from its first page.
struct ReportReading: Sendable {
    let client: SkyPayClient
    let query: ReportQuery

    /// What reading came to.
    enum Outcome {
        /// Every page; the answer stands for the codes that a good report does not carry.
        case whole(Answer)
        /// A page that did not come, or a last one that came empty while rows are still stated.
        case stopped(SendOutcome)
    }

    /// Gives out every row of every page.
    func read(_ give: (JSONObject) throws -> Void) async throws -> Outcome {
        var (page, rows, stated) = (1, 0, Int?.none)
        while page <= ReportLimits.maxPages {
            switch await self.page(page) {
            case .page(let found, let total, let isLast):
                for row in found { try give(row) }
                rows += found.count
                stated = [stated, total].compactMap(\.self).max()
                // The rows of a page that came empty are nowhere: "it does not have it" would be
                // said of what it has.
                if found.isEmpty, let stated, rows < stated {
                    let reason = "page \(page) came empty after \(rows) of \(stated) rows"
                    return .stopped(.unknown(reason: reason))
                }
                if isLast { return .whole(Self.answer(rows, stated, page)) }
                page += 1
            case .refused(let answer): return .stopped(.answered(answer))
            case .certainlyNotSent(let reason): return .stopped(.certainlyNotSent(reason: reason))
            case .unknown(let reason): return .stopped(.unknown(reason: reason))
            }
        }
        return .stopped(.unknown(reason: "no last page within \(ReportLimits.maxPages) pages"))
    }

    /// One page, asked for again where there was no answer: it changes nothing at the provider.
    private func page(_ number: Int) async -> ReportPageOutcome {
        var outcome = await client.reportPage(query, page: number)
        for _ in 1..<ReportLimits.attemptsPerPage {
            switch outcome {
            case .page, .refused, .certainlyNotSent: return outcome
            case .unknown: outcome = await client.reportPage(query, page: number)
            }
        }
        return outcome
    }

    /// What a response says of the report: SkyPay's own figure beside the rows that came.
    private static func answer(_ rows: Int, _ stated: Int?, _ pages: Int) -> Answer {
        var description = "\(rows) rows on \(pages) pages"
        if let stated, stated != rows { description += "; SkyPay states \(stated) transactions" }
        return Answer(
            code: .success, description: description, responseTime: "", fields: [:],
            httpStatus: 200)
    }
}
