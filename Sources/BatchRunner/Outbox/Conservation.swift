import GRDB
import OrderedJSON
import SkyPay

/// Rows and money in = rows and money out (docs/ARCHITECTURE.md, I5), for one file at one stage or
/// for the whole site.
struct Conservation: Sendable {
    /// Every way a row can stand, in the order it is reported.
    static let outcomes = [
        "paid", "failed", "cancelled", "accepted", "refused", "rejected", "held", "unknown",
        "unsent", "withdrawn", "answered", "amended", "transferred",
    ]

    var received: StateTotal
    var parts: [String: StateTotal]

    /// The figures of one file as its result or final states them: by the frozen outcomes.
    init(_ ledger: Ledger, file: StoredFile, stage: ResultDocument.Stage) throws {
        self.init(file, try Self.parts(ledger, "rows", file, stage))
    }

    /// The figures of a batch that sends no payouts.
    init(_ ledger: Ledger, requestsOf file: StoredFile, stage: ResultDocument.Stage) throws {
        var parts: [String: StateTotal] = [:]
        for (state, total) in try Self.parts(ledger, "requests", file, stage) {
            let word = RequestState(rawValue: state)?.word(for: file.action ?? "") ?? state
            parts[word] = total
        }
        self.init(file, parts)
    }

    /// The figures of one file whose parts are known.
    init(_ file: StoredFile, _ parts: [String: StateTotal]) {
        self.parts = parts
        received = StateTotal(
            rows: file.details["counts"]?["total"]?.integerValue ?? -1,
            amount: Self.money(file.details["amounts"]?["total"]?.stringValue, parts))
    }

    /// The money that a verdict's event states. Earlier versions took batches whose total looks like a
    /// card number, and the log has it masked: then it is what the rows come to, if that is masked
    /// alike. The plan hash holds for each of them.
    private static func money(_ stated: String?, _ parts: [String: StateTotal]) -> AmountSum {
        if let amount = stated.flatMap({ Amount(wireTotal: $0) }) { return AmountSum(amount) }
        let sum = parts.values.reduce(AmountSum.zero) { $0 + $1.amount }
        return PersonalData.safe(sum.text) == stated ? sum : AmountSum(centavos: -1)
    }

    private static func parts(
        _ ledger: Ledger, _ table: String, _ file: StoredFile, _ stage: ResultDocument.Stage
    ) throws -> [String: StateTotal] {
        let outcome =
            stage == .final ? "COALESCE(final, outcome, state)" : "COALESCE(outcome, state)"
        return try ledger.database.read { database in
            let rows = try Row.fetchAll(
                database,
                kept: """
                    SELECT \(outcome) AS part, \(StateTotal.columns)
                    FROM \(table) WHERE fileId = ? GROUP BY part
                    """, arguments: [file.fileID])
            return Dictionary(
                uniqueKeysWithValues: rows.map { ($0["part"] as String, StateTotal($0)) })
        }
    }

    /// Nothing appeared and nothing went missing.
    var balanced: Bool {
        let known = Set(Self.outcomes)
        guard parts.keys.allSatisfy(known.contains) else { return false }
        let rows = parts.values.reduce(0) { $0 + $1.rows }
        let amount = parts.values.reduce(AmountSum.zero) { $0 + $1.amount }
        return rows == received.rows && amount == received.amount
    }

    /// Rows by outcome.
    var counts: JSONValue {
        .object(
            JSONObject(present.map { ($0, .number(String(parts[$0]?.rows ?? 0))) }))
    }

    /// Money by outcome.
    var amounts: JSONValue {
        .object(JSONObject(present.map { ($0, .string(parts[$0]?.amount.text ?? "")) }))
    }

    /// The whole sum.
    var json: JSONValue {
        [
            "in": Self.json(received),
            "out": .object(JSONObject(present.map { ($0, Self.json(parts[$0] ?? StateTotal())) })),
            "balanced": .boolean(balanced),
        ]
    }

    private var present: [String] { Self.outcomes.filter { parts[$0] != nil } }

    private static func json(_ total: StateTotal) -> JSONValue {
        ["rows": .number(String(total.rows)), "amount": .string(total.amount.text)]
    }
}
