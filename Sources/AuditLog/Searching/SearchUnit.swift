/// Neighbouring members of one segment that are read at once, by whoever of the workers is free.
struct SearchUnit: Sendable {
    let segment: UInt64
    let path: String
    /// The open segment as it was when the search began; sealing puts another file in its place.
    var opened: OpenedFile?
    /// Bytes to read; up to the end of the file when `end` is nil.
    var offset: Int64
    var end: Int64?
    /// First event, and the one behind the last; nil where events are still being written.
    var first: UInt64
    var next: UInt64?
    var members: Int
    /// The event behind the segment's last; nil for the open one.
    var segmentNext: UInt64?
    /// Of the segment that is not sealed.
    var isOpen = false

    /// Members of a unit at most: about 1.4 MB of lines, a few milliseconds.
    static let memberLimit = 4
}

/// What reading a unit gave.
struct UnitResult: Sendable {
    var found: [Event] = []
    var events: UInt64 = 0
    var members = 0
    /// The first event that was not read.
    var next: UInt64 = 0
    /// Why it is not what the plan says; nil when all is well.
    var problem: String?
}

/// Reads lines, keeps those that match.
final class MatchingVisitor: SegmentVisitor {
    private let query: AuditQuery
    private let needles: [Needle]
    private let range: Range<UInt64>
    private(set) var result = UnitResult()

    /// Lines are numbered from `first`; only events of the range count.
    init(_ query: AuditQuery, first: UInt64, within range: Range<UInt64>) {
        self.query = query
        self.range = range
        needles = query.needles
        result.next = first
    }

    func memberBegan(at offset: Int64) { result.members += 1 }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        let number = result.next
        guard LineHead.stamp(line, sequence: number) != nil else {
            return "event \(number) was expected, another line is there"
        }
        result.next = number + 1
        guard range.contains(number) else { return nil }
        result.events += 1
        guard needles.allSatisfy({ $0.isIn(line) }) else { return nil }
        let bytes = Array(line)
        do throws(AuditLogError) {
            let event = try Event(line: bytes)
            if query.matches(event, line: bytes) { result.found.append(event) }
            return nil
        } catch {
            return "event \(number): \(error.message)"
        }
    }
}

extension SearchUnit {
    /// Reads exactly these members, strictly; `problem` when they are not what the plan says.
    func read(_ query: AuditQuery) throws(AuditLogError) -> UnitResult {
        let source: OpenedFile
        if let opened { source = opened } else { source = try OpenedFile(path) }
        let file = RangeFile(source, upTo: end ?? .max)
        let visitor = MatchingVisitor(query, first: first, within: first..<(next ?? .max))
        let scan = try SegmentScanner(file, from: offset, visitor: visitor, keepsTail: false).scan()
        var result = visitor.result
        switch scan {
        case .whole where next == nil || result.next == next: break
        case .open where next == nil: break
        case .whole, .open: result.problem = "other members than its table of members says"
        case .broken(let tail, let problem): result.problem = "byte \(tail.stoppedAt): \(problem)"
        }
        return result
    }
}
