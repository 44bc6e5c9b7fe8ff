import DurableFiles
import Glibc
import Testing

@testable import AuditLog

@Suite(
    "A second reader, written from the format document alone",
    .enabled(if: InteropTools.python != nil, "no Python 3.8 or newer is installed"))
struct InteropReaderTests {
    private func read(_ log: String, key: String) throws -> (code: Int32, output: String) {
        try InteropTools.run([
            try #require(InteropTools.python), "\(InteropTools.folder)/second_reader.py", log, key,
        ])
    }

    @Test("A log of sealed segments and epochs is intact, closed, open, and torn")
    func intact() async throws {
        let fixture = try LogFixture()
        let key = try await ExportTests.log(fixture)
        let size = try fixture.events().count
        let closed = try read(fixture.log, key: key)
        #expect(closed.output == "intact: \(size) events, 3 epochs\n")
        #expect(closed.code == 0)
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<20))
        let open = try read(fixture.log, key: key)
        #expect(open.output == "intact: \(size + 21) events, 3 epochs\n")
        let torn = try fixture.copy()
        let segment = try #require(Self.segments(torn.log).last)
        let bytes = try DurableFiles.read(segment)
        try DurableFiles.replace(segment, Array(bytes.dropLast(3)))
        #expect(try read(torn.log, key: key).output.hasPrefix("intact: "))
    }

    private static func segments(_ log: String) -> [String] {
        LogLayout.names(in: "\(log)/segments").filter { $0.hasSuffix(".jsonl.gz") }
            .map { "\(log)/segments/\($0)" }
    }

    @Test("What retention leaves is intact: the tree goes on from the manifest that stays")
    func retired() async throws {
        let fixture = try LogFixture()
        let key = try await ExportTests.log(fixture)
        let layout = LogLayout(directory: fixture.log)
        rename(layout.manifest(0), layout.retired(0))
        unlink(layout.segment(0))
        unlink(layout.index(0))
        let result = try read(fixture.log, key: key)
        #expect(result.output.hasPrefix("intact: "), "\(result.output)")
    }

    /// What is done to one file, and the place the reader must name.
    struct Change: Sendable, CustomTestStringConvertible {
        var file: String
        var place: String
        var alter: @Sendable (inout [UInt8]) -> Void
        var testDescription: String { "\(file) → \(place)" }
    }

    private static let half: @Sendable (inout [UInt8]) -> Void = { $0[$0.count / 2] ^= 0x10 }
    static let changes = [
        Change(file: "log.json", place: "log.json") { $0[$0.count - 10] ^= 1 },
        Change(file: "epochs", place: "epochs, certificate 1", alter: half),
        Change(file: "epochs", place: "epochs") { $0.removeLast(5) },
        Change(file: "checkpoint", place: "checkpoint") { $0[$0.count - 20] ^= 1 },
        Change(file: "tree/1", place: "tree/1", alter: half),
        Change(
            file: "segments/000000000000.jsonl.gz", place: "segments/000000000000.jsonl.gz, byte 0"
        ) {
            half(&$0)
        },
        Change(
            file: "segments/000000000000.jsonl.gz", place: "segments/000000000000.jsonl.gz, byte "
        ) {
            $0.append(0)
        },
        Change(
            file: "segments/000000000000.index", place: "segments/000000000000.index", alter: half),
        Change(file: "segments/000000000000.manifest", place: "segments/000000000000.manifest") {
            $0[$0.count - 12] ^= 2
        },
        Change(file: "segments/x", place: "segments/x") { $0 = [1] },
    ]

    @Test("What was altered is found, with its place", arguments: changes)
    func altered(change: Change) async throws {
        let fixture = try LogFixture()
        let key = try await ExportTests.log(fixture)
        let path = "\(fixture.log)/\(change.file)"
        var bytes = (try? DurableFiles.read(path)) ?? []
        change.alter(&bytes)
        try DurableFiles.replace(path, bytes)
        let result = try read(fixture.log, key: key)
        #expect(result.code == 2)
        #expect(result.output.contains("finding: \(change.place)"), "\(result.output)")
    }

    @Test("A line altered with everything the writer leaves beside it is found by the tree")
    func rewritten() async throws {
        let fixture = try LogFixture()
        let key = try await ExportTests.log(fixture)
        let layout = LogLayout(directory: fixture.log)
        let open = try #require((try layout.segmentStarts()).last)
        let lines = try fixture.events().filter { $0.sequence >= open }.map { event in
            var event = event
            if event.sequence == open + 30 { event.actor = "badge 8" }
            return event.bytes + [0x0A]
        }
        let deflater = try MemberDeflater()
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        for line in lines { deflater.add(line, to: &bytes) }
        deflater.finish(&bytes)
        try DurableFiles.replace(layout.segment(open), bytes)
        let result = try read(fixture.log, key: key)
        #expect(result.code == 2)
        #expect(result.output.contains("finding: checkpoint: signed over other events"))
    }
}
