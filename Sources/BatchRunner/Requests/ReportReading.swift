import OrderedJSON
import SkyPay

/// How far a report was read.
struct ReportPlace: Sendable {
    /// The page to ask for next, from 1.
    var page = 1
    /// Times it was asked for in vain.
    var tries = 0
    /// Rows read so far.
    var rows = 0
    /// SkyPay's own figure of them, as last told.
    var stated: Int?
}

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
        var place = ReportPlace()
        let outcome = try await read(on: &place, until: StopRequest(), give)
        return outcome ?? .stopped(.unknown(reason: "stopped"))
    }

    /// Gives out every row from `place` on, a page at a time. Nil when the stop came before the last
    /// page: then `place` says where to go on, and every row before it was given out.
    func read(
        on place: inout ReportPlace, until stop: StopRequest,
        _ give: (JSONObject) throws -> Void
    ) async throws -> Outcome? {
        while place.page <= ReportLimits.maxPages {
            // A report of years takes an hour: others wait for one request of it at most.
            if stop.isRequested { return nil }
            switch await client.reportPage(query, page: place.page) {
            case .page(let found, let total, let isLast):
                for row in found { try give(row) }
                place.rows += found.count
                place.stated = [place.stated, total].compactMap(\.self).max()
                // The rows of a page that came empty are nowhere: "it does not have it" would be
                // said of what it has.
                if found.isEmpty, let stated = place.stated, place.rows < stated {
                    let reason =
                        "page \(place.page) came empty after \(place.rows) of \(stated) rows"
                    return .stopped(.unknown(reason: reason))
                }
                if isLast { return .whole(Self.answer(place)) }
                place.page += 1
                place.tries = 0
            case .refused(let answer): return .stopped(.answered(answer))
            case .certainlyNotSent(let reason): return .stopped(.certainlyNotSent(reason: reason))
            case .unknown(let reason):
                // Asked for again: it changes nothing at the provider.
                place.tries += 1
                guard place.tries < ReportLimits.attemptsPerPage else {
                    return .stopped(.unknown(reason: reason))
                }
            }
        }
        return .stopped(.unknown(reason: "no last page within \(ReportLimits.maxPages) pages"))
    }

    /// What a response says of the report: SkyPay's own figure beside the rows that came.
    private static func answer(_ place: ReportPlace) -> Answer {
        var description = "\(place.rows) rows on \(place.page) pages"
        if let stated = place.stated, stated != place.rows {
            description += "; SkyPay states \(stated) transactions"
        }
        return Answer(
            code: .success, description: description, responseTime: "", fields: [:],
            httpStatus: 200)
    }
}
