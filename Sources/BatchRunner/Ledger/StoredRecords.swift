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

    init(_ row: Row) throws {
        fileID = row["fileId"]
        sender = row["sender"]
        name = row["name"]
        outputName = row["outputName"]
        sha256 = row["sha256"]
        sideSHA256 = row["sideSha256"]
        identity = Self.object(row["identity"])
        receivedAt = row["receivedAt"]
        claimSequence = UInt64(row["claimSequence"] as Int64)
        judgings = row["judgings"]
        verdict = (row["verdict"] as String?).flatMap(FileVerdict.init(rawValue:))
        reason = row["reason"]
        details = Self.object(row["details"])
        verdictSequence = UInt64((row["verdictSequence"] as Int64?) ?? 0)
        batch = row["batch"]
        action = row["action"]
        mode = row["mode"]
        duplicateOf = row["duplicateOf"]
        acknowledged = row["acknowledged"]
        resultPrepared = row["resultPrepared"]
        finalPrepared = row["finalPrepared"]
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
    /// The answer that suspended it last came sealed.
    var doubtDecrypted: Bool

    /// SkyPay knew the number before our first send: whoever finds it has not found ours.
    var isNumberOfOthers: Bool { lastCode == ReturnCode.controlNumberExists.rawValue }

    /// It is sent to SkyPay: no refused row, and no registration.
    var isPayout: Bool { PayoutState(rawValue: state) != nil }

    init(_ row: Row) {
        key = RowKey(fileID: row["fileId"], row: row["row"])
        line = row["line"]
        item = row["item"]
        location = RowLocation(offset: row["offset"], length: row["length"])
        controlNumber = row["controlNumber"] ?? ""
        amount = Amount(centavos: row["amount"] ?? 0)
        let stateText: String = row["state"]
        state = stateText
        record = PayoutRecord(
            state: PayoutState(rawValue: stateText) ?? .refused, attempts: row["attempts"],
            possiblySent: row["possiblySent"], timesUnanswered: row["timesUnanswered"],
            timesNotFound: row["timesNotFound"],
            numberInUse: row["numberInUse"], lastSentAt: row["lastSentAt"],
            lastQueriedAt: row["lastQueriedAt"], unknownSince: row["unknownSince"],
            queryAsked: row["queryAsked"])
        lastCode = row["lastCode"]
        lastDescription = row["lastDescription"]
        reference = row["reference"]
        outcome = row["outcome"]
        outcomeCode = row["outcomeCode"]
        outcomeDescription = row["outcomeDescription"]
        outcomeAttempts = row["outcomeAttempts"] ?? 0
        outcomeAt = row["outcomeAt"]
        final = row["final"]
        finalDescription = row["finalDescription"]
        finalAt = row["finalAt"]
        faults = row["faults"]
        doubtDecrypted = row["doubtDecrypted"]
    }
}
