import DurableFiles

/// Proofs from the files of a log, live, sealed or with its oldest segments removed: leaves from the
/// members that hold them, higher hashes from `tree/`, and from the events when those are missing or
/// wrong. Nothing is given out that does not lead to the root of the checkpoint. One owner.
final class TreeReader {
    private let layout: LogLayout
    private let leaves: LeafSource
    private var levels: [Int: RangeFile?] = [:]
    /// Hashes of complete subtrees from the manifests of removed segments.
    private var edges: [Place: TreeHash] = [:]
    /// Events below this were removed after their retention time.
    let retained: UInt64
    private var usesFiles = true

    private struct Place: Hashable {
        var start: UInt64
        var power: Int
    }

    init(_ layout: LogLayout) {
        self.layout = layout
        leaves = LeafSource(layout)
        var retained: UInt64 = 0
        for manifest in Self.retired(layout) {
            var start: UInt64 = 0
            for hash in manifest.edge.hashes {
                let power = (manifest.next - start).leadingPower
                edges[Place(start: start, power: power)] = hash
                start += 1 << UInt64(power)
            }
            retained = max(retained, manifest.next)
        }
        self.retained = retained
    }

    /// Manifests of removed segments; one that cannot be read is left out, and is then missed.
    private static func retired(_ layout: LogLayout) -> [SegmentManifest] {
        LogLayout.names(in: layout.segments).compactMap { name in
            guard name.hasSuffix(".retired"),
                let bytes = try? readFile("\(layout.segments)/\(name)")
            else { return nil }
            return try? SegmentManifest(bytes)
        }
    }

    /// The line of an event without its newline; not checked against any root.
    func line(_ sequence: UInt64) throws(AuditLogError) -> [UInt8] {
        if sequence < retained { throw Self.removed(sequence, retained) }
        return try leaves.line(sequence)
    }

    /// The proof that an event lies under a checkpoint (RFC 6962 §2.1.1); the checkpoint's signature
    /// is for the caller to check.
    /// - Throws: `missing` when the checkpoint or the log does not reach so far or the event was
    ///   removed, `damaged` when the events do not lead to the checkpoint's root.
    func proof(
        of sequence: UInt64, in checkpoint: SignedCheckpoint
    ) throws(AuditLogError) -> InclusionProof {
        guard sequence < checkpoint.size else {
            throw AuditLogError(
                .missing, "the checkpoint covers \(checkpoint.size) events, not event \(sequence)")
        }
        if sequence < retained { throw Self.removed(sequence, retained) }
        return try twice("event \(sequence)", checkpoint) { () throws(AuditLogError) in
            let hashes = try path(sequence, 0, checkpoint.size)
            let proof = InclusionProof(index: sequence, hashes: hashes, checkpoint: checkpoint)
            return proof.holds(for: try leaves.leaf(sequence)) ? proof : nil
        }
    }

    /// The proof that the first `size` events of the log are those of a checkpoint (RFC 6962
    /// §2.1.2); `root` nil: whatever they are, else those of the tree with this root.
    /// - Throws: `missing` as above, `damaged` when the events lead to other roots.
    func consistency(
        from size: UInt64, root: [UInt8]? = nil, to checkpoint: SignedCheckpoint
    ) throws(AuditLogError) -> ConsistencyProof {
        guard size <= checkpoint.size else {
            throw AuditLogError(.missing, "the checkpoint covers fewer than \(size) events")
        }
        return try twice("the first \(size) events", checkpoint) { () throws(AuditLogError) in
            let hashes =
                size == 0 ? [] : try subproof(size, 0, checkpoint.size, isWhole: true)
            let proof = ConsistencyProof(size: size, hashes: hashes, checkpoint: checkpoint)
            var expected = root
            if expected == nil { expected = try self.root(of: size).bytes }
            return proof.holds(root: expected ?? []) ? proof : nil
        }
    }

    /// The root over the first `size` events as the files give it; not checked.
    func root(of size: UInt64) throws(AuditLogError) -> TreeHash {
        size == 0 ? .empty : try range(0, size)
    }

