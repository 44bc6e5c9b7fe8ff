import DurableFiles
import OrderedJSON

/// What opening learns from the log: the tree, where the readable part ends, what is not signed.
final class OpeningScan: SegmentVisitor {
    private let skipBelow: UInt64
    private let signed: [SignedCheckpoint]
    private var next: UInt64
    private var memberOffset: Int64 = 0
    private var memberIsEmpty = true
    private(set) var edge: TreeEdge
    private(set) var tiles: [(level: Int, hash: TreeHash)] = []
    private(set) var hints: [MemberHint] = []
    private var lastStamp: TimeStamp?
    private var canonical = CanonicalLine()
    /// Types of the first events behind the newest signed size: whether others than those of opening
    /// may stand there is told by the first that does.
    private(set) var unsignedTypes: [String] = []
    /// Type of the last signed event.
    private(set) var lastSignedType = ""
    /// Checkpoints whose root is the one the events give.
    private(set) var matching: Set<UInt64> = []
    private let newest: UInt64

    /// Starts at event `first` of a member; leaves below `edge.size` are in the edge already.
    init(first: UInt64, edge: TreeEdge, signed: [SignedCheckpoint]) {
        next = first
        skipBelow = edge.size
        self.edge = edge
        self.signed = signed
        newest = signed.map(\.size).max() ?? 0
        for checkpoint in signed
        where checkpoint.size == edge.size && edge.root.bytes == checkpoint.root {
            matching.insert(checkpoint.size)
        }
    }

    /// More than opening and the start of a segment write.
    private static let typeLimit = 16

    var size: UInt64 { next }

    /// Time of the last event read; empty when there is none.
    var lastTime: String { lastStamp.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }

    func memberBegan(at offset: Int64) {
        memberOffset = offset
        memberIsEmpty = true
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard let time = LineHead.stamp(line, sequence: next) else {
            return "event \(next) was expected, another line is there"
        }
        if let lastStamp, time < lastStamp { return "the time of event \(next) goes back" }
        if next + 1 >= newest, !read(line) { return "event \(next) is not in canonical form" }
        lastStamp = time
        take(line)
        return nil
    }

    /// The last signed event and everything behind it, which nothing but its form vouches for; up to
    /// a second's worth of events, so that it must cost little.
    private func read(_ line: UnsafeRawBufferPointer) -> Bool {
        let type: String
        switch canonical.check(line, sequence: next) {
        case .canonical:
            if next + 1 != newest, unsignedTypes.count >= Self.typeLimit { return true }
            let part = canonical.parts.type
            type = String(decoding: line[part.start..<part.end], as: UTF8.self)
        case .unsure:
            guard let event = try? Event(line: Array(line)) else { return false }
            type = event.type
        case .malformed, .otherSequence: return false
        }
        if next + 1 == newest { lastSignedType = type }
        if next >= newest, unsignedTypes.count < Self.typeLimit { unsignedTypes.append(type) }
        return true
    }

    private func take(_ line: UnsafeRawBufferPointer) {
        if memberIsEmpty {
            hints.append(MemberHint(offset: memberOffset, first: next))
            memberIsEmpty = false
        }
        if next >= skipBelow {
            edge.append(TreeHash(leaf: line)) { tiles.append(($0, $1)) }
        }
        next += 1
        for checkpoint in signed where checkpoint.size == next && next > skipBelow {
            if edge.root.bytes == checkpoint.root { matching.insert(next) }
        }
    }

    func isConsistent(with checkpoint: SignedCheckpoint) -> Bool {
        matching.contains(checkpoint.size)
    }
}
