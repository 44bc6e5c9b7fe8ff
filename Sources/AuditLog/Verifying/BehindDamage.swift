/// Events behind damage in the open segment that are still proved: the hints say where a later member
/// starts, `tree/` gives the tree up to there, and a signature over events behind tells that both are
/// right.
struct BehindDamage {
    /// From this event on, up to and excluding `end`.
    let first: UInt64
    let end: UInt64

    /// Damage rarely takes more than the members it touches; each try reads to the end of the file.
    private static let tries = 3

    /// - Parameters:
    ///   - unit: all of the segment.
    ///   - walk: the tree before the segment's damage.
    /// - Returns: nil when nothing behind can be proved.
    static func find(
        _ read: SegmentRead, _ unit: ReadingUnit, _ walk: EventWalk, _ tiles: TileComparison,
        _ heads: SignedHeads, _ wanted: ReadingUnit.Wanted
    ) -> BehindDamage? {
        guard read.segment.isLast, !read.segment.isSealed, case .broken(let tail, _) = read.end
        else { return nil }
        // Hashes of `tree/` are over 256 events: only where they end can the tree go on.
        let hints = MemberHint.parse(read.segment.hints ?? []).filter {
            $0.offset > tail.memberOffset && $0.first > read.next
                && $0.first % TreeEdge.tileLeaves == 0
        }
        for hint in hints.prefix(tries) {
            guard let edge = TreeEdge(size: hint.first, tiles: tiles.entry) else { return nil }
            var rest = unit
            (rest.from, rest.first) = (hint.offset, hint.first)
            var trial = walk.trial
            trial.jump(to: edge)
            trial.add(rest.read(wanted))
            let end = heads.heads.filter { $0.size > hint.first && trial.roots[$0.size] == $0.root }
                .map(\.size).max()
            if let end { return BehindDamage(first: hint.first, end: end) }
        }
        return nil
    }
}
