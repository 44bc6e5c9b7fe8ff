/// What verifying learns from the events: the tree at every checkpoint, members, first and last
/// lines.
final class VerifyingScan: SegmentVisitor {
    private var next: UInt64 = 0
    private let watched: Set<UInt64>
    private let newest: UInt64
    private let progress: (UInt64) -> Void
    private var segmentStart: UInt64 = 0
    private var memberOffset: Int64 = 0
    private var memberIsEmpty = true
    private(set) var edge = TreeEdge()
    private(set) var roots: [UInt64: [UInt8]] = [:]
    private(set) var tiles: [Int: [UInt8]] = [:]
    private(set) var hints: [UInt64: [UInt8]] = [:]
    private(set) var firstLine: [UInt8] = []
    private var lastTime: TimeStamp?
    private(set) var unsignedTypes: [String] = []
    private(set) var lastSignedType = ""
    private(set) var lastType = ""

    static let progressEveryEvents: UInt64 = 65_536

    init(watching sizes: Set<UInt64>, progress: @escaping (UInt64) -> Void) {
        watched = sizes
        newest = sizes.max() ?? 0
        self.progress = progress
    }

    func segmentBegan(_ start: UInt64) {
        segmentStart = start
        hints[start] = []
    }

    func memberBegan(at offset: Int64) {
        memberOffset = offset
        memberIsEmpty = true
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard let time = LineHead.stamp(line, sequence: next) else {
            return "event \(next) was expected, another line is there"
        }
        if let lastTime, time < lastTime { return "the time of event \(next) goes back" }
        lastTime = time
        if let problem = read(line) { return problem }
        if memberIsEmpty {
            hints[segmentStart, default: []] += MemberHint(offset: memberOffset, first: next).bytes
            memberIsEmpty = false
        }
        edge.append(TreeHash(leaf: line)) { tiles[$0, default: []] += $1.bytes }
        next += 1
        if watched.contains(next) { roots[next] = edge.root.bytes }
        if next % Self.progressEveryEvents == 0 { progress(next) }
        return nil
    }

    /// The first event, the last signed one and everything behind it are read whole.
    private func read(_ line: UnsafeRawBufferPointer) -> String? {
        if next == 0 { firstLine = Array(line) }
        guard next == 0 || next + 1 >= newest else { return nil }
        guard let event = try? Event(line: Array(line)) else {
            return "event \(next) is not in canonical form"
        }
        lastType = event.type
        if next + 1 == newest { lastSignedType = event.type }
        if next >= newest { unsignedTypes.append(event.type) }
        return nil
    }
}
