import Crypto

/// Says which key signs from a size on: a signed note (C2SP signed-note) of six lines, signed by the
/// key of the epoch before; that of epoch 0 by the root key, which is then destroyed.
///
///     auditlog-epoch/v1
///     ORIGIN
///     EPOCH
///     SIZE
///     ROOT          base64, of the tree of that size
///     VKEY          verification key of the new epoch
struct EpochCertificate: Sendable, Equatable {
    static let firstLine = "auditlog-epoch/v1"

    let origin: String
    /// 0, 1, 2 …
    let epoch: UInt64
    /// The key signs checkpoints of more events than this.
    let size: UInt64
    let root: [UInt8]
    let key: VerificationKey
    /// The whole note.
    let text: String
    private let signatures: [NoteSignature]

    /// SHA-256 of the note, as `auditlog.epoch` names it.
    var sha256: String { sha256Text(Array(text.utf8)) }

    /// True when the key of the epoch before signed it.
    func isSigned(by key: VerificationKey) -> Bool {
        let body = Self.body(origin, epoch, size, root, self.key)
        return origin == key.name && origin == self.key.name
            && signatures.contains { $0.isValid(by: key, for: body) }
    }

    static func sign(
        epoch: UInt64, size: UInt64, root: TreeHash, key: VerificationKey, by signer: SigningKey
    ) throws(AuditLogError) -> EpochCertificate {
        let body = body(key.name, epoch, size, root.bytes, key)
        let text = try signer.sign(body)
        return try first(in: Array(text.utf8)).certificate
    }

    private static func body(
        _ origin: String, _ epoch: UInt64, _ size: UInt64, _ root: [UInt8], _ key: VerificationKey
    ) -> String {
        "\(firstLine)\n\(origin)\n\(epoch)\n\(size)\n\(Base64.encode(root))\n\(key.text)\n"
    }

    /// The note at `start` and where it ends.
    static func first(
        in bytes: [UInt8], at start: Int = 0
    ) throws(AuditLogError) -> (certificate: EpochCertificate, end: Int) {
        var lines = NoteLines(bytes: bytes, index: start)
        guard lines.next() == firstLine, let origin = lines.next(),
            let epoch = lines.next().flatMap({ CheckpointText.number($0) }),
            let size = lines.next().flatMap({ CheckpointText.number($0) }),
            let root = lines.next().flatMap({ Base64.decode($0.utf8) }),
            root.count == TreeHash.byteCount,
            let key = lines.next().flatMap({ try? VerificationKey($0) }), lines.next() == ""
        else { throw AuditLogError(.damaged, "not an epoch certificate") }
        let signatures = try lines.signatures()
        let text = String(decoding: bytes[start..<lines.index], as: UTF8.self)
        let certificate = EpochCertificate(
            origin: origin, epoch: epoch, size: size, root: root, key: key, text: text,
            signatures: signatures)
        return (certificate, lines.index)
    }
}

/// The certificates of a log in order, each signed by the key before it.
struct EpochChain: Sendable {
    private(set) var certificates: [EpochCertificate] = []
    private let root: VerificationKey

    /// The certificates that are whole and where they end; a certificate torn by a crash is not.
    static func read(_ bytes: [UInt8]) -> (certificates: [EpochCertificate], whole: Int) {
        var certificates: [EpochCertificate] = []
        var index = 0
        while index < bytes.count,
            let (certificate, end) = try? EpochCertificate.first(in: bytes, at: index)
        {
            certificates.append(certificate)
            index = end
        }
        return (certificates, index)
    }

    /// A chain from the root key on.
    /// - Throws: `damaged`, naming the epoch that does not follow.
    init(_ certificates: [EpochCertificate], root: VerificationKey) throws(AuditLogError) {
        if certificates.isEmpty { throw AuditLogError(.damaged, "epochs: no certificate") }
        self.root = root
        for certificate in certificates { try append(certificate) }
    }

    /// The next certificate of the chain.
    mutating func append(_ next: EpochCertificate) throws(AuditLogError) {
        let place = "epochs: certificate \(certificates.count)"
        guard next.epoch == UInt64(certificates.count) else {
            throw AuditLogError(.damaged, "\(place) is numbered \(next.epoch)")
        }
        guard next.isSigned(by: certificates.last?.key ?? root) else {
            throw AuditLogError(.damaged, "\(place) is not signed by the key before it")
        }
        let least = certificates.last.map { $0.epoch == 0 ? 1 : $0.size + 1 } ?? 0
        guard next.epoch == 0 ? next.size == 0 : next.size >= least else {
            throw AuditLogError(.damaged, "\(place) does not lie behind the one before")
        }
        certificates.append(next)
    }

    /// The newest epoch.
    var newest: EpochCertificate? { certificates.last }

    /// The epoch whose key signs checkpoints of `size` events; nil for size 0.
    func covering(_ size: UInt64) -> EpochCertificate? {
        // Sizes grow, so the place is found by halving.
        var (low, high) = (0, certificates.count)
        while low < high {
            let middle = (low + high) / 2
            if certificates[middle].size < size { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? certificates[low - 1] : nil
    }

    /// True when signed by the one key that may sign this size.
    func isValid(_ checkpoint: SignedCheckpoint) -> Bool {
        guard let certificate = covering(checkpoint.size) else { return false }
        return checkpoint.verify(certificate.key)
    }
}
