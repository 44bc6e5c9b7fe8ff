import OrderedJSON
import SkyPay

/// Which report is asked for.
enum ReportKind: Sendable, Equatable {
    case payouts
    case collections
}

/// The rows of one report, as places in the ledger, as long as the ledger stays the same.
struct ReportSelection: Sendable {
    let kind: ReportKind
    let startDate: String
    let endDate: String
    let dateType: String
    let revision: Int
    let rows: [Int]
}

extension Sandbox {
    func queryStatus(_ fields: JSONObject, _ fault: FaultRule?) throws(Refusal) -> JSONValue {
        let numbers = try rules.controlNumbers(fields)
        try checkHaste(numbers)
        let rows = numbers.compactMap { number -> JSONValue? in
            let isMeant = fault.map { $0.controlNumber ?? number == number } ?? false
            return ledger[number]?.statusRow(isStale: isMeant && fault?.kind == .stale)
        }
        return answer(.success, "Success", ["result": .array(spoilt(rows, fault))])
    }

    /// Not sooner than so long after sending, and not more often than every so long
    /// (`skypay-api.md §2`). What was asked too soon counts as asked.
    private func checkHaste(_ numbers: [String]) throws(Refusal) {
        let (after, every) = (settings.queryAfterSeconds, settings.queryEverySeconds)
        guard after > 0 || every > 0 else { return }
        let now = settings.clock()
        var isHasty = false
        for number in numbers {
            if let sent = ledger[number]?.lastAt, now < sent + after * 1_000_000 { isHasty = true }
            if let asked = askedAt[number], now < asked + every * 1_000_000 { isHasty = true }
            askedAt[number] = now
        }
        if isHasty { throw Refusal(.unpredictableException, "asked too soon") }
    }

    /// A good report has no code, no time and no description (`skypay-api.md §1`).
    func report(
        _ fields: JSONObject, _ kind: ReportKind, _ fault: FaultRule?
    ) throws(Refusal) -> JSONValue {
        let timeType = kind == .payouts ? "PayTime" : "CollectedTime"
        let request = try rules.report(fields, timeType: timeType)
        let places = select(kind, request)
        let pages = max(1, (places.count + request.pageSize - 1) / request.pageSize)
        let first = (request.page - 1).multipliedReportingOverflow(by: request.pageSize)
        let page = first.overflow ? [] : places.dropFirst(first.partialValue)
        let rows = page.prefix(request.pageSize).map { place in
            kind == .payouts
                ? ledger.payouts[place].reportRow : ledger.collections[place].reportRow
        }
        return [
            "totalTransaction": .number(String(places.count)), "lastPage": .number(String(pages)),
            "result": .array(spoilt(rows, fault)),
        ]
    }

    private func select(_ kind: ReportKind, _ request: ReportRequest) -> [Int] {
        if let last = lastSelection, last.kind == kind, last.revision == ledger.revision,
            last.startDate == request.startDate, last.endDate == request.endDate,
            last.dateType == request.dateType
        {
            return last.rows
        }
        let isCreated = request.dateType == "CreateDate"
        let days: [String?] =
            switch kind {
            case .payouts:
                ledger.payouts.map { payout in
                    let paid = payout.stage == .completed ? payout.settledAt : nil
                    return (isCreated ? payout.payout?.at : paid).map(WireRow.day)
                }
            case .collections:
                ledger.collections.map { payment in
                    isCreated ? WireRow.day(payment.at) : String(payment.collectedTime.prefix(10))
                }
            }
        let rows = days.indices.filter { index in
            days[index].map { (request.startDate...request.endDate).contains($0) } ?? false
        }
        lastSelection = ReportSelection(
            kind: kind, startDate: request.startDate, endDate: request.endDate,
            dateType: request.dateType, revision: ledger.revision, rows: rows)
        return rows
    }

    func notifications(_ fields: JSONObject, _ fault: FaultRule?) throws(Refusal) -> JSONValue {
        let (start, end, types) = try rules.notifications(fields)
        let notices = ledger.moves.flatMap(\.notices).filter { notice in
            let day = notice["transctionDate"]?.stringValue.map { String($0.prefix(10)) } ?? ""
            return (start...end).contains(day)
                && types.contains(notice["statementType"]?.stringValue ?? "")
        }
        let rows = notices.map { JSONValue.object($0) }
        return answer(.success, "Success", ["notifications": .array(spoilt(rows, fault))])
    }

    /// Catalogs come without a description (`skypay-api.md §1`).
    func catalog(_ fields: JSONObject, _ fault: FaultRule?) throws(Refusal) -> JSONValue {
        let rows = catalogs.rows(try rules.catalog(fields)) ?? []
        var object = answer(.success, "").objectValue ?? [:]
        object["responseDescription"] = nil
        object["result"] = .array(spoilt(rows, fault))
        return .object(object)
    }

    /// Rows as a fault leaves them: those of the rule's number missing, or all of them; or twice.
    private func spoilt(_ rows: [JSONValue], _ fault: FaultRule?) -> [JSONValue] {
        switch fault?.kind {
        case .missing:
            guard let number = fault?.controlNumber else { return [] }
            return rows.filter { row in
                !(row.objectValue?.members ?? []).contains { $0.value.scalarText == number }
            }
        case .doubled: return rows + rows
        default: return rows
        }
    }
}
