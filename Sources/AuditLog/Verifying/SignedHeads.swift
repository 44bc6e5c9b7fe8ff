import DurableFiles

/// One signed statement about the tree: a checkpoint, or the certificate of an epoch. Small, since a log
/// of years has millions.
struct SignedHead: Sendable {
    enum Source: UInt8, Sendable {
        case checkpoint, checkpoints, epochs
    }

    let size: UInt64
    let root: TreeHash
    private let source: Source
    private let number: UInt32
    private let place: Int64

    init(_ source: Source, _ byte: Int64?, size: UInt64, root: TreeHash, epoch: UInt64 = 0) {
        self.source = source
        self.size = size
        self.root = root
        number = UInt32(clamping: epoch)
        place = byte ?? -1
    }

    /// The file's name.
    var file: String { String(describing: source) }
    /// Where it starts in the file, if others stand there too.
    var byte: Int64? { place < 0 ? nil : place }

    /// What it is, for people.
    var name: String {
        source == .epochs
            ? "the certificate of epoch \(number)" : "the checkpoint over \(size) events"
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
    private var lastKeptSize: UInt64 = 0
    /// Of epochs and checkpoints: bytes that end a note too early, if any, start here.
    private(set) var torn: [(file: String, byte: Int64)] = []
    /// Checkpoints behind the newest certificate that its key did not sign. Whether they are wrong,
    /// or a certificate is missing, the events will tell.
    private(set) var suspects: [Finding] = []
    /// Those of `checkpoints` beyond the first ones are only counted.
    private(set) var furtherSuspects = 0
    /// Every head whose root must be the tree's.
    private(set) var heads: [SignedHead] = []

    /// True when everything that is signed could be checked.
    var isChecked: Bool { chainIsWhole && suspects.isEmpty }

    /// The newest signed size.
    private(set) var newest: UInt64 = 0

    /// Checkpoints are read first, then epochs: what a live log adds meanwhile is then covered.
    init(
        _ layout: LogLayout, root: VerificationKey, workers: Int,
        _ report: inout VerificationReport
    ) {
        let published = readPublished(layout, &report)
        let kept = openKept(layout, &report)
        readEpochs(layout, root, &report)
        let judge = SignatureJudge(chain: chain, isWhole: chainIsWhole)
        if let published, let root = TreeHash(published.root) {
            let head = SignedHead(.checkpoint, nil, size: published.size, root: root)
            take(head, judge.judge(published), &report)
        }
        if let kept { readKept(kept, judge, workers, &report) }
    }

    private mutating func readPublished(
        _ layout: LogLayout, _ report: inout VerificationReport
    ) -> SignedCheckpoint? {
        do throws(AuditLogError) {
            published = try readCheckpoint(layout.checkpoint)
        } catch {
            if report.obstruct(error) { return nil }
            let isThere = DurableFiles.exists(layout.checkpoint)
            report.find(
                isThere ? .damaged : .missing, "checkpoint",
                isThere ? "not a signed checkpoint" : "is missing")
        }
        return published
    }

    private func openKept(
        _ layout: LogLayout, _ report: inout VerificationReport
    ) -> NoteFile? {
        do throws(AuditLogError) {
            return try NoteFile(layout.checkpoints)
        } catch {
            if report.obstruct(error) { return nil }
            let isThere = DurableFiles.exists(layout.checkpoints)
            report.find(
                .missing, "checkpoints", isThere ? "cannot be read: \(error)" : "is missing")
            return nil
        }
    }

    /// Checking a signature takes longer than all else, so the workers share the file.
    private mutating func readKept(
        _ file: NoteFile, _ judge: SignatureJudge, _ workers: Int,
        _ report: inout VerificationReport
    ) {
        if file.length == 0 { torn.append(("checkpoints", 0)) }
        var isReadable = true
        ReadingWorkers.run(Array(0..<file.count), workers: workers) { number in
            KeptPiece(file, number, judge)
        } tick: {
        } take: { piece in
            // Behind what is no note nobody knows where the next one starts.
            guard isReadable else { return }
            take(piece, &report)
            isReadable = piece.stopped == nil && piece.failure == nil
        }
    }

    private mutating func take(_ piece: KeptPiece, _ report: inout VerificationReport) {
        for note in piece.notes {
            if note.size < lastKeptSize {
                report.find(
                    .damaged, "checkpoints", byte: note.byte,
                    "size \(note.size) follows size \(lastKeptSize)")
            }
            (keptBeforeLast, lastKeptSize) = (lastKeptSize, note.size)
            let head = SignedHead(.checkpoints, note.byte, size: note.size, root: note.root)
            take(head, note.judgement, &report)
        }
        lastKept = piece.last ?? lastKept
        if let byte = piece.stopped { torn.append(("checkpoints", byte)) }
        if let failure = piece.failure, !report.obstruct(failure) {
            report.find(.missing, "checkpoints", "cannot be read: \(failure)")
        }
    }

    private func read(
        _ path: String, _ name: String, _ report: inout VerificationReport
    ) -> [UInt8]? {
        do throws(FileError) {
            return try DurableFiles.read(path, limit: readLimitBytes)
        } catch {
            if report.obstruct(error) { return nil }
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
            .epochs, byte, size: certificate.size, root: root, epoch: certificate.epoch)
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

    private mutating func take(
        _ head: SignedHead, _ judgement: KeptPiece.Judgement, _ report: inout VerificationReport
    ) {
        switch judgement {
        case .right:
            newest = max(newest, head.size)
            heads.append(head)
        case .wrong(let problem):
            report.find(.signature, head.file, byte: head.byte, problem)
        case .suspect(let problem):
            // The published one, and as many of the kept ones as are told.
            if suspects.count <= VerificationReport.findingsOfOneKind {
                suspects.append(Finding(.signature, head.file, byte: head.byte, problem))
            } else {
                furtherSuspects += 1
            }
        case .unknown: return
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
