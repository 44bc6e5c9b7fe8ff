import DurableFiles
import Testing

@testable import AuditLog

@Suite("Tampering: bytes and lengths of every file")
struct TamperBytesTests {
    /// Samples of a file of the short run; AUDITLOG_EXHAUSTIVE takes every byte.
    private static let samples = 5

    private static func places(_ count: Int, _ salt: Int) -> [Int] {
        if TamperLog.isExhaustive || count <= samples { return Array(0..<count) }
        var generator = SeededGenerator(state: UInt64(count + salt))
        let ends = [0, count - 1]
        return ends + (2..<samples).map { _ in Int.random(in: 0..<count, using: &generator) }
    }

    @Test("The untouched log is intact, and every claim of the report is there")
    func untouched() async throws {
        let log = try await TamperLog()
        let kept = String(decoding: log.bytes("checkpoint"), as: UTF8.self)
        for workers in [1, 2, 5] {
            let report = log.verify(key: log.rootKey, since: kept, workers: workers)
            #expect(report.exitCode == 0 && report.notProved == [], "\(words(report))")
            #expect(report.size == log.starts[2] + 93)
            #expect(
                report.proved == [
                    "the first \(report.size) events are those of the checkpoint given",
                    "log.json is the description the log was made with",
                    "events 0 to \(report.size - 1) are complete, in order and unaltered under "
                        + "the signed checkpoint",
                    "2 sealed segments, their manifests and indexes are those sealed",
                    "every checkpoint is signed by the key of its epoch; 3 epochs, each certified "
                        + "by the one before",
                    "the first epoch is certified by the key given",
                ])
        }
    }

    @Test("A flipped bit is found in the file that has it, with its place")
    func flips() async throws {
        let log = try await TamperLog()
        for (number, file) in log.files.enumerated() {
            let bytes = log.bytes(file)
            for place in Self.places(bytes.count, number) {
                var altered = bytes
                altered[place] ^= [0x01, 0x40, 0x80, 0xFF][(place + number) % 4]
                let report = try log.verify(with: [file: altered])
                try Self.judge(report, log, file, "byte \(place)")
                try Self.judgePlace(report, log, file, place)
            }
        }
        #expect(log.verify().isIntact)
    }

    @Test("A flipped byte of the reserve is found in its place")
    func reserve() async throws {
        let log = try await TamperLog()
        let bytes = log.bytes("reserve")
        for place in [0, 1, 4_711, bytes.count - 1] {
            var altered = bytes
            altered[place] = 1
            let report = try log.verify(with: ["reserve": altered])
            #expect(report.findings.map(\.place) == ["reserve, byte \(place)"])
        }
        for length in [0, bytes.count - 1] {
            let report = try log.verify(with: ["reserve": Array(bytes[..<length])])
            #expect(report.findings.map(\.place) == ["reserve"])
        }
        #expect(try log.verify(with: ["reserve": bytes + [0]]).findings.map(\.code) == [.damaged])
        #expect(try log.verify(with: ["reserve": nil]).isIntact)
    }

    @Test("A file cut anywhere, grown or gone is found, and it alone is blamed")
    func lengths() async throws {
        let log = try await TamperLog()
        for (number, file) in log.files.enumerated() {
            let bytes = log.bytes(file)
            for length in Self.places(bytes.count, number + 7) {
                let report = try log.verify(with: [file: Array(bytes[..<length])])
                try Self.judge(report, log, file, "cut to \(length)")
                if file.hasSuffix(".gz") {
                    #expect(
                        report.findings.first?.byte == Int64(length),
                        "\(file) cut to \(length): \(words(report))")
                }
            }
            for extra: [UInt8] in [[0], [0x0A], bytes, SegmentForm.open.header] {
                let report = try log.verify(with: [file: bytes + extra])
                try Self.judge(report, log, file, "grown by \(extra.count)")
            }
            let report = try log.verify(with: [file: nil])
            #expect(report.exitCode == 2)
            #expect(
                report.findings.contains {
                    $0.file == file && ($0.code == .missing || $0.code == .derived)
                }, "\(file) gone: \(words(report))")
        }
        #expect(log.verify().isIntact)
    }

    @Test(
        "A name that no file of the log has is found",
        arguments: [
            ".hidden", "segments/.hidden", "segments/notes", "segments/0.jsonl.gz", "tree/0",
            "tree/01", "tree/x", "segments/000000000007.members", "checkpoint.bak",
            "segments/000000000007.index", "segments/000000000000.members",
            "segments/000000000000.jsonl.gz.bak", "segments/+00000000000.jsonl.gz",
        ])
    func names(name: String) async throws {
        let log = try await TamperLog(events: 3)
        let report = try log.verify(with: [name: [1]])
        #expect(report.findings.map(\.file) == [name], "\(words(report))")
        #expect(report.findings.first?.code == .unknown)
    }

    /// The file is found, with the right kind, and nothing else is blamed.
    private static func judge(
        _ report: VerificationReport, _ log: TamperLog, _ file: String, _ what: String
    ) throws {
        #expect(report.exitCode == 2, "\(file), \(what): \(words(report))")
        #expect(
            report.findings.contains { $0.file == file && TamperLog.codes(file).contains($0.code) },
            "\(file), \(what): \(words(report))")
        // The root key in log.json is what the epochs are judged by.
        if file == "log.json" { return }
        #expect(
            report.findings.allSatisfy { $0.file == file }, "\(file), \(what): \(words(report))")
    }

    /// The byte told is where the member, note or entry with the flipped one begins, or behind.
    private static func judgePlace(
        _ report: VerificationReport, _ log: TamperLog, _ file: String, _ place: Int
    ) throws {
        let byte = report.findings.first { $0.file == file }?.byte.map { Int($0) }
        let bytes = log.bytes(file)
        if file.hasPrefix("tree/") {
            #expect(byte == place / TreeHash.byteCount * TreeHash.byteCount)
        } else if file.hasSuffix(".members") {
            #expect(byte == place)
        } else if file == "checkpoints" || file == "epochs" {
            let notes = noteStarts(file, bytes)
            #expect(byte == notes.last { $0 <= place }, "\(file), byte \(place): \(words(report))")
        } else if file.hasSuffix(".gz") {
            let member = try TamperLog.members(bytes).last { $0 <= place } ?? 0
            let found = try #require(byte, "\(file), byte \(place): \(words(report))")
            #expect(found >= member && found <= bytes.count, "\(file), byte \(place)")
        }
    }

    private static func noteStarts(_ file: String, _ bytes: [UInt8]) -> [Int] {
        var starts: [Int] = []
        var index = 0
        while index < bytes.count {
            starts.append(index)
            let end =
                file == "epochs"
                ? try? EpochCertificate.first(in: bytes, at: index).end
                : try? SignedCheckpoint.first(in: bytes, at: index).end
            guard let end else { break }
            index = end
        }
        return starts
    }
}
