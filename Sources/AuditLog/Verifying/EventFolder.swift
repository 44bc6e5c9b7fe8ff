import OrderedJSON

/// Takes a worker's lines: holds each to its form, hashes it, and folds every 256 leaves into one.
final class EventFolder: SegmentVisitor {
    private let wanted: ReadingUnit.Wanted
    private let index: SegmentIndexBuilder?
    // One thread, and no closure that sees the folder: what is touched for every line need not be
    // guarded against two at once, which costs as much as a field's hash.
    @exclusivity(unchecked) private var next: UInt64
    @exclusivity(unchecked) private var result: UnitReading
    @exclusivity(unchecked) private var canonical = CanonicalLine()
    @exclusivity(unchecked) private var leaves: [TreeHash] = []
    private var isAligned: Bool
    @exclusivity(unchecked) private var firstTime: TimeStamp?
    @exclusivity(unchecked) private var lastTime: TimeStamp?
    private var nextSize: Int
    private var memberOffset: Int64
    @exclusivity(unchecked) private var memberFirst: UInt64

    private var mark = Mark()

    /// Where the last whole member ended: behind a member whose checksum is wrong nothing counts.
    private struct Mark {
        var next: UInt64 = 0
        var (tiles, partials, own, members, unsigned) = (0, 0, 0, 0, 0)
        var leaves: [TreeHash] = []
        var isAligned = false
        var lastSignedType: String?
        var lastTime: TimeStamp?
    }

    /// Events that verification compares with files.
    private static let kept: Set<String> = [
        OwnEvent.created, OwnEvent.sealed, OwnEvent.epoch, OwnEvent.reindexed, OwnEvent.retired,
        OwnEvent.recovered,
    ]
    /// Unsigned events beyond these are not named one by one.
    private static let unsignedLimit = 64

    init(
        first: UInt64, from offset: Int64, wanted: ReadingUnit.Wanted, index: SegmentIndexBuilder?
    ) {
        self.wanted = wanted
        self.index = index
        next = first
        isAligned = first % TreeEdge.tileLeaves == 0
        memberOffset = offset
        memberFirst = first
        nextSize = wanted.sizes.firstPlace(notBelow: first + 1)
        let nowhere = SegmentTail(memberOffset: offset, stoppedAt: offset)
        result = UnitReading(first: first, next: first, end: .open(nowhere))
        leaves.reserveCapacity(Int(TreeEdge.tileLeaves))
        setMark()
    }

    func memberBegan(at offset: Int64) {
        memberOffset = offset
        memberFirst = next
        index?.memberBegan(at: offset)
    }

    func memberEnded(at offset: Int64) {
        index?.memberEnded(at: offset)
        wanted.counter.add(events: next - memberFirst, bytes: offset - memberOffset)
        setMark()
    }

    private func setMark() {
        mark.next = next
        mark.tiles = result.tiles.count
        mark.partials = result.partials.count
        mark.own = result.own.count
        mark.members = result.members.count
        mark.unsigned = result.unsigned.count
        mark.leaves.removeAll(keepingCapacity: true)
        mark.leaves.append(contentsOf: leaves)
        mark.isAligned = isAligned
        mark.lastSignedType = result.lastSignedType
        mark.lastTime = lastTime
    }

    /// Forgets everything behind the last whole member.
    private func returnToMark() {
        next = mark.next
        result.tiles.removeLast(result.tiles.count - mark.tiles)
        result.partials.removeLast(result.partials.count - mark.partials)
        result.own.removeLast(result.own.count - mark.own)
        result.members.removeLast(result.members.count - mark.members)
        result.unsigned.removeLast(result.unsigned.count - mark.unsigned)
        if !mark.isAligned { result.headLeaves = [] }
        (leaves, isAligned) = (mark.leaves, mark.isAligned)
        (result.lastSignedType, lastTime) = (mark.lastSignedType, mark.lastTime)
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        if let problem = check(line) { return problem }
        if next == memberFirst {
            result.members.append(MemberHint(offset: memberOffset, first: next))
        } else if next % LogCore.memberLeaves == 0 {
            return "the member goes on behind event \(next - 1)"
        }
        leaves.append(TreeHash(leaf: line))
        next += 1
        if nextSize < wanted.sizes.count, wanted.sizes[nextSize] == next { keepPartial() }
        if next % TreeEdge.tileLeaves == 0 { endTile() }
        return nil
    }

