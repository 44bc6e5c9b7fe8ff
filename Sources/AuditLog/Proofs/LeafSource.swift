/// Lines and leaf hashes of single events: inflates the member that holds them and keeps its hashes,
/// so that going through the log costs one pass. One owner; not for sharing.
final class LeafSource {
    private let layout: LogLayout
    private var starts: [UInt64]
    private var file: (start: UInt64, range: RangeFile)?
    /// Known member starts of the segment that is open, ascending; the first is always its front.
    private var members: [MemberHint] = []
    private var kept: (first: UInt64, leaves: [TreeHash]) = (0, [])

    init(_ layout: LogLayout) {
        self.layout = layout
        // Listed again, and then with its error, when an event is not found.
        starts = (try? layout.segmentStarts()) ?? []
    }

    /// The leaf hash of an event.
    /// - Throws: `missing` when the log does not hold it, `damaged` when it cannot be read.
    func leaf(_ sequence: UInt64) throws(AuditLogError) -> TreeHash {
        if let leaf = keptLeaf(sequence) { return leaf }
        _ = try line(sequence)
        guard let leaf = keptLeaf(sequence) else { throw Self.missing(sequence) }
        return leaf
    }

    /// The line of an event without its newline.
    /// - Throws: as `leaf`.
    func line(_ sequence: UInt64) throws(AuditLogError) -> [UInt8] {
        do {
            return try read(sequence)
        } catch {
            // A segment may have been sealed, or a new one begun, since we looked.
            file = nil
            starts = try layout.segmentStarts()
            return try read(sequence)
        }
    }

    private func keptLeaf(_ sequence: UInt64) -> TreeHash? {
        guard sequence >= kept.first, sequence - kept.first < UInt64(kept.leaves.count) else {
            return nil
        }
        return kept.leaves[Int(sequence - kept.first)]
    }

    private func read(_ sequence: UInt64) throws(AuditLogError) -> [UInt8] {
        let range = try open(holding: sequence)
        while let start = members.last(where: { $0.first <= sequence }) {
            let visitor = MemberVisitor(next: start.first, wanted: sequence)
            let end = try SegmentScanner(
                range, from: start.offset, visitor: visitor, keepsTail: false
            ).scan()
            if let line = visitor.line {
                kept = (visitor.memberFirst, visitor.leaves)
                learn(visitor.members)
                return line
            }
            if start.offset == 0 { throw Self.unreadable(sequence, range, end) }
            // A hint led astray; hints prove nothing, so read from the front.
            members.removeSubrange(1...)
        }
        throw Self.missing(sequence)
    }

    private func open(holding sequence: UInt64) throws(AuditLogError) -> RangeFile {
        guard let start = starts.last(where: { $0 <= sequence }) else {
            throw Self.missing(sequence)
        }
        if let file, file.start == start { return file.range }
        let range = try RangeFile(layout.segment(start))
        file = (start, range)
        members = MemberTable.read(layout, start)
        if members.first != MemberHint(offset: 0, first: start) {
            members = [MemberHint(offset: 0, first: start)]
        }
        return range
    }

    private func learn(_ found: [MemberHint]) {
        guard let last = members.last else { return }
        members += found.filter { $0.offset > last.offset }
    }

    private static func missing(_ sequence: UInt64) -> AuditLogError {
        AuditLogError(.missing, "the log does not hold event \(sequence)")
    }

    private static func unreadable(
        _ sequence: UInt64, _ file: RangeFile, _ end: ScanEnd
    ) -> AuditLogError {
        guard case .broken(let tail, let problem) = end else { return missing(sequence) }
        return AuditLogError(
            .damaged,
            "\(file.path), byte \(tail.stoppedAt): \(problem); event \(sequence) cannot be read")
    }
}

/// Where the members of a segment start, as far as is known without reading it.
enum MemberTable {
    /// From the index of a sealed segment or the hints of the open one; empty when there is neither.
    /// Not trusted: whoever uses it checks what lies there.
    static func read(_ layout: LogLayout, _ start: UInt64) -> [MemberHint] {
        if let bytes = try? readFile(layout.index(start)),
            let index = try? SegmentIndex(bytes), index.first == start
        {
            return index.members
        }
        return MemberHint.read(layout.members(start))
    }
}

/// Leaf hashes of the member that holds one event, and that event's line.
private final class MemberVisitor: SegmentVisitor {
    private let wanted: UInt64
    private var next: UInt64
    private var offset: Int64 = 0
    private var isBehind = false
    private(set) var members: [MemberHint] = []
    private(set) var memberFirst: UInt64
    private(set) var leaves: [TreeHash] = []
    private(set) var line: [UInt8]?

    init(next: UInt64, wanted: UInt64) {
        self.next = next
        self.wanted = wanted
        memberFirst = next
    }

    func memberBegan(at offset: Int64) {
        members.append(MemberHint(offset: offset, first: next))
        if line != nil {
            isBehind = true
            return
        }
        memberFirst = next
        leaves.removeAll(keepingCapacity: true)
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        if isBehind { return "enough" }
        guard LineHead.time(line, sequence: next) != nil else {
            return "event \(next) was expected, another line is there"
        }
        leaves.append(TreeHash(leaf: line))
        if next == wanted { self.line = Array(line) }
        next += 1
        return nil
    }
}