    /// With `tree/`, and when that does not come out right, from the events alone.
    private func twice<Proof>(
        _ what: String, _ checkpoint: SignedCheckpoint,
        _ make: () throws(AuditLogError) -> Proof?
    ) throws(AuditLogError) -> Proof {
        usesFiles = true
        if let proof = try make() { return proof }
        usesFiles = false
        if let proof = try make() { return proof }
        throw AuditLogError(
            .damaged,
            "\(what): the log's events do not lead to the root of the checkpoint of size "
                + "\(checkpoint.size); run verify")
    }

    private static func removed(_ sequence: UInt64, _ retained: UInt64) -> AuditLogError {
        AuditLogError(
            .missing,
            "event \(sequence) was removed after its retention time; the log starts at \(retained)")
    }

    /// PATH(m, D[start:end]), from the leaf's side.
    private func path(
        _ leaf: UInt64, _ start: UInt64, _ end: UInt64
    ) throws(AuditLogError) -> [TreeHash] {
        if end - start == 1 { return [] }
        let middle = start + (end - start).split
        if leaf < middle {
            return try path(leaf, start, middle) + [range(middle, end)]
        }
        return try path(leaf, middle, end) + [range(start, middle)]
    }

    /// SUBPROOF(m, D[start:end], b) of RFC 6962 §2.1.2; `size` counts from the log's beginning.
    private func subproof(
        _ size: UInt64, _ start: UInt64, _ end: UInt64, isWhole: Bool
    ) throws(AuditLogError) -> [TreeHash] {
        if size == end { return isWhole ? [] : [try range(start, end)] }
        let middle = start + (end - start).split
        if size <= middle {
            return try subproof(size, start, middle, isWhole: isWhole) + [range(middle, end)]
        }
        return try subproof(size, middle, end, isWhole: false) + [range(start, middle)]
    }

    /// MTH(D[start:end]); `start` is where RFC 6962 cuts.
    private func range(
        _ start: UInt64, _ end: UInt64
    ) throws(AuditLogError) -> TreeHash {
        let count = end - start
        if count.nonzeroBitCount == 1 { return try subtree(start, count.trailingZeroBitCount) }
        let middle = start + count.split
        let left = try range(start, middle)
        return TreeHash(left: left, right: try range(middle, end))
    }

    /// The complete subtree of 2^power leaves.
    private func subtree(_ start: UInt64, _ power: Int) throws(AuditLogError) -> TreeHash {
        if start < retained, let hash = edges[Place(start: start, power: power)] { return hash }
        if usesFiles, let hash = try tile(start, power) { return hash }
        if power == 0 {
            if start < retained { throw Self.removed(start, retained) }
            return try leaves.leaf(start)
        }
        let left = try subtree(start, power - 1)
        let right = try subtree(start + 1 << UInt64(power - 1), power - 1)
        return TreeHash(left: left, right: right)
    }

    /// A hash kept in `tree/`; nil when it is not kept there.
    private func tile(_ start: UInt64, _ power: Int) throws(AuditLogError) -> TreeHash? {
        guard power > 0, power % TreeEdge.tilePower == 0 else { return nil }
        let level = power / TreeEdge.tilePower
        if levels[level] == nil { levels[level] = .some(try? RangeFile(layout.tiles(level))) }
        guard let file = levels[level] ?? nil else { return nil }
        var bytes = [UInt8](repeating: 0, count: TreeHash.byteCount)
        let offset = Int64(start >> UInt64(power)) * Int64(TreeHash.byteCount)
        guard try file.read(&bytes, from: offset) == bytes.count else { return nil }
        return TreeHash(bytes)
    }
}

extension UInt64 {
    /// The largest power of two below this number, which is at least 2 (RFC 6962 §2.1).
    var split: UInt64 { 1 << UInt64((self - 1).leadingPower) }

    /// The exponent of the largest power of two not above this number, which is not 0.
    var leadingPower: Int { bitWidth - 1 - leadingZeroBitCount }
}
