/// The beginning of a segment: its first line, and the leaves up to the end of the first 256-leaf
/// tile or of the segment.
final class SegmentFront: SegmentVisitor {
    private let end: UInt64
    private(set) var next: UInt64
    private(set) var firstLine: [UInt8] = []
    private(set) var leaves: [TreeHash] = []

    /// - Parameters:
    ///   - first: the segment's first event.
    ///   - size: nothing at or behind this event is needed.
    init(_ layout: LogLayout, first: UInt64, size: UInt64) throws(AuditLogError) {
        let tile = (first / TreeEdge.tileLeaves + 1) * TreeEdge.tileLeaves
        end = min(tile, size)
        next = first
        _ = try SegmentScanner(
            try RangeFile(layout.segment(first)), from: 0, visitor: self, keepsTail: false
        ).scan()
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        if next == end { return "enough" }
        guard LineHead.stamp(line, sequence: next) != nil else { return "another event" }
        if firstLine.isEmpty { firstLine = Array(line) }
        leaves.append(TreeHash(leaf: line))
        next += 1
        return nil
    }
}
