import DurableFiles

/// Finds out what state a log is in, without writing. Rules 3, 4, 6 and 7 of audit-log.md.
struct LogOpening {
    let layout: LogLayout
    let keys: KeyLayout
    let description: LogDescription
    let epochs: EpochKeys
    /// Bytes of a certificate that a crash tore, at the end of `epochs`.
    let tornEpochBytes: Int
    let pin: SignedCheckpoint
    /// Size of the last checkpoint kept: up to there tree and hints were synced.
    let keptSize: UInt64
    /// First event of the last segment, and the manifest of the one before it.
    let first: UInt64
    let previous: SegmentManifest?
    let scan: OpeningScan
    /// The hints and the size the kept tree was trusted up to; everything behind is made anew.
    let trustedHints: [MemberHint]
    let trustedSize: UInt64
    let end: ScanEnd

    init(_ layout: LogLayout, _ keys: KeyLayout) throws(AuditLogError) {
        self.layout = layout
        self.keys = keys
        description = try LogDescription.read(layout)
        (epochs, tornEpochBytes) = try EpochKeys.read(layout, keys, root: description.rootKey)
        guard let pin = try keys.readPin() else {
            throw AuditLogError(
                .rolledBack, "\(keys.pin) is missing: whether the log is the newest is unknown")
        }
        self.pin = pin
        keptSize = try Self.keptSize(layout)
        let published = try Self.published(layout, pin, epochs.chain)
        guard let first = try layout.segmentStarts().last else {
            throw AuditLogError(.rolledBack, "the log has no segment, its pin says \(pin.size)")
        }
        self.first = first
        previous = try Self.previous(layout, first, pin)
        let base = previous?.edge ?? TreeEdge()
        let file = try RangeFile(layout.segment(first))
        let signed = [pin, published].filter { $0.size >= first }
        let start = Self.start(layout, first, published, synced: keptSize)
        if let start, let (scan, end) = try? Self.scan(file, start, signed),
            signed.allSatisfy(scan.isConsistent)
        {
            (self.scan, self.end) = (scan, end)
            (trustedHints, trustedSize) = (start.hints, start.edge.size)
        } else {
            let front = Start(offset: 0, first: first, edge: base, hints: [])
            (scan, end) = try Self.scan(file, front, signed)
            (trustedHints, trustedSize) = ([], first)
        }
        try check(signed)
    }

    struct Start {
        var offset: Int64
        var first: UInt64
        var edge: TreeEdge
        var hints: [MemberHint]
    }

    /// Of the last kept checkpoint. Behind it only a torn one may stand: more would be cut off as such,
    /// and then nobody would ever be told.
    private static func keptSize(_ layout: LogLayout) throws(AuditLogError) -> UInt64 {
        let tail = try NoteTail(layout.checkpoints)
        let (notes, whole) = SignedCheckpoint.all(in: tail.bytes)
        guard TornNote.mayBe(tail.bytes[whole...]) else {
            throw AuditLogError(
                .damaged,
                "\(layout.checkpoints), byte \(tail.offset + Int64(whole)): not a whole signed note, "
                    + "and more behind it than a crash leaves; restore the file from a backup")
        }
        return notes.last?.size ?? 0
    }

    private static func published(
        _ layout: LogLayout, _ pin: SignedCheckpoint, _ chain: EpochChain
    ) throws(AuditLogError) -> SignedCheckpoint {
        let published = try readCheckpoint(layout.checkpoint)
        guard chain.isValid(pin) else {
            throw AuditLogError(.key, "the pin is not signed by this log's key")
        }
        guard chain.isValid(published) else {
            throw AuditLogError(.damaged, "the checkpoint is not signed by this log's key")
        }
        guard published.size <= pin.size, pin.size >= chain.newest?.size ?? 0 else {
            throw AuditLogError(
                .rolledBack, "the keys folder is older than the log: restore the newest pin")
        }
        return published
    }

    /// The tree goes on from the edge in the manifest of the segment before. Wrong hashes in there
    /// come to light with the pin's root.
    private static func previous(
        _ layout: LogLayout, _ first: UInt64, _ pin: SignedCheckpoint
    ) throws(AuditLogError) -> SegmentManifest? {
        if first == 0 { return nil }
        guard let manifest = try layout.manifest(before: first), manifest.next == first else {
            throw AuditLogError(
                .damaged, "\(layout.segments): the segment before event \(first) is missing")
        }
        guard pin.size >= first else {
            throw AuditLogError(
                .rolledBack, "the keys folder is older than the log: restore the newest pin")
        }
        return manifest
    }

    /// The last member whose events, with the kept tree, reach every checkpoint to be checked.
    private static func start(
        _ layout: LogLayout, _ first: UInt64, _ published: SignedCheckpoint, synced: UInt64
    ) -> Start? {
        let aligned = (published.size - 1) / TreeEdge.tileLeaves * TreeEdge.tileLeaves
        let hints = MemberHint.read(layout.members(first))
        guard aligned > first, let hint = MemberHint.start(for: aligned, in: hints),
            TreeFiles.agree(layout, from: min(synced, aligned), to: aligned),
            let edge = TreeFiles.edge(layout, size: aligned)
        else { return nil }
        return Start(
            offset: hint.offset, first: hint.first, edge: edge,
            hints: hints.filter { $0.first < hint.first })
    }

