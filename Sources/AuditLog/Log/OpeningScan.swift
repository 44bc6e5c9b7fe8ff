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
    private(set) var lastTime = ""
    private(set) var lastLine: [UInt8] = []
    /// Types of the events behind the newest signed size.
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

    var size: UInt64 { next }

    func memberBegan(at offset: Int64) {
        memberOffset = offset
        memberIsEmpty = true
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard let bytes = LineHead.time(line, sequence: next) else {
            return "event \(next) was expected, another line is there"
        }
        let time = String(decoding: bytes, as: UTF8.self)
        if time < lastTime { return "the time of event \(next) goes back" }
        if next + 1 >= newest {
            guard let event = try? Event(line: Array(line)) else {
                return "event \(next) is not in canonical form"
            }
            if next + 1 == newest { lastSignedType = event.type }
            if next >= newest { unsignedTypes.append(event.type) }
        }
        lastTime = time
        take(line)
        return nil
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
