import DurableFiles
import Glibc
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Sealing a large segment while events are added")
struct SealingAheadTests {
    private static let sealBytes: Int64 = 20_000

    /// - Parameter atOnce: bytes sealed while others wait; 0 seals every segment ahead.
    private func open(
        _ fixture: LogFixture, atOnce: Int64, sealBytes: Int64 = Self.sealBytes
    ) async throws -> AuditLog {
        var options = OpenOptions(actor: "tester", origin: "node-1", sealBytes: sealBytes)
        options.sealAtOnceBytes = atOnce
        return try await AuditLog.open(
            at: fixture.log, keys: fixture.keys, options: options, clock: fixture.clock)
    }

    private func intact(_ fixture: LogFixture, _ root: String) throws {
        let report = Verifier(directory: fixture.log, key: root).verify()
        #expect(report.isIntact && report.findings == [], "\(report.findings)")
        let numbers = try fixture.events().filter { $0.type == "door.opened" }
            .compactMap { $0.data["n"]?.integerValue }
        #expect(numbers == Array(0..<numbers.count))
    }

    @Test("Nothing is lost, and every archive has the bytes that sealing at once gives")
    func same() async throws {
        let (ahead, atOnce) = (try LogFixture(), try LogFixture())
        let root = try ahead.create()
        _ = try atOnce.create()
        let log = try await open(ahead, atOnce: 0)
        for number in 0..<6_000 { _ = try await log.append([LogFixture.draft(number)]) }
        try await log.close()
        try intact(ahead, root)
        let layout = LogLayout(directory: ahead.log)
        let starts = try layout.segmentStarts()
        #expect(starts.count > 1)
        #expect(try ahead.events().filter { $0.type == "door.opened" }.count == 6_000)
        // Sealed once more from its own events: the form they are read from does not matter.
        for start in starts.dropLast() {
            let path = layout.segment(start)
            let manifest = try SegmentManifest(try DurableFiles.read(layout.manifest(start)))
            #expect(manifest.sha256 == (try sha256Text(ofFile: path)))
            let aside = atOnce.root + "/\(start).gz"
            let writer = try ArchiveWriter(aside, first: start)
            _ = try SegmentScanner(
                try RangeFile(path), from: 0, visitor: writer, keepsTail: false
            ).scan()
            _ = try writer.finish()
            #expect(try DurableFiles.read(aside) == DurableFiles.read(path), "\(start)")
        }
    }

    @Test("Events are acknowledged while the archive is made, and verify finds nothing amiss")
    func meanwhile() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture, atOnce: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    for number in 0..<400 {
                        _ = try await log.append([LogFixture.draft(caller * 400 + number)])
                    }
                }
            }
            group.addTask {
                for _ in 0..<5 {
                    let report = Verifier(directory: fixture.log, key: root).verify()
                    #expect(report.findings == [], "\(report.findings)")
                }
            }
            try await group.waitForAll()
        }
        try await log.close()
        #expect(Verifier(directory: fixture.log, key: root).verify().findings == [])
        #expect(try fixture.events().filter { $0.type == "door.opened" }.count == 3_200)
    }

    @Test("An archive that cannot be made stops the log, and the next opening goes on")
    func failed() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture, atOnce: 0)
        // Nothing can be made where a folder with something in it lies.
        let aside = DurableFiles.temporaryPath(
            for: LogLayout(directory: fixture.log).segment(0))
        try DurableFiles.makeFolder(aside)
        try LogFixture.write(aside + "/x", [1])
        var stopped: AuditLogError?
        for number in 0..<3_000 where stopped == nil {
            do {
                _ = try await log.append([LogFixture.draft(number)])
            } catch {
                stopped = error
            }
        }
        #expect(stopped?.code == .stopped, "\(String(describing: stopped))")
        await #expect(throws: AuditLogError.self) { try await log.close() }
        try DurableFiles.remove(aside + "/x")
        #expect(rmdir(aside) == 0)
        let again = try await open(fixture, atOnce: 0)
        try await again.close()
        try intact(fixture, root)
    }

    @Test("What was begun is finished by closing, and by sealing by hand")
    func finished() async throws {
        for byHand in [true, false] {
            let fixture = try LogFixture()
            let root = try fixture.create()
            let log = try await open(fixture, atOnce: 0)
            for number in 0..<2_000 { _ = try await log.append([LogFixture.draft(number)]) }
            if byHand { _ = try await log.seal() }
            try await log.close()
            let layout = LogLayout(directory: fixture.log)
            for start in try layout.segmentStarts() {
                #expect(
                    !DurableFiles.exists(DurableFiles.temporaryPath(for: layout.segment(start))))
            }
            try intact(fixture, root)
        }
    }

    @Test("After a crash in the middle the next sealing removes what lies aside and begins anew")
    func crashed() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture, atOnce: 0, sealBytes: 1 << 30)
        for number in 0..<3_000 { _ = try await log.append([LogFixture.draft(number)]) }
        // As a process leaves it that is killed: whatever is there now, and half an archive aside.
        let crashed = try fixture.copy()
        let layout = LogLayout(directory: crashed.log)
        let aside = DurableFiles.temporaryPath(for: layout.segment(0))
        try LogFixture.write(aside, [0x1F, 0x8B, 8])
        #expect(Verifier(directory: crashed.log, key: root).verify().findings == [])
        let again = try await open(crashed, atOnce: 0)
        _ = try await again.append([LogFixture.draft(3_000)])
        try await again.close()
        #expect(try layout.segmentStarts().count > 1)
        #expect(!DurableFiles.exists(aside))
        try intact(crashed, root)
        try await log.close()
    }
}
