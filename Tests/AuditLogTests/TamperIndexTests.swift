import DurableFiles
import Testing

@testable import AuditLog

@Suite("Tampering: indexes, and an old checkpoint put back")
struct TamperIndexTests {
    private static func found(_ report: VerificationReport) -> [String] {
        report.findings.map { "\($0.code.rawValue) \($0.file)" }
    }

    @Test("An index made anew after damage is the one its record names: intact")
    func reindexed() async throws {
        let log = try await TamperLog()
        let file = log.name(0, "index")
        var bytes = log.bytes(file)
        bytes[bytes.count / 2] ^= 1
        try log.write(file, bytes)
        #expect(Self.found(log.verify()) == ["derived \(file)"])
        let writer = try await log.fixture.open()
        #expect(try await writer.reindex().map(\.first) == [0])
        try await writer.close()
        let report = log.verify()
        #expect(report.isIntact, "\(words(report))")
        #expect(try DurableFiles.read("\(log.directory)/\(file)") == log.bytes(file))
    }

    @Test("A record that names another index than the file is a finding")
    func otherRecord() async throws {
        let log = try await TamperLog()
        let writer = try await log.fixture.open()
        let segment = ReindexedSegment(
            first: 0, next: log.starts[1], indexSha256: sha256Text([1, 2, 3]))
        _ = try await writer.record(own: [try await writer.writer.event(of: segment)])
        try await writer.close()
        let report = log.verify()
        #expect(Self.found(report) == ["altered \(log.name(0, "index"))"], "\(words(report))")
        // The very bytes the record names are no index of these events either.
        try log.write(log.name(0, "index"), [1, 2, 3])
        #expect(Self.found(log.verify()) == ["derived \(log.name(0, "index"))"])
    }

    @Test("An index edited together with its hash in the manifest: both are found")
    func withManifest() async throws {
        let log = try await TamperLog()
        for segment in 0..<2 {
            let old = try SegmentManifest(log.bytes(log.name(segment, "manifest")))
            // As if nothing in the segment had the key: bits in the last group taken away.
            var index = log.bytes(log.name(segment, "index"))
            index[index.count - 3] ^= 0x10
            let manifest = SegmentManifest(
                origin: old.origin, first: old.first, firstTime: old.firstTime,
                lastTime: old.lastTime, bytes: old.bytes, sha256: old.sha256,
                indexSha256: sha256Text(index), edge: old.edge)
            let report = try log.verify(with: [
                log.name(segment, "index"): index, log.name(segment, "manifest"): manifest.encoded,
            ])
            #expect(
                Set(Self.found(report)) == [
                    "derived \(log.name(segment, "index"))",
                    "altered \(log.name(segment, "manifest"))",
                ], "\(words(report))")
        }
    }

    @Test(
        "After a clean close an old checkpoint put back alone is found; the one before the last kept is told"
    )
    func oldCheckpoint() async throws {
        let log = try await TamperLog()
        let kept = SignedCheckpoint.all(in: log.bytes("checkpoints")).notes
        try #require(kept.count > 4)
        for (number, note) in kept.enumerated() {
            let report = try log.verify(with: ["checkpoint": Array(note.text.utf8)])
            switch kept.count - number {
            case 1: #expect(report.isIntact && report.notProved.count == 2, "\(words(report))")
            case 2:
                // Publishing may have been cut short by a crash; the newer one is kept, and counts.
                #expect(report.isIntact, "\(words(report))")
                #expect(
                    report.notProved.contains { $0.hasPrefix("checkpoint: older than the last") })
                #expect(
                    report.proved.contains { $0.contains("to \(report.size - 1) are complete") })
            default:
                #expect(Self.found(report) == ["altered checkpoint"], "\(words(report))")
            }
        }
    }

    @Test(
        "An old checkpoint put back with the kept ones cut to it: told, as of a log that was killed"
    )
    func oldCheckpoints() async throws {
        let log = try await TamperLog()
        let kept = SignedCheckpoint.all(in: log.bytes("checkpoints")).notes
        let last = try #require(kept.last)
        let cut = Array(log.bytes("checkpoints").dropLast(last.text.utf8.count))
        // The published one alone is newer than all kept: those are cut.
        let alone = try log.verify(with: ["checkpoints": cut])
        #expect(Self.found(alone) == ["damaged checkpoints"], "\(words(alone))")
        #expect(alone.findings.first?.byte == Int64(cut.count))
        // Both older: what a log that was killed looks like. What is not signed is said, and a
        // checkpoint kept elsewhere covers it.
        let before = Array(kept[kept.count - 2].text.utf8)
        let both: [String: [UInt8]?] = ["checkpoint": before, "checkpoints": cut]
        let report = try log.verify(with: both)
        #expect(report.isIntact, "\(words(report))")
        #expect(report.notProved.contains { $0.hasSuffix("under no valid checkpoint yet") })
        let since = try log.verify(with: both, since: last.text)
        #expect(since.proved.contains { $0.hasPrefix("the first \(last.size) events are those") })
        // Back to one behind which a closed log stood still: what follows was signed by nobody.
        let first = Array(kept[0].text.utf8)
        let closed = try log.verify(with: ["checkpoint": first, "checkpoints": first])
        #expect(closed.findings.contains { $0.code == .unsigned }, "\(words(closed))")
    }
}
