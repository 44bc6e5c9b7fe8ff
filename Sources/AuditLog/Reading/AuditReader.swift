/// Reads events in order: a live log, a closed one, or a copy; needs no key and checks no signature
/// (`Verifier` does).
public struct AuditReader: Sendable {
    let layout: LogLayout

    /// A reader of the log in this folder.
    /// - Throws: `AuditLogError` with code `missing` when there is none.
    public init(directory: String) throws {
        layout = LogLayout(directory: directory)
        if try layout.segmentStarts().isEmpty {
            throw AuditLogError(.missing, "\(directory) holds no audit log")
        }
    }

    /// Gives every whole event from number `from` on. What is being written meanwhile may be
    /// missing.
    /// - Throws: what `body` throws, or `AuditLogError` with code `damaged`.
    public func forEach(from: UInt64 = 0, _ body: (Event) throws -> Void) throws {
        try forEachLine(from: from) { line, _ in try body(Event(line: line)) }
    }

    /// The first event that is still there: those before it were removed after their retention time.
    public var firstRetained: UInt64 { ((try? layout.segmentStarts()) ?? []).first ?? 0 }

    /// The newest checkpoint published; its signature is not checked here.
    public func publishedCheckpoint() throws -> SignedCheckpoint {
        try readCheckpoint(layout.checkpoint)
    }

    /// The event of this number; nil when the log does not reach so far.
    public func event(_ sequence: UInt64) throws -> Event? {
        if sequence < firstRetained { return nil }
        var found: Event?
        do {
            try forEach(from: sequence) { event in
                found = event
                throw Enough()
            }
        } catch is Enough {}
        return found
    }

    /// As `forEach`, with the line's bytes and how many members were begun.
    func forEachLine(
        from: UInt64, _ body: (_ line: [UInt8], _ members: Int) throws -> Void
    ) throws {
        // Everything the published checkpoint covers must be readable; behind it, a tail may be
        // torn. It is read before the names: one of a later moment may cover events of a segment
        // that had no name yet.
        let signed = (try? readCheckpoint(layout.checkpoint))?.size ?? 0
        let starts = try layout.segmentStarts()
        let firstSegment = starts.lastIndex { $0 <= from } ?? 0
        var members = 0
        for (index, start) in starts.enumerated() where index >= firstSegment {
            let file = try RangeFile(layout.segment(start))
            let hint = MemberHint.start(for: from, in: MemberTable.read(layout, start))
            let at = hint.flatMap { Self.startsMember(file, $0) ? $0 : nil }
            members = try scan(
                file, at ?? MemberHint(offset: 0, first: start), start, from, members,
                mustReach: index + 1 < starts.count ? starts[index + 1] : signed, body)
        }
    }

    private struct Enough: Error {}

    private static func startsMember(_ file: RangeFile, _ hint: MemberHint) -> Bool {
        var head = [UInt8](repeating: 0, count: MemberDeflater.headerBytes)
        guard (try? file.read(&head, from: hint.offset)) == head.count else { return false }
        return SegmentForm.allCases.contains { $0.header == head }
    }

    private func scan(
        _ file: RangeFile, _ start: MemberHint, _ segmentStart: UInt64, _ from: UInt64,
        _ members: Int, mustReach least: UInt64, _ body: ([UInt8], Int) throws -> Void
    ) throws -> Int {
        try withoutActuallyEscaping(body) { body in
            let visitor = ReadingVisitor(next: start.first, from: from, members: members, body)
            let end = try SegmentScanner(
                file, from: start.offset, visitor: visitor, keepsTail: false
            ).scan()
            if let error = visitor.error { throw error }
            if start.offset > 0, !visitor.hasLines {
                // A hint led astray; hints prove nothing, so read from the front.
                let front = MemberHint(offset: 0, first: segmentStart)
                return try scan(file, front, segmentStart, from, members, mustReach: least, body)
            }
            try Self.check(end, reached: visitor.next, least, file)
            return visitor.members
        }
    }

    /// A tail that is not whole may only lie behind everything that must be there.
    static func check(
        _ end: ScanEnd, reached: UInt64, _ least: UInt64, _ file: RangeFile
    ) throws(AuditLogError) {
        if reached >= least { return }
        let place: String
        switch end {
        case .whole: place = "the file ends too early"
        case .open(let tail): place = "byte \(tail.stoppedAt): the file is cut"
        case .broken(let tail, let problem): place = "byte \(tail.stoppedAt): \(problem)"
        }
        throw AuditLogError(
            .damaged, "\(file.path), \(place); \(reached) of \(least) signed events are readable")
    }
}

/// Hands lines from a number on to a closure, keeping its error.
private final class ReadingVisitor: SegmentVisitor {
    private(set) var next: UInt64
    private let from: UInt64
    private let body: ([UInt8], Int) throws -> Void
    private(set) var members: Int
    private(set) var error: (any Error)?
    private(set) var hasLines = false

    init(
        next: UInt64, from: UInt64, members: Int, _ body: @escaping ([UInt8], Int) throws -> Void
    ) {
        self.next = next
        self.from = from
        self.members = members
        self.body = body
    }

    func memberBegan(at offset: Int64) { members += 1 }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard LineHead.time(line, sequence: next) != nil else {
            return "event \(next) was expected, another line is there"
        }
        hasLines = true
        next += 1
        if next <= from { return nil }
        do {
            try body(Array(line), members)
            return nil
        } catch {
            self.error = error
            return "stopped"
        }
    }
}