    private static func scan(
        _ file: RangeFile, _ start: Start, _ signed: [SignedCheckpoint]
    ) throws(AuditLogError) -> (OpeningScan, ScanEnd) {
        let scan = OpeningScan(first: start.first, edge: start.edge, signed: signed)
        let end = try SegmentScanner(file, from: start.offset, visitor: scan).scan()
        return (scan, end)
    }

    private func check(_ signed: [SignedCheckpoint]) throws(AuditLogError) {
        if scan.size < pin.size {
            if case .broken(let tail, let problem) = end {
                throw AuditLogError(
                    .damaged,
                    "\(layout.segment(first)), byte \(tail.stoppedAt): \(problem); "
                        + "\(pin.size) events are signed, \(scan.size) are readable")
            }
            throw AuditLogError(
                .rolledBack,
                "the log ends at event \(scan.size), but \(pin.size) are signed: restore the newest"
            )
        }
        guard signed.allSatisfy(scan.isConsistent) else {
            throw AuditLogError(.rolledBack, "the events are not those the pin was signed over")
        }
        if isSealed, tail != nil {
            throw AuditLogError(
                .damaged, "\(layout.segment(first)): a segment with a manifest is not whole")
        }
        // All of it was signed before the manifest was made.
        if isSealed, scan.size != pin.size {
            throw AuditLogError(
                .damaged,
                "\(layout.segment(first)): events in a segment with a manifest are unsigned")
        }
        try checkTail()
    }

    /// After a clean close, and at the start of a segment, nothing may follow unsigned but what the
    /// log itself writes there.
    private func checkTail() throws(AuditLogError) {
        let starts = pin.size == first && first > 0
        guard starts || OwnEvent.endsCleanly(scan.lastSignedType) else { return }
        if let tail, let last = scan.hints.last, last.offset == tail.memberOffset,
            last.first < pin.size
        {
            throw AuditLogError(
                .damaged, "\(layout.segment(first)), byte \(tail.stoppedAt): a closed part is cut")
        }
        let allowed =
            starts ? OwnEvent.startingSegment + OwnEvent.opening : OwnEvent.opening
        if let type = scan.unsignedTypes.first(where: { !allowed.contains($0) }) {
            throw AuditLogError(
                .damaged, "an unsigned event \(type) follows after the log was closed")
        }
    }

    /// What is not whole at the end; nil after a whole member.
    var tail: SegmentTail? {
        switch end {
        case .whole: nil
        case .open(let tail), .broken(let tail, _): tail
        }
    }

    /// True when the last run ended by `close` and nothing needs to be mended or named.
    var isClean: Bool {
        tail == nil && scan.unsignedTypes.isEmpty && OwnEvent.endsCleanly(scan.lastSignedType)
    }

    /// True when the last segment was being sealed: it is whole, and its successor is not there.
    var isSealed: Bool { DurableFiles.exists(layout.manifest(first)) }

    var base: TreeEdge { previous?.edge ?? TreeEdge() }

    /// Time of the newest event; none is earlier afterwards.
    var lastTime: String { max(scan.lastTime, previous?.lastTime ?? "") }

    /// Time of the last segment's first event; nil when it has none.
    func firstTime() throws(AuditLogError) -> String? {
        if scan.size <= first { return nil }
        let head = FirstLine(first)
        _ = try SegmentScanner(RangeFile(layout.segment(first)), from: 0, visitor: head).scan()
        return head.time
    }

    /// True when a segment's `auditlog.sealed` survived a crash, and its `auditlog.epoch` did not.
    var startsWithoutEpoch: Bool {
        first > 0 && pin.size == first && !scan.unsignedTypes.contains(OwnEvent.epoch)
    }

    /// True when a new segment was begun and its first events are not in it.
    var isBegun: Bool { first > 0 && scan.size == first }
}

/// Stops a scan at its first line.
private final class FirstLine: SegmentVisitor {
    private let first: UInt64
    private(set) var time: String?

    init(_ first: UInt64) { self.first = first }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        time = LineHead.time(line, sequence: first).map { String(decoding: $0, as: UTF8.self) }
        return "enough"
    }
}

/// The events the log writes about itself.
enum OwnEvent {
    static let created = "auditlog.created"
    static let opened = "auditlog.opened"
    static let recovered = "auditlog.recovered"
    static let closed = "auditlog.closed"
    static let sealed = "auditlog.sealed"
    static let epoch = "auditlog.epoch"
    static let reindexed = "auditlog.reindexed"
    static let stopped = "auditlog.stopped"
    static let retired = "auditlog.retired"
    static let hold = "auditlog.hold"
    static let released = "auditlog.released"
    static let shredded = "auditlog.shredded"
    static let accessed = "auditlog.accessed"

    /// What opening writes, its last words on a full disk included.
    static let opening = [opened, recovered, stopped]
    /// The first events of a segment but the first.
    static let startingSegment = [sealed, epoch]

    static func endsCleanly(_ type: String) -> Bool { type == closed || type == created }
}
