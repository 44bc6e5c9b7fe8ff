/// What a search will read, in order.
struct SearchPlan {
    var units: [SearchUnit] = []
    var account = SearchAccount()

    private let layout: LogLayout
    private let query: AuditQuery
    private let bound: BoundIndexes

    /// Plans over the segments that start at `starts`, which are at least one.
    init(_ layout: LogLayout, _ query: AuditQuery, _ log: LogDescription, starts: [UInt64]) {
        self.layout = layout
        self.query = query
        bound = BoundIndexes(layout, starts: starts, key: log.rootKey)
        account.retained = starts.first ?? 0
        account.isFullScan =
            query.keys(indexed: log.indexedFields).isEmpty && query.from == nil && query.to == nil
        for (place, start) in starts.enumerated() {
            if place + 1 < starts.count {
                addSealed(start, starts[place + 1])
            } else {
                addOpen(start)
            }
        }
    }

    private mutating func addSealed(_ first: UInt64, _ next: UInt64) {
        let path = layout.segment(first)
        do throws(BoundIndexes.Unbound) {
            let index = try bound.index(of: first, next: next)
            let (units, skipped) = Self.units(of: index, path: path, query)
            self.units += units
            account.membersSkipped += skipped
        } catch {
            account.unindexed.append(.init(first: first, reason: error.reason))
            units += Self.units(at: hints(first), SearchUnit.of(path, first, next))
        }
    }

    private mutating func addOpen(_ first: UInt64) {
        var whole = SearchUnit.of(layout.segment(first), first, nil)
        whole.opened = try? OpenedFile(whole.path)
        whole.isOpen = true
        units += Self.units(at: MemberHint.read(layout.members(first)), whole)
    }

    /// Members of a sealed segment as an unbound index has them: they are checked as they are read.
    private func hints(_ first: UInt64) -> [MemberHint] {
        guard let bytes = try? readFile(layout.index(first)),
            let index = try? SegmentIndex(bytes)
        else { return [] }
        return index.members
    }

    /// The members of an index that may hold what is sought, neighbours together.
    static func units(
        of index: SegmentIndex, path: String, _ query: AuditQuery
    ) -> (units: [SearchUnit], skipped: Int) {
        var set = MemberSet(count: index.memberCount)
        for key in query.keys(indexed: index.fields) { index.keep(key, in: &set) }
        let seconds = query.seconds
        var units: [SearchUnit] = []
        var skipped = 0
        for place in 0..<index.memberCount {
            let member = index.member(place)
            guard set.contains(place), member.lastSecond >= seconds.lowerBound,
                member.firstSecond <= seconds.upperBound
            else {
                skipped += 1
                continue
            }
            if let last = units.last, last.next == member.first,
                last.members < SearchUnit.memberLimit
            {
                units[units.count - 1].end = member.end
                units[units.count - 1].next = member.next
                units[units.count - 1].members += 1
            } else {
                units.append(
                    SearchUnit(
                        segment: index.first, path: path, offset: member.offset, end: member.end,
                        first: member.first, next: member.next, members: 1,
                        segmentNext: index.next))
            }
        }
        return (units, skipped)
    }

    /// A whole segment, cut where the hints say members start.
    static func units(at hints: [MemberHint], _ whole: SearchUnit) -> [SearchUnit] {
        guard hints.first == MemberHint(offset: 0, first: whole.first) else { return [whole] }
        let end = whole.next ?? .max
        let cuts = stride(from: 0, to: hints.count, by: SearchUnit.memberLimit).map { hints[$0] }
            .filter { $0.first < end }
        return cuts.enumerated().map { place, cut in
            var unit = whole
            (unit.offset, unit.first) = (cut.offset, cut.first)
            if place + 1 < cuts.count {
                (unit.end, unit.next) = (cuts[place + 1].offset, cuts[place + 1].first)
            }
            return unit
        }
    }
}

extension SearchUnit {
    /// A whole segment.
    static func of(_ path: String, _ first: UInt64, _ next: UInt64?) -> SearchUnit {
        SearchUnit(
            segment: first, path: path, offset: 0, end: nil, first: first, next: next, members: 1,
            segmentNext: next)
    }
}
