import DurableFiles

/// One signed statement about the tree: a checkpoint, or the certificate of an epoch.
struct SignedHead: Sendable {
    var file: String
    var byte: Int64?
    var size: UInt64
    var root: TreeHash
    /// Of a certificate.
    var epoch: UInt64?

    /// What it is, for people.
    var name: String {
        epoch.map { "the certificate of epoch \($0)" } ?? "the checkpoint over \(size) events"
    }
}

/// Everything in the log that somebody signed: certificates, the published checkpoint, the kept
/// ones. Reads them, checks the signatures; whether they fit the events comes later.
struct SignedHeads {
    private(set) var chain: EpochChain?
    /// Certificates that form a chain from the root key on.
    private(set) var certificates: [EpochCertificate] = []
    /// True when every certificate is in the chain: only then is each key's range known.
    private(set) var chainIsWhole = true
    private(set) var published: SignedCheckpoint?
    private(set) var lastKept: SignedCheckpoint?
    /// Size of the kept one before the last.
    private(set) var keptBeforeLast: UInt64 = 0
    /// Of epochs and checkpoints: bytes that end a note too early, if any, start here.
    private(set) var torn: [(file: String, byte: Int64)] = []
    /// Checkpoints behind the newest certificate that its key did not sign. Whether they are wrong,
    /// or a certificate is missing, the events will tell.
    private(set) var suspects: [Finding] = []
    /// Every head whose root must be the tree's.
    private(set) var heads: [SignedHead] = []

    /// True when everything that is signed could be checked.
    var isChecked: Bool { chainIsWhole && suspects.isEmpty }

    /// The newest signed size.
    private(set) var newest: UInt64 = 0

    /// Checkpoints are read first, then epochs: what a live log adds meanwhile is then covered.
    init(_ layout: LogLayout, root: VerificationKey, _ report: inout VerificationReport) {
        let published = readPublished(layout, &report)
        let kept = read(layout.checkpoints, "checkpoints", &report)
        readEpochs(layout, root, &report)
        if let published { check(published, "checkpoint", nil, &report) }
        if let kept { readKept(kept, &report) }
    }

    private mutating func readPublished(
        _ layout: LogLayout, _ report: inout VerificationReport
    ) -> SignedCheckpoint? {
        do throws(AuditLogError) {
            published = try readCheckpoint(layout.checkpoint)
        } catch {
            let isThere = DurableFiles.exists(layout.checkpoint)
            report.find(
                isThere ? .damaged : .missing, "checkpoint",
                isThere ? "not a signed checkpoint" : "is missing")
        }
        return published
    }

    private mutating func readKept(_ bytes: [UInt8], _ report: inout VerificationReport) {
        var index = 0
        while index < bytes.count,
            let (note, end) = try? SignedCheckpoint.first(in: bytes, at: index)
        {
            if let last = lastKept, note.size < last.size {
                report.find(
                    .damaged, "checkpoints", byte: Int64(index),
                    "size \(note.size) follows size \(last.size)")
            }
            keptBeforeLast = lastKept?.size ?? 0
            lastKept = note
            check(note, "checkpoints", Int64(index), &report)
            index = end
        }
        if index < bytes.count || bytes.isEmpty { torn.append(("checkpoints", Int64(index))) }
    }

    private func read(
        _ path: String, _ name: String, _ report: inout VerificationReport
    ) -> [UInt8]? {
        do throws(FileError) {
            return try DurableFiles.read(path, limit: readLimitBytes)
        } catch {
            let isThere = DurableFiles.exists(path)
            report.find(.missing, name, isThere ? "cannot be read: \(error)" : "is missing")
            return nil
        }
    }

    private mutating func readEpochs(
        _ layout: LogLayout, _ root: VerificationKey, _ report: inout VerificationReport
    ) {
        guard let bytes = read(layout.epochs, "epochs", &report) else {
            chainIsWhole = false
            return
        }
        var index = 0
        while index < bytes.count,
            let (certificate, end) = try? EpochCertificate.first(in: bytes, at: index)
        {
            do throws(AuditLogError) {
                try extend(certificate, root)
            } catch {
                chainIsWhole = false
                report.find(.signature, "epochs", byte: Int64(index), Self.plain(error))
                return
            }
            take(certificate, Int64(index), &report)
            index = end
        }
        if certificates.isEmpty {
            chainIsWhole = false
            report.find(
                .damaged, "epochs", byte: 0, "not a certificate: no signature can be checked")
        } else if index < bytes.count {
            torn.append(("epochs", Int64(index)))
        }
    }

    private mutating func extend(
        _ certificate: EpochCertificate, _ root: VerificationKey
    ) throws(AuditLogError) {
        if chain == nil {
            chain = try EpochChain([certificate], root: root)
        } else {
            try chain?.append(certificate)
        }
    }

    private mutating func take(
        _ certificate: EpochCertificate, _ byte: Int64, _ report: inout VerificationReport
    ) {
        certificates.append(certificate)
        guard let root = TreeHash(certificate.root) else { return }
        let head = SignedHead(
            file: "epochs", byte: byte, size: certificate.size, root: root, epoch: certificate.epoch
        )
        if certificate.size > 0 {
            heads.append(head)
        } else if root != .empty {
            report.find(.altered, "epochs", byte: byte, "the root of no events is another one")
        }
    }

    private static func plain(_ error: AuditLogError) -> String {
        let mark = "epochs: "
        return error.message.hasPrefix(mark)
            ? String(error.message.dropFirst(mark.count)) : error.message
    }

    private mutating func check(
        _ checkpoint: SignedCheckpoint, _ file: String, _ byte: Int64?,
        _ report: inout VerificationReport
    ) {
        guard let chain else { return }
        // Behind a broken chain nobody knows whose turn it was.
        if !chainIsWhole, checkpoint.size > chain.newest?.size ?? 0 { return }
        if let problem = chain.problem(of: checkpoint) {
            let finding = Finding(.signature, file, byte: byte, problem)
            if checkpoint.size > chain.newest?.size ?? 0, checkpoint.origin == chain.newest?.origin
            {
                suspects.append(finding)
            } else {
                report.find(finding)
            }
        } else if let root = TreeHash(checkpoint.root) {
            newest = max(newest, checkpoint.size)
            heads.append(
                SignedHead(file: file, byte: byte, size: checkpoint.size, root: root))
        }
    }
}

extension EpochChain {
    /// Why a checkpoint is not valid, in words; nil when it is.
    func problem(of checkpoint: SignedCheckpoint) -> String? {
        if isValid(checkpoint) { return nil }
        let covering = covering(checkpoint.size)
        if let other = certificates.first(where: { checkpoint.verify($0.key) }) {
            let key = covering.map { "the key of epoch \($0.epoch)" } ?? "no key"
            return "signed with the key of epoch \(other.epoch); "
                + "checkpoints over \(checkpoint.size) events are signed by \(key)"
        }
        let key = covering.map { "the key of epoch \($0.epoch)" } ?? "a key of the log"
        return "not signed by \(key)"
    }
}
