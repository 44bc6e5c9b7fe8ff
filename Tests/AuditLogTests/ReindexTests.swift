import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Making indexes anew")
struct ReindexTests {
    @Test("Missing and damaged indexes are made anew and recorded; whole ones are left alone")
    func reindexes() async throws {
        let log = try await SearchedLog([40, 30, 20, 10])
        let starts = (try log.layout.segmentStarts())
        let before = try starts.dropLast().map { try DurableFiles.read(log.layout.index($0)) }
        try DurableFiles.remove(log.layout.index(starts[0]))
        try DurableFiles.remove(log.layout.index(starts[2]))
        try LogFixture.write(log.layout.index(starts[2]), Array(before[2].dropLast()))

        let writer = try await log.fixture.open()
        let done = try await writer.reindex()
        #expect(done.map(\.first) == [starts[0], starts[2]])
        #expect(try await writer.reindex().isEmpty)
        try await writer.close()

        let after = try starts.dropLast().map { try DurableFiles.read(log.layout.index($0)) }
        #expect(after == before)
        let events = try log.fixture.events().filter { $0.type == OwnEvent.reindexed }
        #expect(
            events.map { $0.data["indexSha256"]?.stringValue } == done.map(\.indexSha256))
        #expect(try log.search(AuditQuery()).account.unindexed.isEmpty)
    }

    @Test("An archive that does not hold the sealed events is not indexed")
    func refusesOthers() async throws {
        let log = try await SearchedLog([40, 30, 10])
        let path = log.layout.segment(0)
        var lines: [[UInt8]] = []
        try AuditReader(directory: log.fixture.log).forEachLine(from: 0) { line, _ in
            lines.append(line)
        }
        var event = try Event(line: lines[7])
        event.actor = "somebody else"
        lines[7] = event.bytes
        let deflater = try MemberDeflater(.sealed)
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        let next = (try log.layout.segmentStarts())[1]
        for line in lines.prefix(Int(next)) { deflater.add(line + [0x0A], to: &bytes) }
        deflater.finish(&bytes)
        try DurableFiles.remove(path)
        try LogFixture.write(path, bytes)
        try DurableFiles.remove(log.layout.index(0))

        let writer = try await log.fixture.open()
        await #expect(throws: AuditLogError.self) { _ = try await writer.reindex() }
        try await writer.close()
        #expect(!DurableFiles.exists(log.layout.index(0)))
        let events = try AuditReader(directory: log.fixture.log)
        var recorded = 0
        try events.forEach { recorded += $0.type == OwnEvent.reindexed ? 1 : 0 }
        #expect(recorded == 0)
    }

    @Test("Hashes in tree/ that are wrong, missing or too many are made anew", arguments: 0..<5)
    func rebuildsTree(kind: Int) async throws {
        let log = try await SearchedLog([600, 300, 20])
        let path = log.layout.tiles(1)
        let right = try DurableFiles.read(path)
        var bytes = right
        switch kind {
        case 0: bytes[5] ^= 1
        case 1: bytes[bytes.count - 1] ^= 0x80
        case 2: bytes = []
        case 3: try LogFixture.write(log.layout.tiles(2), right)
        default: break
        }
        try DurableFiles.remove(path)
        try LogFixture.write(path, bytes)

        let writer = try await log.fixture.open()
        let wasMended = try await writer.rebuildTree()
        #expect(try await writer.rebuildTree() == false)
        try await writer.close()
        // Opening itself puts right what is missing or too much.
        #expect(wasMended == (kind < 2))
        #expect(try DurableFiles.read(path) == right)
        #expect(Verifier(directory: log.fixture.log).verify().isIntact)
    }

    /// As a later version of the format would: another index than the seal named, recorded by the log.
    @Test("An index that the log recorded later is believed, whichever segment holds the record")
    func believesRecords() async throws {
        let log = try await SearchedLog([40, 30, 10])
        let starts = (try log.layout.segmentStarts())
        let writer = try await log.fixture.open()
        for (first, next) in [(starts[0], starts[1]), (starts[1], starts[2])] {
            let builder = SegmentIndexBuilder(first: first, fields: ["line", "file"])
            let file = try RangeFile(log.layout.segment(first))
            _ = try SegmentScanner(file, from: 0, visitor: builder).scan()
            let index = builder.finish(fileLength: file.length)
            let segment = ReindexedSegment(first: first, next: next, indexSha256: sha256Text(index))
            let event = try await writer.writer.event(of: segment)
            _ = try await writer.record(own: [event])
            try await writer.writer.replaceIndex(first, index)
        }
        var query = AuditQuery()
        query.subject = [("line", "nobody's")]
        _ = try await writer.checkpoint()
        #expect(try log.search(query).account.membersSkipped == 2)
        // The record now lies in a sealed segment itself.
        _ = try await writer.seal()
        try await writer.close()
        let account = try log.search(query).account
        #expect(account.unindexed.isEmpty)
        #expect(account.membersSkipped == 2)
        query.subject = [("line", "17")]
        #expect(try log.search(query).found == log.expected(query))
    }
}
