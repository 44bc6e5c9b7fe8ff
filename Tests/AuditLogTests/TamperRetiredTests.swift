import DurableFiles
import Testing

@testable import AuditLog

@Suite("Tampering: what removed segments leave")
struct TamperRetiredTests {
    /// Three segments removed by the log itself, in two goes; two of later days remain.
    private static func log() async throws -> TamperLog {
        let (fixture, root) = try await RetentionTests.log()
        fixture.clock.advance(seconds: 7_200)
        let log = try await fixture.open()
        let first = try await log.retire(keeping: try KeepTime("6d"))
        let second = try await log.retire(keeping: try KeepTime("4d"))
        try #require(first.segments.count == 1 && second.segments.count == 2)
        try await log.close()
        return try TamperLog(fixture, rootKey: root)
    }

    private static func retired(_ log: TamperLog) -> [String] {
        log.files.filter { $0.hasSuffix(".retired") }
    }

    private static func found(_ report: VerificationReport) -> [String] {
        report.findings.map { "\($0.code.rawValue) \($0.file)" }
    }

    @Test("What remains is verified, and log.json by the record of the removal")
    func untouched() async throws {
        let log = try await Self.log()
        let report = log.verify(key: log.rootKey)
        #expect(report.isIntact, "\(words(report))")
        #expect(Self.retired(log).count == 3 && log.starts.count == 2)
        #expect(
            report.proved.contains {
                $0.hasPrefix("log.json is the description that event")
                    && $0.contains("event 0 was removed")
            }, "\(words(report))")
        #expect(report.proved.contains { $0.hasPrefix("events \(log.starts[0]) to ") })
        #expect(
            report.notProved.contains { $0.hasPrefix("what events 0 to \(log.starts[0] - 1) said") }
        )
    }

    @Test("log.json edited after event 0 went is found by the record of the removal")
    func description() async throws {
        let log = try await Self.log()
        let text = String(decoding: log.bytes("log.json"), as: UTF8.self)
        let edited = text.replacing("\"controlNumber\"", with: "\"controlNumbers\"")
        try #require(edited != text)
        let report = try log.verify(with: ["log.json": Array(edited.utf8)])
        #expect(report.exitCode == 2)
        #expect(
            report.findings.contains {
                $0.file == "log.json" && $0.code == .altered
                    && $0.message.hasPrefix("not the description that event")
            }, "\(words(report))")
    }

    @Test("A .retired with another byte, another event, another tree is found, whichever it is")
    func edited() async throws {
        let log = try await Self.log()
        for file in Self.retired(log) {
            var flipped = log.bytes(file)
            flipped[flipped.count / 2] ^= 1
            let old = try SegmentManifest(log.bytes(file))
            let otherTime = SegmentManifest(
                origin: old.origin, first: old.first, firstTime: old.firstTime,
                lastTime: old.firstTime, bytes: old.bytes, sha256: old.sha256,
                indexSha256: old.indexSha256, edge: old.edge)
            var edge = TreeEdge()
            for number in 0..<old.next { edge.append(TreeHash(leaf: [UInt8(number % 256)])) }
            let otherTree = SegmentManifest(
                origin: old.origin, first: old.first, firstTime: old.firstTime,
                lastTime: old.lastTime, bytes: old.bytes, sha256: old.sha256,
                indexSha256: old.indexSha256, edge: edge)
            for bytes in [flipped, otherTime.encoded, otherTree.encoded, []] {
                let report = try log.verify(with: [file: bytes])
                #expect(report.exitCode == 2)
                #expect(report.findings.contains { $0.file == file }, "\(words(report))")
            }
        }
    }

    @Test("A .retired gone, or two of them swapped, is found")
    func missing() async throws {
        let log = try await Self.log()
        let files = Self.retired(log)
        for file in files {
            let report = try log.verify(with: [file: nil])
            #expect(report.exitCode == 2)
            #expect(report.findings.contains { $0.code == .missing }, "\(words(report))")
        }
        let swapped = try log.verify(with: [
            files[1]: log.bytes(files[2]), files[2]: log.bytes(files[1]),
        ])
        #expect(swapped.exitCode == 2)
        let found = Self.found(swapped)
        #expect(
            found.contains("altered \(files[1])") && found.contains("altered \(files[2])"),
            "\(words(swapped))")
    }

    @Test("A segment removed by hand, with a .retired made as the log makes it, is found")
    func byHand() async throws {
        let log = try await Self.log()
        let report = try log.verify(with: [
            log.name(0, "retired"): log.bytes(log.name(0, "manifest")),
            log.name(0, "jsonl.gz"): nil, log.name(0, "index"): nil, log.name(0, "manifest"): nil,
        ])
        #expect(report.exitCode == 2)
        #expect(
            Self.found(report) == ["missing \(log.name(0, "jsonl.gz"))"], "\(words(report))")
        #expect(
            report.findings.first?.message
                == "was removed, and no event that the writer signed says so")
    }

    @Test("A removed segment put back is read again: a removal that was cut short")
    func putBack() async throws {
        let (fixture, _) = try await RetentionTests.log()
        let before = try TamperLog(fixture, rootKey: "")
        fixture.clock.advance(seconds: 7_200)
        let log = try await fixture.open()
        _ = try await log.retire(keeping: try KeepTime("6d"))
        try await log.close()
        let after = try TamperLog(fixture, rootKey: "")
        let names = ["jsonl.gz", "index", "manifest"].map { before.name(0, $0) }
        var altered: [String: [UInt8]?] = [:]
        for name in names { altered[name] = before.bytes(name) }
        let report = try after.verify(with: altered)
        #expect(report.isIntact, "\(words(report))")
        #expect(report.notProved.contains { $0.contains("removal under way") })
        // Other events in its place do not pass.
        var archive = before.bytes(names[0])
        archive[archive.count / 2] ^= 1
        altered[names[0]] = archive
        #expect(try after.verify(with: altered).exitCode == 2)
    }
}
