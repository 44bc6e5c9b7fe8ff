import AuditLog
import OrderedJSON

/// The kinds of files that appear in the outbox.
enum ResponseKind: String, Sendable {
    case acknowledgement, rejectedRows, resultTable, result, finalTable, final
    case answerText, answer
    /// A folder: `NAME.barcodes/`.
    case barCodes
    /// `NAME.correction.N`, of which a file may have several.
    case correction, correctionTable

    /// The last response of a group marks its file done; the others carry no checkpoint, so that
    /// making them again after a crash in between gives the same bytes.
    var doneColumn: String? {
        switch self {
        case .acknowledgement, .answer: "acknowledged"
        case .result: "resultPrepared"
        case .final: "finalPrepared"
        case .rejectedRows, .resultTable, .finalTable, .answerText, .barCodes, .correction,
            .correctionTable:
            nil
        }
    }

    /// Its response is a folder of files; its hash is then that of names and hashes.
    var isFolder: Bool { self == .barCodes }
}

/// A response whose bytes are durable in `state/staging` and whose hash is in the audit log: from
/// here on it will appear in the outbox, once, whatever happens.
struct PreparedResponse: Sendable, Equatable {
    var fileID: String
    var kind: ResponseKind
    /// The path below the outbox, the sender's sub-folder included.
    var name: String
    var sha256: String
    var bytes: Int
    /// The signed note the response carries; nil for those without.
    var checkpoint: String?
    /// Which findings a correction tells; nil for other responses.
    var correction: CorrectionScope?

    /// The event that promises the response.
    func draft(_ author: EventAuthor) -> EventDraft {
        var data: JSONObject = [
            "name": .string(name), "kind": .string(kind.rawValue), "sha256": .string(sha256),
            "bytes": .number(String(bytes)),
        ]
        data["checkpoint"] = checkpoint.map { .string($0) }
        data["correction"] = (correction?.number).map { .number(String($0)) }
        data["through"] = (correction?.through).map { .number(String($0)) }
        return author.draft(.responsePrepared, subject: ["file": .string(fileID)], data: data)
    }

    /// Reads it back from its event.
    init?(_ event: Event) {
        guard let fileID = event.subject["file"]?.stringValue,
            let name = event.data["name"]?.stringValue,
            let kind = event.data["kind"]?.stringValue.flatMap(ResponseKind.init(rawValue:)),
            let sha256 = event.data["sha256"]?.stringValue,
            let bytes = event.data["bytes"]?.integerValue
        else { return nil }
        self.fileID = fileID
        self.name = name
        self.kind = kind
        self.sha256 = sha256
        self.bytes = bytes
        checkpoint = event.data["checkpoint"]?.stringValue
        correction = event.data["correction"]?.integerValue.map {
            CorrectionScope(
                number: $0, through: event.data["through"]?.integerValue.map { UInt64($0) })
        }
    }

    init(
        fileID: String, kind: ResponseKind, name: String, sha256: String, bytes: Int,
        checkpoint: String? = nil, correction: CorrectionScope? = nil
    ) {
        self.fileID = fileID
        self.kind = kind
        self.name = name
        self.sha256 = sha256
        self.bytes = bytes
        self.checkpoint = checkpoint
        self.correction = correction
    }

    /// Its file in the staging folder.
    var stagedName: String {
        Self.stagedName(fileID: fileID, kind: kind, number: correction?.number)
    }

    static func stagedName(fileID: String, kind: ResponseKind, number: Int? = nil) -> String {
        "\(fileID).\(kind.rawValue)" + (number.map { ".\($0)" } ?? "")
    }
}
