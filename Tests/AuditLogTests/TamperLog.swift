import DurableFiles
import Glibc
import Testing

@testable import AuditLog

/// A small log with everything in it: two sealed segments and an open one, three epochs, closed.
/// Files are altered, the log is verified, and everything is put back.
final class TamperLog {
    let fixture: LogFixture
    let rootKey: String
    let originals: [String: [UInt8]]
    /// Starts of the three segments.
    let starts: [UInt64]

    var directory: String { fixture.log }
    /// Every file of the log, without the reserve's 64 KiB.
    var files: [String] { originals.keys.filter { $0 != "reserve" }.sorted() }

    /// Exhaustive runs take every byte; the short ones every so many.
    static let isExhaustive = getenv("AUDITLOG_EXHAUSTIVE") != nil

    convenience init(events: Int = 90) async throws {
        let fixture = try LogFixture()
        let rootKey = try fixture.create()
        let log = try await fixture.open()
        for segment in 0..<3 {
            if segment > 0 { try await log.seal() }
            for start in stride(from: 0, to: events, by: 30) {
                _ = try await log.append(LogFixture.drafts(start..<min(start + 30, events)))
            }
        }
        try await log.close()
        try self.init(fixture, rootKey: rootKey)
    }

    /// A log as it stands.
    init(_ fixture: LogFixture, rootKey: String) throws {
        self.fixture = fixture
        self.rootKey = rootKey
        starts = (try LogLayout(directory: fixture.log).segmentStarts())
        var originals: [String: [UInt8]] = [:]
        for file in fixture.files() {
            originals[file] = try DurableFiles.read("\(fixture.log)/\(file)")
        }
        self.originals = originals
    }

    func bytes(_ file: String) -> [UInt8] { originals[file] ?? [] }

    /// "segments/000000000000.index"
    func name(_ segment: Int, _ suffix: String) -> String {
        "segments/\(LogLayout.name(starts[segment])).\(suffix)"
    }

    func verify(
        key: String? = nil, since: String? = nil, workers: Int = 2
    ) -> VerificationReport {
        var verifier = Verifier(directory: directory, key: key, since: since, workers: workers)
        verifier.unitBytes = 1
        return verifier.verify()
    }

    /// Writes over a file, sealed ones too.
    func write(_ file: String, _ bytes: [UInt8]) throws {
        unlink("\(directory)/\(file)")
        try LogFixture.write("\(directory)/\(file)", bytes)
    }

    func remove(_ file: String) { unlink("\(directory)/\(file)") }

    /// The report when these files are other ones (nil: gone); everything is put back.
    func verify(with altered: [String: [UInt8]?], since: String? = nil) throws -> VerificationReport
    {
        for (file, bytes) in altered {
            if let bytes { try write(file, bytes) } else { remove(file) }
        }
        let report = verify(since: since)
        for file in altered.keys {
            if let bytes = originals[file] { try write(file, bytes) } else { remove(file) }
        }
        return report
    }

    /// Kinds of findings an altered file of this name may give.
    static func codes(_ file: String) -> Set<Finding.Code> {
        if file.hasSuffix(".index") || file.hasSuffix(".members") { return [.derived] }
        if file.hasPrefix("tree/") { return [.derived] }
        if file.hasSuffix(".manifest") || file.hasSuffix(".gz") { return [.damaged, .altered] }
        if file == "epochs" { return [.damaged, .signature, .missing] }
        if file.hasPrefix("checkpoint") { return [.damaged, .signature, .altered] }
        return file == "log.json" ? [.damaged, .altered] : [.damaged]
    }

    /// Offsets of the members of a segment.
    static func members(_ bytes: [UInt8]) throws -> [Int] {
        let path = "/tmp/auditlog-members-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        defer { unlink(path) }
        try LogFixture.write(path, bytes)
        let visitor = Offsets()
        _ = try SegmentScanner(try RangeFile(path), from: 0, visitor: visitor).scan()
        return visitor.offsets
    }

    private final class Offsets: SegmentVisitor {
        var offsets: [Int] = []
        func memberBegan(at offset: Int64) { offsets.append(Int(offset)) }
        func line(_ line: UnsafeRawBufferPointer) -> String? { nil }
    }
}

/// Says what a report holds when it is not what was expected.
func words(_ report: VerificationReport) -> String { report.lines.joined(separator: " | ") }
