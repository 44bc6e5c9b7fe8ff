/// Reads a log from a number on and then what comes behind, each event once: over the end of a
/// segment, over the archive that replaces a sealed one, after a recovery. Writes nothing, needs no
/// key, checks no signature. One owner; not for sharing.
public final class LogFollower {
    private let layout: LogLayout
    /// Where to read on: the newest member known of the segment that is open.
    private var position: (segment: UInt64, identity: FileIdentity, at: MemberHint)?
    private var seen: (identity: FileIdentity, length: Int64)?

    /// Number of the next event to be given.
    public private(set) var next: UInt64

    /// Follows the log in this folder from an event on, or from the first that is still there.
    /// - Throws: `missing` when there is no log.
    public init(directory: String, from: UInt64 = 0) throws(AuditLogError) {
        layout = LogLayout(directory: directory)
        guard let first = try layout.segmentStarts().first else {
            throw AuditLogError(.missing, "\(directory) holds no audit log")
        }
        next = max(from, first)
    }

    /// Gives the lines, without newline, of all whole events that are there and were not given yet.
    /// - Throws: what `body` throws; `damaged` when events that must be there cannot be read.
    public func poll(_ body: (_ line: [UInt8]) throws -> Void) throws {
        while true {
            // Names before contents: a segment is complete before the next one has a name.
            let starts = try layout.segmentStarts()
            guard let start = starts.last(where: { $0 <= next }) else {
                throw AuditLogError(.missing, "event \(next) was removed after its retention time")
            }
            try read(start, body)
            guard let following = starts.first(where: { $0 > start }) else { return }
            if next < following {
                throw AuditLogError(
                    .damaged,
                    "\(layout.segment(start)): event \(next) cannot be read, event \(following) "
                        + "follows in the next segment; run verify")
            }
        }
    }

    private func read(_ start: UInt64, _ body: ([UInt8]) throws -> Void) throws {
        let file = try RangeFile(layout.segment(start))
        if let seen, seen.identity == file.identity, seen.length == file.length { return }
        var from = MemberHint(offset: 0, first: start)
        if let position, position.segment == start, position.identity == file.identity {
            from = position.at
        } else if let hint = MemberHint.start(for: next, in: MemberTable.read(layout, start)) {
            from = hint
        }
        let isHint = from.offset > 0
        if try !scan(file, start, from, body), isHint {
            // A hint led astray; hints prove nothing, so read from the front.
            _ = try scan(file, start, MemberHint(offset: 0, first: start), body)
        }
        seen = (file.identity, file.length)
    }

    /// False when no line of the log was found at `from`.
    private func scan(
        _ file: RangeFile, _ start: UInt64, _ from: MemberHint, _ body: ([UInt8]) throws -> Void
    ) throws -> Bool {
        try withoutActuallyEscaping(body) { body in
            let visitor = FollowingVisitor(from: from, next: next, body)
            let end = try SegmentScanner(
                file, from: from.offset, visitor: visitor, keepsTail: false
            ).scan()
            next = max(next, visitor.next)
            if let error = visitor.error { throw error }
            if !visitor.hasLines { return false }
            position = (start, file.identity, visitor.member)
            try check(end, file)
            return true
        }
    }

    /// What follows the last whole event may be a commit under way, unless a checkpoint covers it.
    private func check(_ end: ScanEnd, _ file: RangeFile) throws(AuditLogError) {
        guard case .broken(let tail, let problem) = end,
            let signed = try? readCheckpoint(layout.checkpoint).size, next < signed
        else { return }
        throw AuditLogError(
            .damaged, "\(file.path), byte \(tail.stoppedAt): \(problem); run verify")
    }
}

/// Hands on the lines from a number on.
private final class FollowingVisitor: SegmentVisitor {
    private let from: UInt64
    private let body: ([UInt8]) throws -> Void
    private var offset: Int64
    private(set) var next: UInt64
    private(set) var member: MemberHint
    private(set) var hasLines = false
    private(set) var error: (any Error)?

    init(from start: MemberHint, next: UInt64, _ body: @escaping ([UInt8]) throws -> Void) {
        from = next
        self.next = start.first
        self.body = body
        offset = start.offset
        member = start
    }

    func memberBegan(at offset: Int64) { self.offset = offset }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard LineHead.time(line, sequence: next) != nil else {
            return "event \(next) was expected, another line is there"
        }
        hasLines = true
        if member.offset != offset { member = MemberHint(offset: offset, first: next) }
        if next >= from {
            do {
                try body(Array(line))
            } catch {
                self.error = error
                return "stopped"
            }
        }
        next += 1
        return nil
    }
}
