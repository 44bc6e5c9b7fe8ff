import DurableFiles

/// Finds out what state a log is in, without writing. Rules 3, 4 and 6 of audit-log.md.
struct LogOpening {
    let layout: LogLayout
    let keys: KeyLayout
    let description: LogDescription
    let key: SigningKey
    let pin: SignedCheckpoint
    let first: UInt64
    let scan: OpeningScan
    /// The hints and the size the kept tree was trusted up to; everything behind is made anew.
    let trustedHints: [MemberHint]
    let trustedSize: UInt64
    let end: ScanEnd

    init(_ layout: LogLayout, _ keys: KeyLayout) throws(AuditLogError) {
        self.layout = layout
        self.keys = keys
        description = try LogDescription.read(layout)
        key = try keys.readKey()
        guard key.verificationKey == description.rootKey else {
            throw AuditLogError(.key, "the key in \(keys.directory) is not this log's key")
        }
        guard let pin = try keys.readPin() else {
            throw AuditLogError(
                .rolledBack, "\(keys.pin) is missing: whether the log is the newest is unknown")
        }
        self.pin = pin
        let published = try Self.published(layout, pin, key.verificationKey)
        guard let first = layout.segmentStarts().last else {
            throw AuditLogError(.rolledBack, "the log has no segment, its pin says \(pin.size)")
        }
        self.first = first
        let file = try RangeFile(layout.segment(first))
        let start = Self.start(layout, first, published)
        if let start, let (scan, end) = try? Self.scan(file, start, [pin, published]),
            scan.isConsistent(with: pin), scan.isConsistent(with: published)
        {
            (self.scan, self.end) = (scan, end)
            (trustedHints, trustedSize) = (start.hints, start.edge.size)
        } else {
            let front = Start(offset: 0, first: first, edge: TreeEdge(), hints: [])
            (scan, end) = try Self.scan(file, front, [pin, published])
            (trustedHints, trustedSize) = ([], 0)
        }
        try check(published)
    }

    struct Start {
        var offset: Int64
        var first: UInt64
        var edge: TreeEdge
        var hints: [MemberHint]
    }

    private static func published(
        _ layout: LogLayout, _ pin: SignedCheckpoint, _ key: VerificationKey
    ) throws(AuditLogError) -> SignedCheckpoint {
        let published = try readCheckpoint(layout.checkpoint)
        guard pin.verify(key) else {
            throw AuditLogError(.key, "the pin is not signed by this log's key")
        }
        guard published.verify(key) else {
            throw AuditLogError(.damaged, "the checkpoint is not signed by this log's key")
        }
        guard published.size <= pin.size, published.size > 0 else {
            throw AuditLogError(
                .rolledBack, "the keys folder is older than the log: restore the newest pin")
        }
        return published
    }

    /// The last member whose events, with the kept tree, reach every checkpoint to be checked.
    private static func start(
        _ layout: LogLayout, _ first: UInt64, _ published: SignedCheckpoint
    ) -> Start? {
        let aligned = (published.size - 1) / TreeEdge.tileLeaves * TreeEdge.tileLeaves
        let hints = MemberHint.read(layout.members(first))
        guard aligned > 0, let hint = MemberHint.start(for: aligned, in: hints),
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

    private func check(_ published: SignedCheckpoint) throws(AuditLogError) {
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
        guard scan.isConsistent(with: pin), scan.isConsistent(with: published) else {
            throw AuditLogError(.rolledBack, "the events are not those the pin was signed over")
        }
        try checkTail()
    }

    /// After a clean close nothing may follow but what opening itself writes.
    private func checkTail() throws(AuditLogError) {
        guard OwnEvent.endsCleanly(scan.lastSignedType) else { return }
        if let tail, let last = scan.hints.last, last.offset == tail.memberOffset,
            last.first < pin.size
        {
            throw AuditLogError(
                .damaged, "\(layout.segment(first)), byte \(tail.stoppedAt): a closed part is cut")
        }
        let allowed = [OwnEvent.opened, OwnEvent.recovered]
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
}

/// The events the log writes about itself.
enum OwnEvent {
    static let created = "auditlog.created"
    static let opened = "auditlog.opened"
    static let recovered = "auditlog.recovered"
    static let closed = "auditlog.closed"

    static func endsCleanly(_ type: String) -> Bool { type == closed || type == created }
}
