import GRDB
import SkyPay

/// A row that is no payout, as the ledger knows it. Apart from `StoredRow`: its states are others, and
/// a payout always has the number and the amount that here may be missing.
struct StoredRequest: Sendable {
    var key: RowKey
    /// The line it begins on, from 1.
    var line: Int
    /// Its item in a JSON batch, from 1.
    var item: Int?
    var location: RowLocation
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
    /// The answer that suspended it last came sealed.
    var doubtDecrypted: Bool

    init(_ row: Row) {
        key = RowKey(fileID: row["fileId"], row: row["row"])
        line = row["line"]
        item = row["item"]
        location = RowLocation(offset: row["offset"], length: row["length"])
        action = row["action"]
        number = row["number"]
        amount = (row["amount"] as Int64?).map { Amount(centavos: $0) }
        let stateText: String = row["state"]
        state = stateText
        record = RequestRecord(
            family: ActionFamily(rawValue: row["family"]) ?? .enquiry,
            state: RequestState(rawValue: stateText) ?? .refused, attempts: row["attempts"],
            possiblySent: row["possiblySent"], timesUnanswered: row["timesUnanswered"],
            timesUnchanged: row["timesUnchanged"],
            reported: row["reported"], firstSentAt: row["firstSentAt"],
            lastSentAt: row["lastSentAt"], lastQueriedAt: row["lastQueriedAt"],
            unknownSince: row["unknownSince"],
            queryAsked: row["queryAsked"])
        lastCode = row["lastCode"]
        lastDescription = row["lastDescription"]
        reference = row["reference"]
        answer = Self.answer(row)
        outcome = (row["outcome"] as String?).flatMap(RequestState.init(rawValue:))
        outcomeCode = row["outcomeCode"]
        outcomeDescription = row["outcomeDescription"]
        outcomeAttempts = row["outcomeAttempts"] ?? 0
        outcomeAt = row["outcomeAt"]
        final = (row["final"] as String?).flatMap(RequestState.init(rawValue:))
        finalDescription = row["finalDescription"]
        finalAt = row["finalAt"]
        faults = row["faults"]
        doubtDecrypted = row["doubtDecrypted"]
    }

    private static func answer(_ row: Row) -> StoredAnswer? {
        guard let name = row["answerName"] as String? else { return nil }
        return StoredAnswer(
            name: name, offset: row["answerOffset"] ?? 0, length: row["answerLength"] ?? 0,
            entries: row["answerEntries"], sha256: row["answerSha256"] ?? "")
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
