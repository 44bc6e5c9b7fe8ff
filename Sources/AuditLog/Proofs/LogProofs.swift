import DurableFiles

/// Proofs out of a log, under its published checkpoint or one given: needs no key, works on a live
/// log and on a copy. What it gives out was checked against the signed root.
public struct LogProofs {
    private let layout: LogLayout
    private let tree: TreeReader

    /// The log in this folder.
    /// - Throws: `missing` when there is none.
    public init(directory: String) throws(AuditLogError) {
        layout = LogLayout(directory: directory)
        if try layout.segmentStarts().isEmpty {
            throw AuditLogError(.missing, "\(directory) holds no audit log")
        }
        tree = TreeReader(layout)
    }

    /// The published checkpoint, its signature checked against the log's own keys.
    /// - Throws: `damaged` when it is not signed by the key that covers it.
    public func publishedCheckpoint() throws(AuditLogError) -> SignedCheckpoint {
        let checkpoint = try readCheckpoint(layout.checkpoint)
        let root = try LogDescription.read(layout).rootKey
        let trust = try NoteTrust(root, epochs: Self.epochs(layout))
        guard trust.signer(of: checkpoint) != nil else {
            throw AuditLogError(.damaged, "checkpoint: not signed by the key of its epoch")
        }
        return checkpoint
    }

    /// The bytes of the file of epoch certificates; empty when there is none.
    static func epochs(_ layout: LogLayout) throws(AuditLogError) -> [UInt8] {
        DurableFiles.exists(layout.epochs) ? try readFile(layout.epochs) : []
    }

    /// The line of an event, without its newline.
    /// - Throws: `missing` when the log does not hold it.
    public func line(_ sequence: UInt64) throws(AuditLogError) -> [UInt8] {
        try tree.line(sequence)
    }

    /// The proof that an event lies under a checkpoint, the published one unless given.
    /// - Throws: `missing` when the checkpoint or the log does not reach so far, `damaged` when the
    ///   events do not lead to the checkpoint's root.
    public func inclusion(
        of sequence: UInt64, under checkpoint: SignedCheckpoint? = nil
    ) throws(AuditLogError) -> InclusionProof {
        try tree.proof(of: sequence, in: try self.checkpoint(checkpoint))
    }

    /// The proof that the first `size` events are the beginning of a checkpoint, the published one
    /// unless given.
    /// - Throws: as `inclusion`.
    public func consistency(
        from size: UInt64, under checkpoint: SignedCheckpoint? = nil
    ) throws(AuditLogError) -> ConsistencyProof {
        try tree.consistency(from: size, to: try self.checkpoint(checkpoint))
    }

    private func checkpoint(
        _ given: SignedCheckpoint?
    ) throws(AuditLogError) -> SignedCheckpoint {
        if let given { return given }
        return try publishedCheckpoint()
    }
}
