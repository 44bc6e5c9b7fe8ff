/// The kept checkpoints of one piece of `checkpoints`, their signatures checked: what one worker does.
struct KeptPiece: Sendable {
    /// What there is to say of a signature.
    enum Judgement: Sendable {
        case right
        case wrong(String)
        /// Wrong by the newest certificate; with one that is missing it may be right.
        case suspect(String)
        /// Behind a broken chain nobody knows whose turn it was.
        case unknown
    }

    /// One note.
    struct Note: Sendable {
        var byte: Int64
        var size: UInt64
        var root: TreeHash
        var judgement: Judgement
    }

    private(set) var notes: [Note] = []
    /// The last note as a whole.
    private(set) var last: SignedCheckpoint?
    /// The byte at which the notes end and something else begins.
    private(set) var stopped: Int64?
    /// Why the piece cannot be read.
    private(set) var failure: AuditLogError?

    init(_ file: NoteFile, _ number: Int, _ judge: SignatureJudge) {
        do throws(AuditLogError) {
            let piece = try file.piece(number)
            let end = piece.forEachCheckpoint { note, byte in
                last = note
                notes.append(
                    Note(
                        byte: piece.offset + Int64(byte), size: note.size,
                        root: TreeHash(note.root) ?? .empty, judgement: judge.judge(note)))
            }
            if end < piece.bytes.count { stopped = piece.offset + Int64(end) }
        } catch {
            failure = error
        }
    }
}

/// Judges signatures of checkpoints by the chain of certificates.
struct SignatureJudge: Sendable {
    /// Nil when there is no certificate at all.
    let chain: EpochChain?
    /// True when every certificate is in the chain.
    let isWhole: Bool

    func judge(_ checkpoint: SignedCheckpoint) -> KeptPiece.Judgement {
        guard let chain, let newest = chain.newest else { return .unknown }
        let isBehind = checkpoint.size > newest.size
        if !isWhole, isBehind { return .unknown }
        guard let problem = chain.problem(of: checkpoint) else { return .right }
        return isBehind && checkpoint.origin == newest.origin ? .suspect(problem) : .wrong(problem)
    }
}
