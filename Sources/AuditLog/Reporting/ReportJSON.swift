public import OrderedJSON

/// The figures of a report for programs: the same ones as on the page, amounts as text.
extension AuditReport {
    /// The report as JSON (docs/report.md).
    public var json: JSONValue {
        var json: JSONObject = [
            "format": "auditlog-report/v1", "origin": .string(identity.origin),
            "period": .string(period.text), "from": .string(period.first),
            "to": .string(period.last), "made": .string(made),
            "verdict": .string(verdict.rawValue),
            "verification": verification?.json ?? .null,
            "problem": figures.problem.map { .string($0) } ?? .null,
            "events": Self.number(figures.counting.events),
            "failures": Self.number(figures.counting.failureCount),
            "firstEvent": place(figures.counting.firstEvent),
            "lastEvent": place(figures.counting.lastEvent),
            "removed": .array(
                figures.removed.map {
                    ["first": Self.number($0.lowerBound), "next": Self.number($0.upperBound + 1)]
                }),
        ]
        json["failureList"] = .array(figures.counting.failures.map(Self.failure))
        json["types"] = .array(figures.counting.types.map(type))
        json["buckets"] = .array(zip(period.buckets, figures.buckets).map(bucket))
        json["timeline"] = .array(figures.counting.timeline.entries.map(Self.entry))
        json["timelineLeft"] = Self.number(figures.counting.timeline.left)
        if profile.amount != nil { addMoney(&json) }
        json["checkpoint"] = identity.checkpoint.map { .string($0.text) } ?? .null
        json["uncovered"] = Self.number(uncovered)
        json["rootKey"] = .string(identity.rootKey)
        json["certificate"] = identity.certificate.map { .string($0) } ?? .null
        return .object(json)
    }

    private func addMoney(_ json: inout JSONObject) {
        json["currency"] = profile.currency.map { .string($0) } ?? .null
        json["otherCurrencies"] = .array(
            figures.counting.currencies.sorted { $0.key < $1.key }.map { name, figure in
                [
                    "currency": .string(name), "events": Self.number(figure.events),
                    "amount": money(figure.sum),
                ]
            })
        json["odd"] = .array(
            figures.odd.map {
                ["event": Self.number($0.sequence), "message": .string($0.message)]
            })
        json["oddCount"] = Self.number(figures.oddCount)
        if profile.countsTransactions {
            json["transactions"] = .object(totals(figures.transactions))
        }
        guard profile.watchesParties, let threshold = profile.threshold else { return }
        json["threshold"] = money(Int128(threshold))
        json["coveredCount"] = .number(String(figures.coveredCount))
        json["coveredIsWhole"] = .boolean(!figures.hasFurtherCovered)
        json["covered"] = .array(figures.covered.map(covered))
    }

    private func covered(_ party: CoveredFigure) -> JSONValue {
        let head: JSONObject = [
            "day": .string(party.day), "party": .string(party.party),
            "label": .string(party.label), "firstTime": .string(party.firstTime),
            "lastTime": .string(party.lastTime),
        ]
        let list: [JSONValue] = party.listed.map { item in
            [
                "transaction": .string(item.name), "event": Self.number(item.sequence),
                "time": .string(item.time), "amount": money(Int128(item.amount)),
                "reversedBy": item.reversedBy.map { .string($0) } ?? .null,
            ]
        }
        return .object(
            JSONObject(
                (head.members + totals(party.totals).members).map { ($0.name, $0.value) }
                    + [("transactions", .array(list))]))
    }

    private func totals(_ totals: TransactionFigure) -> JSONObject {
        [
            "count": Self.number(totals.count), "amount": money(totals.sum),
            "reversedCount": Self.number(totals.reversedCount),
            "reversedAmount": money(totals.reversedSum), "repeats": Self.number(totals.repeats),
        ]
    }

    private func type(_ figure: TypeFigure) -> JSONValue {
        var json: JSONObject = [
            "type": .string(figure.type), "outcome": figure.isFailure ? "failure" : "success",
            "events": Self.number(figure.events),
        ]
        if figure.amounts > 0 { json["amount"] = money(figure.sum) }
        return .object(json)
    }

    private func bucket(_ name: String, _ figure: BucketFigure) -> JSONValue {
        var json: JSONObject = [
            period.isDay ? "hour" : "day": .string(name), "events": Self.number(figure.events),
            "failures": Self.number(figure.failures),
        ]
        if profile.countsTransactions {
            json["transactions"] = Self.number(figure.transactions)
            json["amount"] = money(figure.sum)
        }
        return .object(json)
    }

    private func money(_ value: Int128) -> JSONValue {
        .string(ExactAmount.plain(value, decimals: profile.decimals))
    }

    private func place(_ event: (sequence: UInt64, time: String)?) -> JSONValue {
        guard let event else { return .null }
        return ["event": Self.number(event.sequence), "time": .string(event.time)]
    }

    private static func failure(_ figure: FailureFigure) -> JSONValue {
        [
            "event": number(figure.sequence), "time": .string(figure.time),
            "type": .string(figure.type), "subject": .string(figure.subject),
            "reason": .string(figure.reason),
        ]
    }

    private static func entry(_ figure: TimelineFigure) -> JSONValue {
        [
            "event": number(figure.sequence), "time": .string(figure.time),
            "kind": figure.kind == .gap ? "gap" : "event", "type": .string(figure.type),
            "text": .string(figure.text),
        ]
    }

    private static func number(_ value: UInt64) -> JSONValue { .number(String(value)) }
}
