import AuditLog
import GRDB
import OrderedJSON
import SkyPay

/// What was learned about a row after its outcome was told: `result` and `final` are never altered,
/// so it appears as a correction. Folded from the events about the row, never changed.
struct Finding: Sendable, Equatable {
    var row: RowKey
    /// The number of its event.
    var sequence: UInt64
    /// What is true by it, in the words of responses.
    var outcome: String
    /// What was told last before it, in the same words.
    var previous: String
    var description: String
    var source: String
    /// As in responses: the provider's time where it gave one, that of the event otherwise.
    var time: String
    var reference: String?
    /// It contradicts what was final: a person has to know.
    var contradicts: Bool

    private init(
        _ row: RowKey, _ outcome: String, instead previous: String, contradicts: Bool,
        _ event: Event
    ) {
        self.row = row
        sequence = event.sequence
        self.outcome = outcome
        self.previous = previous
        self.contradicts = contradicts
        description = event.data["description"]?.stringValue ?? ""
        source = event.data["source"]?.stringValue ?? ""
        time =
            PhilippineTime.responseTime(wire: event.data["providerTime"]?.stringValue)
            ?? event.time
        reference = event.subject["reference"]?.stringValue
    }

    /// The finding in a fact about a payout; nil where it is told in its regular place, or was told.
    /// - Parameter told: what its sender knows it as (`LedgerQueries.told`).
    init?(
        about row: StoredRow, told: PayoutState, _ next: PayoutRecord, _ note: PayoutNote,
        _ event: Event
    ) {
        let before = row.record.state
        // Told as held, and sent again by a person's word: what came of it is told when it is known.
        let wasHeld =
            before == .held
            || !before.isDefinite && row.outcome == PayoutState.held.rawValue
        if wasHeld, next.state != .held, next.state.isDefinite {
            self.init(
                note.row, next.state.rawValue, instead: PayoutState.held.rawValue,
                contradicts: false, event)
            return
        }
        guard before.isFinal, let late = note.fact.learned, late != told,
            late != .accepted || before == .refused
        else { return nil }
        self.init(note.row, late.rawValue, instead: told.rawValue, contradicts: true, event)
    }

    /// The same of an order.
    init?(
        about row: StoredRequest, told: String, _ next: RequestRecord, _ note: RequestNote,
        _ event: Event
    ) {
        let before = row.record.state
        if before == .held, next.state != .held {
            self.init(
                note.row, next.state.word(for: row.action), instead: told, contradicts: false,
                event)
            return
        }
        guard row.record.family == .order, before == .failed || before == .confirmed,
            let after = note.fact.learned?.word(for: row.action), after != told
        else { return nil }
        self.init(note.row, after, instead: told, contradicts: true, event)
    }
}

extension PayoutFact {
    /// The state a late fact speaks for; nil for those that say nothing about an outcome.
    fileprivate var learned: PayoutState? {
        switch self {
        case .accepted: .accepted
        case .paid: .paid
        case .failed: .failed
        case .cancelled: .cancelled
        case .intended, .refused, .unsent, .unknown, .suspended, .held, .queried, .unanswered,
            .reported, .disputed, .resolved:
            nil
        }
    }
}

extension RequestFact {
    fileprivate var learned: RequestState? {
        switch self {
        case .confirmed: .confirmed
        case .failed: .failed
        default: nil
        }
    }
}

/// The table of findings (see `LedgerSchema`). `correction` is the number of the correction a finding
/// is told in; null until one is promised.
enum FindingTable {
    static let names = ["findings"]

    static let sql = """
        CREATE TABLE findings (
            fileId TEXT NOT NULL, row INTEGER NOT NULL, sequence INTEGER NOT NULL,
            outcome TEXT NOT NULL, previous TEXT NOT NULL, description TEXT NOT NULL,
            source TEXT NOT NULL, time TEXT NOT NULL, reference TEXT,
            contradicts INTEGER NOT NULL, correction INTEGER,
            hasTable INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (fileId, row, sequence)
        ) WITHOUT ROWID;
        CREATE INDEX findingsUntold ON findings (fileId) WHERE correction IS NULL;
        CREATE INDEX findingsWithoutTable ON findings (fileId, correction)
            WHERE correction IS NOT NULL AND hasTable = 0;
        """
}

extension LedgerFold {
    /// Keeps a finding; one that says again what the last one about the row said is none.
    func save(_ finding: Finding) throws {
        let last = try String.fetchOne(
            database,
            kept: """
                SELECT outcome FROM findings WHERE fileId = ? AND row = ?
                ORDER BY sequence DESC LIMIT 1
                """, arguments: [finding.row.fileID, finding.row.row])
        guard last != finding.outcome else { return }
        try database.execute(
            kept: """
                INSERT INTO findings (fileId, row, sequence, outcome, previous, description,
                    source, time, reference, contradicts)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                finding.row.fileID, finding.row.row, Int64(finding.sequence), finding.outcome,
                finding.previous, finding.description, finding.source, finding.time,
                finding.reference, finding.contradicts,
            ])
    }

    /// A promised correction takes every finding up to the one it names: what is found while it is
    /// written goes into the next.
    func markFindings(_ response: PreparedResponse) throws {
        guard let correction = response.correction else { return }
        switch response.kind {
        case .correction:
            try database.execute(
                kept: """
                    UPDATE findings SET correction = ?
                    WHERE fileId = ? AND correction IS NULL AND sequence <= ?
                    """,
                arguments: [
                    correction.number, response.fileID, correction.through.map { Int64($0) },
                ])
        case .correctionTable:
            try database.execute(
                kept: "UPDATE findings SET hasTable = 1 WHERE fileId = ? AND correction = ?",
                arguments: [response.fileID, correction.number])
        default: break
        }
    }
}
