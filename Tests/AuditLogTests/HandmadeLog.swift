import DurableFiles

@testable import AuditLog

/// A log's segments and tree written by hand, cut into segments wherever a test wants them.
struct HandmadeLog {
    let fixture: LogFixture
    let layout: LogLayout
    let lines: [[UInt8]]
    let key = SigningKey(name: "auditlog.example/handmade")
    static let memberLeaves = 256

    /// Segments start at `starts` (0 first).
    init(size: Int, starts: [Int] = [0]) throws {
        fixture = try LogFixture()
        layout = LogLayout(directory: fixture.log)
        lines = (0..<size).map { number in
            Event(
                sequence: UInt64(number), time: "2026-11-21T10:00:00.000000+08:00",
                draft: LogFixture.draft(number)
            ).bytes
        }
        for folder in [layout.segments, layout.tree] { try DurableFiles.makeFolder(folder) }
        for (index, start) in starts.enumerated() {
            try writeSegment(start, index + 1 < starts.count ? starts[index + 1] : size)
        }
        try writeTree()
    }

    private func writeSegment(_ start: Int, _ end: Int) throws {
        let deflater = try MemberDeflater()
        var bytes: [UInt8] = []
        var hints: [UInt8] = []
        var first = start
        while first < end {
            let next = min(end, (first / Self.memberLeaves + 1) * Self.memberLeaves)
            hints += MemberHint(offset: Int64(bytes.count), first: UInt64(first)).bytes
            deflater.begin(&bytes)
            for line in lines[first..<next] { deflater.add(line + [0x0A], to: &bytes) }
            deflater.finish(&bytes)
            first = next
        }
        try LogFixture.write(layout.segment(UInt64(start)), bytes)
        try LogFixture.write(layout.members(UInt64(start)), hints)
    }

    private func writeTree() throws {
        var levels: [Int: [UInt8]] = [:]
        var edge = TreeEdge()
        for line in lines {
            edge.append(TreeHash(leaf: line)) { levels[$0, default: []] += $1.bytes }
        }
        for (level, bytes) in levels { try LogFixture.write(layout.tiles(level), bytes) }
    }

    func edge(_ size: Int) -> TreeEdge {
        var edge = TreeEdge()
        for line in lines[..<size] { edge.append(TreeHash(leaf: line)) }
        return edge
    }

    func checkpoint(_ size: Int) throws -> SignedCheckpoint {
        try key.sign(size: UInt64(size), root: edge(size).root)
    }

    /// Removes the segment of these events as retention does.
    func retire(_ start: Int, next: Int) throws {
        let manifest = SegmentManifest(
            origin: key.verificationKey.name, first: UInt64(start),
            firstTime: "2026-11-21T10:00:00.000000+08:00",
            lastTime: "2026-11-21T10:00:00.000000+08:00", bytes: 1, sha256: "", indexSha256: "",
            edge: edge(next))
        try LogFixture.write(layout.retired(UInt64(start)), manifest.encoded)
        try DurableFiles.remove(layout.segment(UInt64(start)))
        try DurableFiles.remove(layout.members(UInt64(start)))
    }

    /// MTH(D[start:end]) straight from RFC 6962 §2.1: the oracle.
    func hash(_ start: Int, _ end: Int) -> TreeHash {
        if end - start == 1 { return TreeHash(leaf: lines[start]) }
        var half = 1
        while half * 2 < end - start { half *= 2 }
        return TreeHash(left: hash(start, start + half), right: hash(start + half, end))
    }

    /// PATH(m, D[start:end]) straight from RFC 6962 §2.1.1.
    func path(_ leaf: Int, _ start: Int, _ end: Int) -> [TreeHash] {
        if end - start == 1 { return [] }
        var half = 1
        while half * 2 < end - start { half *= 2 }
        return leaf < start + half
            ? path(leaf, start, start + half) + [hash(start + half, end)]
            : path(leaf, start + half, end) + [hash(start, start + half)]
    }
}
