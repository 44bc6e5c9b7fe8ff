import AuditLog
import OrderedJSON

/// The document `NAME.ack.json` (product.md, "What appears in the outbox").
struct Acknowledgement {
    var file: StoredFile
    var checkpoint: SignedCheckpoint

    /// The bytes, a function of the ledger's frozen columns and the checkpoint alone.
    func bytes() -> [UInt8] {
        let details = file.details
        var document: JSONObject = [
            "file": .string(file.name), "fileId": .string(file.fileID),
            "sha256": .string(file.sha256), "receivedAt": .string(file.receivedAt),
            "verdict": .string(file.verdict?.rawValue ?? ""),
        ]
        document["reason"] = file.reason.map { .string($0) }
        document["batch"] = file.batch.map { .string($0) }
        document["action"] = file.action.map { .string($0) }
        document["mode"] = file.mode.map { .string($0) }
        for name in ["duplicateOf", "original", "counts", "amounts", "planHash"] {
            document[name] = details[name]
        }
        document["faults"] = details["faults"] ?? []
        document["faultsLeftOut"] = details["faultsLeftOut"]
        document["audit"] = AuditReference.json(file.verdictSequence, checkpoint)
        return Array(JSONValue.object(document).prettyText().utf8)
    }
}

/// How a response points into the audit log.
enum AuditReference {
    /// `sequence`: the newest event the response rests on; `checkpoint`: the signed note over it.
    static func json(_ sequence: UInt64, _ checkpoint: SignedCheckpoint) -> JSONValue {
        ["sequence": .number(String(sequence)), "checkpoint": .string(checkpoint.text)]
    }
}

extension Fault {
    /// The form in acknowledgements.
    var json: JSONValue {
        var object = JSONObject()
        object["line"] = line.map { .number(String($0)) }
        object["column"] = column.map { .number(String($0)) }
        object["item"] = item.map { .number(String($0)) }
        object["field"] = field.map { .string($0) }
        object["code"] = .string(code)
        object["message"] = .string(message)
        return .object(object)
    }
}
