import DurableFiles
import Foundation
import Glibc
import Testing

@testable import AuditLog

@Suite("Verifying: a live log, a copy, without a trace")
struct VerifyLiveTests {
    @Test("While events are appended and segments sealed, nothing is called damaged")
    func live() async throws {
        let fixture = try LogFixture()
        let key = try fixture.create()
        let log = try await fixture.open(sealBytes: 1_500)
        let directory = fixture.log
        let writing = Task {
            for number in 0..<60 {
                _ = try await log.append(LogFixture.drafts(number * 5..<number * 5 + 5))
                _ = try await log.checkpoint()
            }
            try await log.close()
        }
        let reading = Task.detached {
            (0..<12).map { _ in Verifier(directory: directory, key: key, workers: 2).verify() }
        }
        for report in await reading.value {
            #expect(report.exitCode == 0, "\(words(report))")
        }
        try await writing.value
        let report = Verifier(directory: directory, key: key).verify()
        #expect(report.isIntact && report.size > 300, "\(words(report))")
        #expect((try LogLayout(directory: directory).segmentStarts()).count > 2)
    }

    @Test(
        "A rotation that ends between looking at the checkpoint and at the names misleads no reader",
        .timeLimit(.minutes(5)))
    func rotatedMeanwhile() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<3))
        try await log.seal()
        try await log.close()
        let layout = LogLayout(directory: fixture.log)
        let last = try #require(try layout.segmentStarts().last)
        #expect(last > 0)
        // As before the rotation: no newer segment has a name. Opening the checkpoint, a pipe for
        // once, is when the rotation ends.
        let (newest, aside) = (layout.segment(last), "\(fixture.root)/aside")
        try #require(rename(newest, aside) == 0)
        let checkpoint = layout.checkpoint
        let signed = try DurableFiles.read(checkpoint)
        try #require(unlink(checkpoint) == 0 && mkfifo(checkpoint, 0o600) == 0)
        // A thread of its own: it waits for the reader as the reader waits for it.
        Thread.detachNewThread {
            let pipe = open(checkpoint, O_WRONLY)
            rename(aside, newest)
            _ = write(pipe, signed, signed.count)
            close(pipe)
        }
        var count: UInt64 = 0
        try AuditReader(directory: fixture.log).forEach { event in
            #expect(event.sequence == count)
            count += 1
        }
        #expect(count > last)
    }

    @Test("A copy elsewhere verifies the same, and verifying leaves every file as it was")
    func copied() async throws {
        let log = try await TamperLog(events: 30)
        let copy = try log.fixture.copy()
        let before = Self.stamps(copy)
        let report = Verifier(directory: copy.log, key: log.rootKey).verify()
        #expect(report.isIntact, "\(words(report))")
        #expect(report.lines == log.verify(key: log.rootKey).lines)
        #expect(Self.stamps(copy) == before)
    }

    @Test("Any number of workers and any size of pieces gives the same report")
    func pieces() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<5_000))
        try await log.close()
        let whole = Verifier(directory: fixture.log, workers: 1).verify()
        #expect(whole.isIntact && whole.size == 5_003, "\(words(whole))")
        for (workers, bytes) in [(2, 1), (3, 5_000), (8, 20_000)] as [(Int, Int64)] {
            var verifier = Verifier(directory: fixture.log, workers: workers)
            verifier.unitBytes = bytes
            #expect(verifier.verify().lines == whole.lines)
        }
        // Wrong hints are found, and lead nobody astray.
        let path = "\(fixture.log)/segments/000000000000.members"
        var hints = try DurableFiles.read(path)
        hints[MemberHint.byteCount + 14] ^= 1
        try LogFixture.write(path, hints)
        var verifier = Verifier(directory: fixture.log, workers: 2)
        verifier.unitBytes = 1
        let report = verifier.verify()
        #expect(report.findings.map(\.file) == ["segments/000000000000.members"])
        #expect(report.findings.map(\.code) == [.derived] && report.size == whole.size)
    }

    private static func stamps(_ fixture: LogFixture) -> [String] {
        fixture.files().map { file in
            var status = stat()
            stat("\(fixture.log)/\(file)", &status)
            return "\(file) \(status.st_size) \(status.st_ino) \(status.st_mtim.tv_sec) "
                + "\(status.st_mtim.tv_nsec)"
        }
    }
}