    /// Number, time and form of a line; its keys go into the index.
    private func check(_ line: UnsafeRawBufferPointer) -> String? {
        switch canonical.check(line, sequence: next) {
        case .otherSequence: return "event \(next) was expected, another line is there"
        case .malformed: return notCanonical
        case .unsure(let time):
            guard let event = try? Event(line: Array(line)) else { return notCanonical }
            take(event.type, line)
            return take(time) ?? index?.line(line)
        case .canonical(let time):
            let type = canonical.parts.type
            if needsType(line, type) { take(Self.text(line, type), line) }
            index?.take(line, canonical.parts)
            return take(time)
        }
    }

    private var notCanonical: String { "event \(next) is not in canonical form" }

    private func take(_ time: TimeStamp) -> String? {
        if let lastTime, time < lastTime { return "the time of event \(next) goes back" }
        if firstTime == nil { firstTime = time }
        lastTime = time
        return nil
    }

    /// Types are made texts only where somebody asks.
    private func needsType(_ line: UnsafeRawBufferPointer, _ type: LineParts.Text) -> Bool {
        if next + 1 >= wanted.newest { return true }
        // The first letter tells of nearly all that they are not the log's own.
        guard type.start < type.end, line[type.start] == DraftRules.ownPrefix.utf8.first else {
            return false
        }
        return line[type.start..<type.end].starts(with: DraftRules.ownPrefix.utf8)
    }

    /// A type as it is written: an escape in it makes it none of the log's own.
    private static func text(_ line: UnsafeRawBufferPointer, _ type: LineParts.Text) -> String {
        String(decoding: line[type.start..<type.end], as: UTF8.self)
    }

    private func take(_ type: String, _ line: UnsafeRawBufferPointer) {
        if next + 1 == wanted.newest { result.lastSignedType = type }
        if next >= wanted.newest, result.unsigned.count < Self.unsignedLimit {
            result.unsigned.append((next, type))
        }
        if Self.kept.contains(type), let event = try? Event(line: Array(line)) {
            result.own.append(OwnRecord(sequence: next, type: type, data: event.data))
        }
    }

    /// Inside a tile, the root of this size needs the tile's leaves so far.
    private func keepPartial() {
        nextSize += 1
        guard isAligned else { return }
        var edge = TreeEdge()
        for leaf in leaves { edge.append(leaf) }
        result.partials.append((next, next % TreeEdge.tileLeaves == 0 ? [] : edge.hashes))
    }

    private func endTile() {
        if isAligned {
            result.tiles.append(TreeHash(folding: &leaves))
        } else {
            result.headLeaves = leaves
            isAligned = true
        }
        leaves.removeAll(keepingCapacity: true)
    }

    /// The result; the scan has ended like this.
    func finish(_ end: ScanEnd) -> UnitReading {
        var unchecked: [UnitReading] = []
        if case .broken = end {
            unchecked = [gather(end)]
            returnToMark()
        }
        var checked = gather(end)
        checked.unchecked = unchecked
        return checked
    }

    private func gather(_ end: ScanEnd) -> UnitReading {
        var gathered = result
        gathered.next = next
        gathered.end = end
        if isAligned { gathered.tailLeaves = leaves } else { gathered.headLeaves = leaves }
        gathered.firstTime = firstTime.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        gathered.lastTime = lastTime.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        return gathered
    }
}

extension TreeHash {
    /// The root of a full tree: of a power of two of leaves, which are used up.
    init(folding leaves: inout [TreeHash]) {
        var count = leaves.count
        while count > 1 {
            count /= 2
            for place in 0..<count {
                leaves[place] = TreeHash(left: leaves[2 * place], right: leaves[2 * place + 1])
            }
        }
        self = leaves.first ?? .empty
    }
}
