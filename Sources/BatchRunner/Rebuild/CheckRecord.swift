import AuditLog
import GRDB
import OrderedJSON

/// What the log knows of the last check of the ledger: data of a `ledger.checked` event, kept in the
/// ledger's table `meta`.
struct CheckRecord: Sendable, Equatable {
    /// Who asked for a check.
    enum Source: String, Sendable {
        case nightly, run, rebuild
    }

    static let name = "ledgerCheck"
    /// Differences an event names at most.
    static let maxNamed = 20

    /// RFC 3339.
    var time: String
    /// The ledger in place agrees with the log, by this check or because it was replaced after it.
    var agrees: Bool
    /// Rows and columns that differed.
    var differing: Int

    /// When it was, in unix seconds.
    var unixSeconds: Int64? { EventTime.unixSeconds(time) }

    /// Why nothing may be done; nil while the ledger agrees.
    var refusal: String? {
        guard !agrees else { return nil }
        return "the check of \(time) found that the ledger does not agree with the audit log "
            + "(I10): nothing is taken in or sent until `batchrunner rebuild` shows what differs "
            + "and `batchrunner rebuild --replace` puts a new ledger in its place"
    }

    /// As `status` tells it.
    var json: JSONValue {
        [
            "at": .string(time), "agrees": .boolean(agrees),
            "differing": .number(String(differing)),
        ]
    }

    init?(_ text: String) throws {
        let data = try JSONValue(parsing: Array(text.utf8))
        guard let time = data["at"]?.stringValue, let agrees = data["agrees"]?.booleanValue
        else { return nil }
        self.time = time
        self.agrees = agrees
        differing = data["differing"]?.integerValue ?? 0
    }

    /// The event of a check, with what differed by place and without values.
    /// - Parameter replaced: the name the old ledger is kept under; nil when it was not replaced.
    static func draft(
        _ comparison: LedgerComparison, _ source: Source, replaced: String? = nil,
        by author: EventAuthor
    ) -> EventDraft {
        var data = comparison.summary
        data["source"] = .string(source.rawValue)
        data["places"] = .array(
            comparison.differences.prefix(maxNamed).map { .object($0.place) })
        data["replaced"] = replaced.map { .string($0) }
        let isSound = comparison.agrees || replaced != nil
        return author.draft(.ledgerChecked, outcome: isSound ? .success : .failure, data: data)
    }

    /// The event of a check that could not be made, because what the log and the private copies hold
    /// gives no ledger at all.
    static func draft(
        impossible reason: String, _ source: Source, by author: EventAuthor
    ) -> EventDraft {
        author.draft(
            .ledgerChecked, outcome: .failure,
            data: ["agrees": false, "source": .string(source.rawValue), "damage": .string(reason)])
    }
}

extension LedgerFold {
    func checkLedger(_ event: Event) throws {
        var data: JSONObject = [
            "at": .string(event.time), "agrees": .boolean(event.outcome == .success),
        ]
        data["differing"] = event.data["differing"]
        try database.execute(
            kept: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [CheckRecord.name, JSONValue.object(data).text()])
    }
}

extension Ledger {
    /// The last check of this ledger; nil before the first.
    func lastCheck() throws -> CheckRecord? {
        let text = try database.read { try KeyFold.value($0, CheckRecord.name) }
        return try text.flatMap { try CheckRecord($0) }
    }
}
