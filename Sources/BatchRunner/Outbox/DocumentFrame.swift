import AuditLog
import OrderedJSON

/// The JSON form of a result or final while it is written: head, then row after row, in memory that
/// does not grow with the batch.
struct DocumentFrame {
    private let output: StagedFile
    private var isFirst = true

    /// What every head begins with.
    static func head(_ file: StoredFile) -> JSONObject {
        [
            "file": .string(file.name), "fileId": .string(file.fileID),
            "batch": .string(file.batch ?? ""), "action": .string(file.action ?? ""),
        ]
    }

    /// Writes the head of a result or final.
    /// - Throws: `InvariantViolation` when rows or money went missing.
    init(
        _ output: StagedFile, file: StoredFile, conservation: Conservation,
        checkpoint: SignedCheckpoint
    ) throws {
        guard conservation.balanced else {
            throw InvariantViolation("file \(file.fileID): \(conservation.json.text())")
        }
        var head = Self.head(file)
        head["counts"] = conservation.counts
        head["amounts"] = conservation.amounts
        head["conservation"] = conservation.json
        try self.init(output, head: head, checkpoint: checkpoint)
    }

    /// Writes a head, `audit` added to it.
    init(_ output: StagedFile, head: JSONObject, checkpoint: SignedCheckpoint) throws {
        self.output = output
        var head = head
        head["audit"] = AuditReference.json(checkpoint.size &- 1, checkpoint)
        var text = Array(JSONValue.object(head).prettyText().utf8)
        text.removeLast(3)
        try output.write(text)
        try output.write(Array(",\n  \"rows\": [".utf8))
    }

    /// Writes one row.
    mutating func add(_ row: JSONObject) throws {
        try separate()
        try output.write(row.bytes())
    }

    /// Writes one row whose last member is a list of any length, one entry a line.
    mutating func add(
        _ row: JSONObject, list name: String,
        _ entries: ((JSONObject) throws -> Void) throws -> Void
    ) throws {
        try separate()
        var text = row.bytes()
        text.removeLast()
        try output.write(text + Array(",\"\(name)\":[".utf8))
        var isFirstEntry = true
        try entries { entry in
            try output.write(Array((isFirstEntry ? "\n      " : ",\n      ").utf8))
            try output.write(entry.bytes())
            isFirstEntry = false
        }
        try output.write(Array((isFirstEntry ? "]}" : "\n    ]}").utf8))
    }

    /// Writes the end.
    func end() throws {
        try output.write(Array((isFirst ? "]\n}\n" : "\n  ]\n}\n").utf8))
    }

    private mutating func separate() throws {
        try output.write(Array((isFirst ? "\n    " : ",\n    ").utf8))
        isFirst = false
    }
}
