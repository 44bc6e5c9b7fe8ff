import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

/// An index can be wrong in any way: the search then takes longer and finds the same.
@Suite("Whom a search believes")
struct IndexTrustTests {
    private static let sizes = [9, 7, 8, 6]

    /// Segments whose indexes are flipped byte by byte.
    private static let exhaustive = 1

    /// Hits in every segment, and one in a single segment.
    private func check(_ log: SearchedLog, _ expected: [[UInt64]], unindexed: Int?) throws {
        for (query, expected) in zip(Self.queries, expected) {
            let (found, account) = try log.search(query)
            #expect(found == expected)
            if let unindexed { #expect(account.unindexed.count == unindexed) }
        }
    }

    private static let queries: [AuditQuery] = {
        var everywhere = AuditQuery()
        everywhere.type = "payout."
        var once = AuditQuery()
        once.subject = [("line", "5"), ("file", "batch 0.csv")]
        return [everywhere, once]
    }()

    private func expected(_ log: SearchedLog) throws -> [[UInt64]] {
        let expected = try Self.queries.map { try log.expected($0) }
        #expect(expected.count == 2 && expected.allSatisfy { !$0.isEmpty })
        return expected
    }

    @Test("Any byte of any index flipped, and any index cut, hides nothing")
    func flippedIndex() async throws {
        let log = try await SearchedLog(Self.sizes)
        let expected = try expected(log)
        try check(log, expected, unindexed: 0)
        for start in (try log.layout.segmentStarts()).dropLast().suffix(Self.exhaustive) {
            let path = log.layout.index(start)
            let bytes = try DurableFiles.read(path)
            try DurableFiles.remove(path)
            for place in bytes.indices {
                var flipped = bytes
                flipped[place] ^= UInt8(1 << (place % 8))
                try LogFixture.write(path, flipped)
                try check(log, expected, unindexed: 1)
            }
            for length in stride(from: 0, to: bytes.count, by: 41) {
                try LogFixture.write(path, Array(bytes[..<length]))
                try check(log, expected, unindexed: 1)
            }
            try DurableFiles.remove(path)
            try check(log, expected, unindexed: 1)
            try LogFixture.write(path, bytes)
        }
        try check(log, expected, unindexed: 0)
    }

    @Test("Manifests, tree, checkpoint and certificates, flipped anywhere, hide nothing")
    func flippedWitnesses() async throws {
        let log = try await SearchedLog([260, 7, 8, 6])
        let expected = try expected(log)
        let layout = log.layout
        let paths =
            (try layout.segmentStarts()).dropLast().map { layout.manifest($0) }
            + [layout.tiles(1), layout.checkpoint, layout.epochs, layout.checkpoints]
        for path in paths {
            let bytes = try DurableFiles.read(path)
            try DurableFiles.remove(path)
            for place in stride(from: 0, to: bytes.count, by: 101) {
                var flipped = bytes
                flipped[place] ^= UInt8(1 << (place % 8))
                try LogFixture.write(path, flipped)
                try check(log, expected, unindexed: nil)
            }
            try DurableFiles.remove(path)
            try check(log, expected, unindexed: nil)
            try LogFixture.write(path, bytes)
        }
        try check(log, expected, unindexed: 0)
    }

    /// An index of the segment that knows none of its keys.
    private static func emptied(_ layout: LogLayout, _ first: UInt64) throws -> [UInt8] {
        let builder = SegmentIndexBuilder(first: first, fields: [])
        let file = try RangeFile(layout.segment(first))
        _ = try SegmentScanner(file, from: 0, visitor: Blinded(builder)).scan()
        return builder.finish(fileLength: file.length)
    }

    /// Shows a builder other types and actors than there are.
    private final class Blinded: SegmentVisitor {
        private let builder: SegmentIndexBuilder
        init(_ builder: SegmentIndexBuilder) { self.builder = builder }
        func memberBegan(at offset: Int64) { builder.memberBegan(at: offset) }
        func memberEnded(at offset: Int64) { builder.memberEnded(at: offset) }
        func line(_ line: UnsafeRawBufferPointer) -> String? {
            guard var event = try? Event(line: Array(line)) else { return "not an event" }
            (event.type, event.actor) = ("nothing", "nobody")
            (event.subject, event.data) = ([:], [:])
            return event.bytes.withUnsafeBytes { builder.line($0) }
        }
    }

    private static func overwrite(_ path: String, _ bytes: [UInt8]) throws {
        try DurableFiles.remove(path)
        try LogFixture.write(path, bytes)
    }

    @Test("The index of another segment in its place is not believed")
    func swapped() async throws {
        let log = try await SearchedLog(Self.sizes)
        let expected = try expected(log)
        let starts = (try log.layout.segmentStarts())
        let other = try DurableFiles.read(log.layout.index(starts[1]))
        try Self.overwrite(log.layout.index(0), other)
        try check(log, expected, unindexed: 1)
    }

    @Test("An index made anew to hide events, and a manifest that fits it, are not believed")
    func editedWithManifest() async throws {
        let log = try await SearchedLog(Self.sizes)
        let expected = try expected(log)
        for start in (try log.layout.segmentStarts()).dropLast() {
            let index = try Self.emptied(log.layout, start)
            var manifest = try SegmentManifest(DurableFiles.read(log.layout.manifest(start)))
            manifest.indexSha256 = sha256Text(index)
            try Self.overwrite(log.layout.index(start), index)
            try Self.overwrite(log.layout.manifest(start), manifest.encoded)
        }
        try check(log, expected, unindexed: 3)
    }

    /// Writes the first event of a segment anew, so that it names the hash of another index.
    private func forgeSeal(_ log: SearchedLog, of first: UInt64, next: UInt64) throws {
        let index = try Self.emptied(log.layout, first)
        try Self.overwrite(log.layout.index(first), index)
        let path = log.layout.segment(next)
        var lines: [[UInt8]] = []
        try AuditReader(directory: log.fixture.log).forEachLine(from: next) { line, _ in
            lines.append(line)
        }
        if let end = (try log.layout.segmentStarts()).first(where: { $0 > next }) {
            lines.removeLast(lines.count - Int(end - next))
        }
        var seal = try Event(line: lines[0])
        seal.data["indexSha256"] = .string(sha256Text(index))
        lines[0] = seal.bytes
        let deflater = try MemberDeflater(
            next == (try log.layout.segmentStarts()).last ? .open : .sealed)
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        for line in lines { deflater.add(line + [0x0A], to: &bytes) }
        deflater.finish(&bytes)
        try Self.overwrite(path, bytes)
    }

    @Test("A seal written anew is not in the signed tree", arguments: [0, 1, 2])
    func forgedSeal(segment: Int) async throws {
        let log = try await SearchedLog(Self.sizes)
        let expected = try expected(log)
        let starts = (try log.layout.segmentStarts())
        try forgeSeal(log, of: starts[segment], next: starts[segment + 1])
        // The index of the segment that was written anew does not fit it any more either.
        for (query, expected) in zip(Self.queries, expected) {
            let (found, account) = try log.search(query)
            #expect(found == expected)
            #expect(account.unindexed.contains { $0.first == starts[segment] })
        }
    }

    @Test(
        "Today's stolen key cannot bind another index to a segment whose seal an epoch has closed")
    func stolenKey() async throws {
        let log = try await SearchedLog(Self.sizes)
        let expected = try expected(log)
        let starts = (try log.layout.segmentStarts())
        try forgeSeal(log, of: starts[0], next: starts[1])
        // The forger has the newest key: he makes the whole tree anew and signs it.
        var edge = TreeEdge()
        try AuditReader(directory: log.fixture.log).forEachLine(from: 0) { line, _ in
            edge.append(TreeHash(leaf: line))
        }
        let newest =
            EpochChain.read(try DurableFiles.read(log.layout.epochs)).certificates.count - 1
        let key = try KeyLayout(directory: log.fixture.keys).readKey(UInt64(newest))
        let note = try key.sign(size: edge.size, root: edge.root)
        try Self.overwrite(log.layout.checkpoint, Array(note.text.utf8))
        for (query, expected) in zip(Self.queries, expected) {
            let (found, account) = try log.search(query)
            #expect(found == expected)
            #expect(account.unindexed.contains { $0.first == starts[0] })
        }
    }
}
