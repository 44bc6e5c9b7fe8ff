import OrderedJSON

/// What a sealed segment holds (`segments/*.manifest`): enough to place, check and read it anywhere,
/// and to go on from its end without it.
struct SegmentManifest: Sendable, Equatable {
    static let format = "auditlog-segment/v1"

    var origin: String
    /// First sequence number, and the one behind the last.
    var first: UInt64
    var next: UInt64
    var firstTime: String
    var lastTime: String
    /// Of the `.jsonl.gz`.
    var bytes: UInt64
    var sha256: String
    var indexSha256: String
    /// The right edge of the tree at `next`: hashes of its complete subtrees, largest first
    /// (RFC 6962 §2.1); their root is the root of that size.
    var edge: TreeEdge

    /// The bytes of the file.
    var encoded: [UInt8] {
        let json: JSONValue = .object([
            "format": .string(Self.format), "origin": .string(origin),
            "first": .number(String(first)), "next": .number(String(next)),
            "firstTime": .string(firstTime), "lastTime": .string(lastTime),
            "bytes": .number(String(bytes)), "sha256": .string(sha256),
            "indexSha256": .string(indexSha256),
            "edge": .array(edge.hashes.map { .string(Base64.encode($0.bytes)) }),
        ])
        return Array(json.prettyText().utf8)
    }

    init(
        origin: String, first: UInt64, firstTime: String, lastTime: String, bytes: UInt64,
        sha256: String, indexSha256: String, edge: TreeEdge
    ) {
        self.origin = origin
        self.first = first
        next = edge.size
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.bytes = bytes
        self.sha256 = sha256
        self.indexSha256 = indexSha256
        self.edge = edge
    }

    /// Reads the file strictly: only the bytes that `encoded` gives.
    init(_ bytes: [UInt8]) throws(AuditLogError) {
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.stringValue == Self.format,
            let origin = json["origin"]?.stringValue,
            let first = json["first"]?.unsignedValue, let next = json["next"]?.unsignedValue,
            let firstTime = json["firstTime"]?.stringValue,
            let lastTime = json["lastTime"]?.stringValue,
            let count = json["bytes"]?.unsignedValue, let sha256 = json["sha256"]?.stringValue,
            let indexSha256 = json["indexSha256"]?.stringValue,
            let texts = json["edge"]?.arrayValue, first < next
        else { throw AuditLogError(.damaged, "not the manifest of a segment") }
        let hashes = texts.compactMap {
            $0.stringValue.flatMap { Base64.decode($0.utf8) }.flatMap { TreeHash($0) }
        }
        guard let edge = TreeEdge(size: next, hashes: hashes) else {
            throw AuditLogError(.damaged, "a manifest whose edge does not fit its size")
        }
        self.init(
            origin: origin, first: first, firstTime: firstTime, lastTime: lastTime, bytes: count,
            sha256: sha256, indexSha256: indexSha256, edge: edge)
        guard encoded == bytes else {
            throw AuditLogError(.damaged, "a manifest that is not in its one form")
        }
    }
}

extension JSONValue {
    /// A number without sign, point or exponent.
    var unsignedValue: UInt64? {
        guard case .number(let text) = self else { return nil }
        return CheckpointText.number(text)
    }
}
