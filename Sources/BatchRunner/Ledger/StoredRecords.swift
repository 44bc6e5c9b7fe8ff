import GRDB
import OrderedJSON
import SkyPay

/// The one verdict every complete file ends in (docs/ARCHITECTURE.md, I4).
enum FileVerdict: String, Sendable {
    case accepted, partial, rejected, duplicate, quarantined
    /// A callback that was answered.
    case answered
}

/// A file as the ledger knows it.
struct StoredFile: Sendable {
    var fileID: String
    var sender: String
    var name: String
    var outputName: String
    var sha256: String
    var sideSHA256: String?
    var identity: JSONObject
    var receivedAt: String
    var claimSequence: UInt64
    var judgings: Int
    var verdict: FileVerdict?
    var reason: String?
    /// The data of the verdict's event.
    var details: JSONObject
    var verdictSequence: UInt64
    var batch: String?
    var action: String?
    var mode: String?
    var duplicateOf: String?
    var acknowledged: Bool
    var resultPrepared: Bool
    var finalPrepared: Bool

    /// What is read of it, in this order.
    enum Column: Int, StoredColumn {
        case fileId, sender, name, outputName, sha256, sideSha256, identity, receivedAt,
            claimSequence, judgings, verdict, reason, details, verdictSequence, batch, action,
            mode, duplicateOf, acknowledged, resultPrepared, finalPrepared
    }

    /// How a statement that reads some begins.
    static let select = "SELECT \(Column.list) FROM files"

    init(_ row: Row) throws {
        fileID = row[Column.fileId]
        sender = row[Column.sender]
        name = row[Column.name]
        outputName = row[Column.outputName]
        sha256 = row[Column.sha256]
        sideSHA256 = row[Column.sideSha256]
        identity = Self.object(row[Column.identity])
        receivedAt = row[Column.receivedAt]
        claimSequence = UInt64(row[Column.claimSequence] as Int64)
        judgings = row[Column.judgings]
        verdict = (row[Column.verdict] as String?).flatMap(FileVerdict.init(rawValue:))
        reason = row[Column.reason]
        details = Self.object(row[Column.details])
        verdictSequence = UInt64((row[Column.verdictSequence] as Int64?) ?? 0)
        batch = row[Column.batch]
        action = row[Column.action]
        mode = row[Column.mode]
        duplicateOf = row[Column.duplicateOf]
        acknowledged = row[Column.acknowledged]
        resultPrepared = row[Column.resultPrepared]
        finalPrepared = row[Column.finalPrepared]
    }

    private static func object(_ text: String?) -> JSONObject {
        guard let text, let value = try? JSONValue(parsing: Array(text.utf8)) else { return [:] }
        return value.objectValue ?? [:]
    }

    /// Column names of the batch, in their order; empty for JSON forms.
    var columns: [String] { details["columns"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// How the batch is written.
    var form: BatchForm? { details["form"]?.stringValue.flatMap(BatchForm.init(rawValue:)) }
}

/// A row as the ledger knows it.
struct StoredRow: Sendable {
    /// The state of rows that validation refused; they are never sent.
    static let rejectedState = "rejected"

    var key: RowKey
    /// The line it begins on, from 1.
    var line: Int
    /// Its item in a JSON batch, from 1.
    var item: Int?
    var location: RowLocation
    var controlNumber: String
    var amount: Amount
    /// A `PayoutState`, or `rejected`.
    var state: String
    var record: PayoutRecord
    var lastCode: String?
    var lastDescription: String?
    var reference: String?
    var outcome: String?
    var outcomeCode: String?
    var outcomeDescription: String?
    var outcomeAttempts: Int
    var outcomeAt: String?
    var final: String?
    var finalDescription: String?
    var finalAt: String?
    var faults: String?
    /// Every answer that suspended it came sealed: only those prove that it was not processed.
    var doubtDecrypted: Bool

    /// SkyPay knew the number before our first send: whoever finds it has not found ours.
    var isNumberOfOthers: Bool { lastCode == ReturnCode.controlNumberExists.rawValue }

    /// It is sent to SkyPay: no refused row, and no registration.
    var isPayout: Bool { PayoutState(rawValue: state) != nil }

    /// What is read of it, in this order.
    enum Column: Int, StoredColumn {
        case fileId, row, line, item, offset, length, controlNumber, amount, state, attempts,
            possiblySent, timesUnanswered, timesNotFound, numberInUse, lastSentAt,
            lastQueriedAt, unknownSince, queryAsked, reports, lastCode, lastDescription, reference,
            outcome, outcomeCode, outcomeDescription, outcomeAttempts, outcomeAt, `final`,
            finalDescription, finalAt, faults, doubtDecrypted
    }

    /// How a statement that reads some begins.
    static let select = "SELECT \(Column.list) FROM rows"

    init(_ row: Row) {
        key = RowKey(fileID: row[Column.fileId], row: row[Column.row])
        line = row[Column.line]
        item = row[Column.item]
        location = RowLocation(offset: row[Column.offset], length: row[Column.length])
        controlNumber = row[Column.controlNumber] ?? ""
        amount = Amount(centavos: row[Column.amount] ?? 0)
        let stateText: String = row[Column.state]
        state = stateText
        record = PayoutRecord(
            state: PayoutState(rawValue: stateText) ?? .refused, attempts: row[Column.attempts],
            possiblySent: row[Column.possiblySent], timesUnanswered: row[Column.timesUnanswered],
            timesNotFound: row[Column.timesNotFound],
            numberInUse: row[Column.numberInUse], lastSentAt: row[Column.lastSentAt],
            lastQueriedAt: row[Column.lastQueriedAt], unknownSince: row[Column.unknownSince],
            queryAsked: row[Column.queryAsked], reports: row[Column.reports])
        lastCode = row[Column.lastCode]
        lastDescription = row[Column.lastDescription]
        reference = row[Column.reference]
        outcome = row[Column.outcome]
        outcomeCode = row[Column.outcomeCode]
        outcomeDescription = row[Column.outcomeDescription]
        outcomeAttempts = row[Column.outcomeAttempts] ?? 0
        outcomeAt = row[Column.outcomeAt]
        final = row[Column.final]
        finalDescription = row[Column.finalDescription]
        finalAt = row[Column.finalAt]
        faults = row[Column.faults]
        doubtDecrypted = row[Column.doubtDecrypted]
    }
}
