import GRDB
import SkyPay

/// Where a request stands in the order in which wishes came: by the log, in which its file was claimed,
/// and by its row. Not by the file's id: that begins with the wall clock's day, clocks go back, and of
/// two orders about a payout the later must not go first.
struct RequestPlace: Sendable, Equatable {
    var claimSequence: Int64
    var row: Int
}

/// A row that is no payout, as the ledger knows it. Apart from `StoredRow`: its states are others, and
/// a payout always has the number and the amount that here may be missing.
struct StoredRequest: Sendable {
    var key: RowKey
    /// The line it begins on, from 1.
    var line: Int
    /// Its item in a JSON batch, from 1.
    var item: Int?
    var location: RowLocation
    /// The event that claimed its file.
    var claimSequence: Int64
    /// The wire name of the action.
    var action: String
    /// The payout it is about, or a bar code's contract number.
    var number: String?
    var amount: Amount?
    /// A `RequestState`, or `rejected`.
    var state: String
    var record: RequestRecord
    var lastCode: String?
    var lastDescription: String?
    var reference: String?
    var answer: StoredAnswer?
    /// A `RequestState`; nil until it is definite.
    var outcome: RequestState?
    var outcomeCode: String?
    var outcomeDescription: String?
    var outcomeAttempts: Int
    var outcomeAt: String?
    var final: RequestState?
    var finalDescription: String?
    var finalAt: String?
    var faults: String?
    /// Every answer that suspended it came sealed: only those prove that it was not processed.
    var doubtDecrypted: Bool
    /// Its place among all.
    var place: RequestPlace { RequestPlace(claimSequence: claimSequence, row: key.row) }

    /// Held, and nothing came of it for certain: SkyPay's own answer, sealed, said that it could not be
    /// read, or turned its action away, and a balance query that it was not this installation.
    var isCertainlyUndone: Bool {
        record.state == .held && !record.possiblySent && doubtDecrypted
    }

    /// What is read of it, in this order.
    enum Column: Int, StoredColumn {
        case fileId, row, line, item, offset, length, action, number, amount, state, family,
            attempts, possiblySent, timesUnanswered, timesUnchanged, reported, firstSentAt,
            lastSentAt, lastQueriedAt, unknownSince, queryAsked, reports, lastCode,
            lastDescription, reference, outcome, outcomeCode, outcomeDescription, outcomeAttempts,
            outcomeAt,
            `final`, finalDescription, finalAt, faults, doubtDecrypted, answerName,
            answerOffset, answerLength, answerEntries, answerSha256, claimSequence
    }

    /// How a statement that reads some begins.
    static let select = "SELECT \(Column.list) FROM requests"

    init(_ row: Row) {
        key = RowKey(fileID: row[Column.fileId], row: row[Column.row])
        line = row[Column.line]
        item = row[Column.item]
        location = RowLocation(offset: row[Column.offset], length: row[Column.length])
        claimSequence = row[Column.claimSequence]
        action = row[Column.action]
        number = row[Column.number]
        amount = (row[Column.amount] as Int64?).map { Amount(centavos: $0) }
        let stateText: String = row[Column.state]
        state = stateText
        record = RequestRecord(
            family: ActionFamily(rawValue: row[Column.family]) ?? .enquiry,
            state: RequestState(rawValue: stateText) ?? .refused, attempts: row[Column.attempts],
            possiblySent: row[Column.possiblySent], timesUnanswered: row[Column.timesUnanswered],
            timesUnchanged: row[Column.timesUnchanged],
            reported: row[Column.reported], firstSentAt: row[Column.firstSentAt],
            lastSentAt: row[Column.lastSentAt], lastQueriedAt: row[Column.lastQueriedAt],
            unknownSince: row[Column.unknownSince],
            queryAsked: row[Column.queryAsked], reports: row[Column.reports])
        lastCode = row[Column.lastCode]
        lastDescription = row[Column.lastDescription]
        reference = row[Column.reference]
        answer = Self.answer(row)
        outcome = (row[Column.outcome] as String?).flatMap(RequestState.init(rawValue:))
        outcomeCode = row[Column.outcomeCode]
        outcomeDescription = row[Column.outcomeDescription]
        outcomeAttempts = row[Column.outcomeAttempts] ?? 0
        outcomeAt = row[Column.outcomeAt]
        final = (row[Column.final] as String?).flatMap(RequestState.init(rawValue:))
        finalDescription = row[Column.finalDescription]
        finalAt = row[Column.finalAt]
        faults = row[Column.faults]
        doubtDecrypted = row[Column.doubtDecrypted]
    }

    private static func answer(_ row: Row) -> StoredAnswer? {
        guard let name = row[Column.answerName] as String? else { return nil }
        return StoredAnswer(
            name: name, offset: row[Column.answerOffset] ?? 0,
            length: row[Column.answerLength] ?? 0,
            entries: row[Column.answerEntries], sha256: row[Column.answerSha256] ?? "")
    }

    /// A note on this row.
    func note(
        _ fact: RequestFact, batch: String, code: String? = nil, description: String = "",
        source: String = "answer"
    ) -> RequestNote {
        var note = RequestNote(
            row: key, line: line, batch: batch, action: action, number: number, amount: amount,
            fact: fact)
        note.code = code
        note.description = description
        note.source = source
        return note
    }
}
