/// A signed tree head: C2SP tlog-checkpoint in a C2SP signed-note.
public struct SignedCheckpoint: Sendable, Equatable {
    /// The full note: text, empty line, signature lines.
    public let text: String
    /// Name of the log.
    public let origin: String
    /// Events covered.
    public let size: UInt64
    /// Root hash, 32 bytes.
    public let root: [UInt8]
    private let signatures: [NoteSignature]

    /// Reads a note strictly; proves nothing before `verify`.
    /// - Throws: `AuditLogError` with code `damaged`.
    public init(text: String) throws(AuditLogError) {
        let bytes = Array(text.utf8)
        let (checkpoint, end) = try Self.first(in: bytes)
        guard end == bytes.count else {
            throw AuditLogError(.damaged, "bytes follow the checkpoint")
        }
        self = checkpoint
    }

    private init(text: String, body: CheckpointText, signatures: [NoteSignature]) {
        self.text = text
        origin = body.origin
        size = body.size
        root = body.root
        self.signatures = signatures
    }

    /// True when signed by this key and its origin is the key's name.
    public func verify(_ key: VerificationKey) -> Bool {
        guard origin == key.name, signatures.contains(where: { $0.isNamed(key) }) else {
            return false
        }
        let body = "\(origin)\n\(size)\n\(Base64.encode(root))\n"
        return signatures.contains { $0.isValid(by: key, for: body) }
    }

    /// The note at the start of `bytes` and where it ends.
    static func first(
        in bytes: [UInt8], at start: Int = 0
    ) throws(AuditLogError) -> (SignedCheckpoint, end: Int) {
        var lines = NoteLines(bytes: bytes, index: start)
        let body = try CheckpointText(&lines)
        let signatures = try lines.signatures()
        let text = String(decoding: bytes[start..<lines.index], as: UTF8.self)
        return (SignedCheckpoint(text: text, body: body, signatures: signatures), lines.index)
    }

    /// Notes one after the other; `whole` is where the last whole one ends.
    static func all(in bytes: [UInt8]) -> (notes: [SignedCheckpoint], whole: Int) {
        var notes: [SignedCheckpoint] = []
        var index = 0
        while index < bytes.count, let (note, end) = try? first(in: bytes, at: index) {
            notes.append(note)
            index = end
        }
        return (notes, index)
    }
}

/// The three lines and the empty one.
struct CheckpointText {
    let origin: String
    let size: UInt64
    let root: [UInt8]

    init(_ lines: inout NoteLines) throws(AuditLogError) {
        guard let origin = lines.next(), VerificationKey.isName(origin),
            let size = lines.next().flatMap({ Self.number($0) }),
            let root = lines.next().flatMap({ Base64.decode($0.utf8) }),
            root.count == TreeHash.byteCount, lines.next() == ""
        else { throw AuditLogError(.damaged, "not a checkpoint: origin, size, root expected") }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Decimal without sign or leading zero.
    static func number(_ text: some StringProtocol) -> UInt64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        if text.utf8.count > 1, text.utf8.first == 0x30 { return nil }
        return UInt64(text)
    }
}

/// `— name base64(keyid ‖ signature)`
struct NoteSignature: Sendable, Equatable {
    static let mark = Array("\u{2014} ".utf8)
    let name: String
    let identifier: [UInt8]
    let signature: [UInt8]

    init?(_ line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "\u{2014}", VerificationKey.isName(parts[1]),
            let bytes = Base64.decode(parts[2].utf8), bytes.count > 4
        else { return nil }
        name = String(parts[1])
        identifier = Array(bytes.prefix(4))
        signature = Array(bytes.dropFirst(4))
    }

    /// True when it says that this key made it.
    func isNamed(_ key: VerificationKey) -> Bool {
        identifier == key.identifier && name == key.name
    }

    func isValid(by key: VerificationKey, for text: String) -> Bool {
        isNamed(key) && key.isValid(signature, for: Array(text.utf8))
    }
}

/// Lines of a note, each ending in a newline; valid UTF-8 only.
struct NoteLines {
    let bytes: [UInt8]
    var index: Int

    mutating func next() -> String? {
        guard let end = bytes[index...].firstIndex(of: 0x0A) else { return nil }
        defer { index = end + 1 }
        return String(validating: bytes[index..<end], as: UTF8.self)
    }

    /// The signature lines from here on; at least one.
    mutating func signatures() throws(AuditLogError) -> [NoteSignature] {
        var signatures: [NoteSignature] = []
        while bytes[index...].starts(with: NoteSignature.mark) {
            guard let line = next(), let signature = NoteSignature(line) else {
                throw AuditLogError(.damaged, "a signature line of a note is malformed")
            }
            signatures.append(signature)
        }
        if signatures.isEmpty { throw AuditLogError(.damaged, "a note has no signature") }
        return signatures
    }
}
