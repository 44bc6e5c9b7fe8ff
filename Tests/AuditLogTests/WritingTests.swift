import DurableFiles
import Locks
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Writing")
struct WritingTests {
    @Test("What 64 callers append at once is whole, in order, and readable while the log is open")
    func groupCommit() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        let acknowledged = try await withThrowingTaskGroup(of: [Event].self) { group in
            for caller in 0..<64 {
                group.addTask {
                    var events: [Event] = []
                    for number in 0..<40 {
                        events += try await log.append([LogFixture.draft(caller * 40 + number)])
                    }
                    return events
                }
            }
            var all: [Event] = []
            for try await events in group {
                #expect(zip(events, events.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
                all += events
            }
            return all.sorted { $0.sequence < $1.sequence }
        }
        let read = try fixture.events()
        #expect(read.map(\.sequence) == (0..<UInt64(read.count)).map { $0 })
        #expect(read.filter { $0.type == "door.opened" } == acknowledged)
        #expect(acknowledged.count == 64 * 40)
        #expect(zip(read, read.dropFirst()).allSatisfy { $0.time <= $1.time })
        #expect(await log.size == UInt64(read.count))
        #expect(Verifier(directory: fixture.log).verify().findings == [])
        let checkpoint = try await log.checkpoint()
        #expect(checkpoint.size == UInt64(read.count))
        try await log.close()
        let report = Verifier(directory: fixture.log).verify()
        #expect(report.isIntact, "\(report.lines)")
        #expect(report.size == UInt64(read.count) + 1)
    }

    @Test("A refused draft fails its own call and the log goes on")
    func refusal() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        var reserved = LogFixture.draft(2)
        reserved.type = "payout.accepted"
        await #expect(throws: AuditLogError.self) {
            try await log.append([LogFixture.draft(1), reserved])
        }
        let events = try await log.append([LogFixture.draft(3)])
        #expect(events.map(\.sequence) == [2])
        try await log.close()
        let owner = try await fixture.open(ownerOf: ["payout."])
        #expect(try await owner.append([reserved]).first?.type == "payout.accepted")
        var own = reserved
        own.type = "auditlog.closed"
        await #expect(throws: AuditLogError.self) { try await owner.append([own]) }
        try await owner.close()
        #expect(try fixture.events().count == 7)
    }

    @Test("While one process writes, another is refused")
    func lock() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        let error = await #expect(throws: AuditLogError.self) { try await fixture.open() }
        #expect(error?.code == .locked)
        try await log.close()
        try await fixture.open().close()
        await #expect(throws: AuditLogError.self) { try await log.append([LogFixture.draft(1)]) }
    }

    @Test("A failed write or sync stops the log for good", arguments: [true, false])
    func failStop(failsSync: Bool) async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let files = FailingFiles(failsSync: failsSync)
        let log = try await fixture.open(files: files)
        let before = try await log.append([LogFixture.draft(1)])
        files.arm()
        for number in 2..<5 {
            let error = await #expect(throws: AuditLogError.self) {
                try await log.append([LogFixture.draft(number)])
            }
            #expect(error?.code == .stopped)
            files.disarm()
        }
        await #expect(throws: AuditLogError.self) { try await log.checkpoint() }
        await #expect(throws: AuditLogError.self) { try await log.close() }
        let copy = try fixture.copy()
        let again = try await copy.open()
        try await again.close()
        #expect(try copy.events().contains(before[0]))
        #expect(Verifier(directory: copy.log).verify().isIntact)
    }

    @Test("A removed segment is noticed before anything is acknowledged")
    func removed() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        try DurableFiles.remove(fixture.segment)
        let error = await #expect(throws: AuditLogError.self) {
            try await log.append([LogFixture.draft(1)])
        }
        #expect(error?.code == .stopped)
    }

    @Test("While events arrive, a checkpoint is published every second")
    func signing() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await AuditLog.open(
            at: fixture.log, keys: fixture.keys,
            options: OpenOptions(actor: "tester", origin: "node-1"),
            clock: SteppingClock(stepMicroseconds: 600_000))
        for number in 0..<10 { _ = try await log.append([LogFixture.draft(number)]) }
        // The signature may still be under way behind the last answer: one more commit settles it.
        _ = try await log.append([LogFixture.draft(10)])
        let size = try AuditReader(directory: fixture.log).publishedCheckpoint().size
        #expect(size >= 10)
        try await log.close()
    }

    @Test("Events, numbers and members survive many openings and the 1,024 boundary")
    func openings() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        for round in 0..<4 {
            let log = try await fixture.open()
            _ = try await log.append(LogFixture.drafts(0..<(round * 700 + 1)))
            try await log.close()
            let report = Verifier(directory: fixture.log).verify()
            #expect(report.isIntact, "\(report.lines)")
        }
        let hints = MemberHint.read("\(fixture.log)/segments/000000000000.members")
        #expect(hints.contains { $0.first == 1_024 } && hints.contains { $0.first == 4_096 })
        let event = try AuditReader(directory: fixture.log).event(3_000)
        #expect(event?.sequence == 3_000)
        #expect(try AuditReader(directory: fixture.log).event(100_000) == nil)
    }

    @Test("A search finds by subject, type, actor, time and text")
    func search() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        let events = try await log.append(LogFixture.drafts(0..<50))
        try await log.close()
        func count(_ change: (inout AuditQuery) -> Void) throws -> Int {
            var query = AuditQuery()
            change(&query)
            var found = 0
            _ = try AuditReader(directory: fixture.log).search(query) { _ in found += 1 }
            return found
        }
        #expect(try count { $0.subject = [("reference", "R7")] } == 1)
        #expect(try count { $0.type = "door." } == 50)
        #expect(try count { $0.type = "door" } == 0)
        #expect(try count { $0.actor = "badge 7" } == 50)
        #expect(try count { $0.text = "\"n\":33" } == 1)
        #expect(
            try count {
                $0.from = events[40].time; $0.type = "door."
            } == 10)
        #expect(try count { $0.to = "2026-11-20" } == 0)
        #expect(try count { $0.to = "2026-11-21" } == 53)
    }
}

/// Files of which one, the segment unless another is named, fails once armed.
final class FailingFiles: LogFiles {
    private let armed = Locked(false)
    let failsSync: Bool
    let suffix: String

    init(failsSync: Bool, suffix: String = ".gz") {
        self.failsSync = failsSync
        self.suffix = suffix
    }

    func arm() { armed.withLock { $0 = true } }
    func disarm() { armed.withLock { $0 = false } }
    var isArmed: Bool { armed.withLock { $0 } }

    func open(_ path: String) throws(FileError) -> any LogFile {
        FailingFile(try SystemLogFiles().open(path), path, self)
    }
}

final class FailingFile: LogFile {
    private let file: any LogFile
    private let path: String
    private let files: FailingFiles

    init(_ file: any LogFile, _ path: String, _ files: FailingFiles) {
        self.file = file
        self.path = path
        self.files = files
    }

    var length: Int64 { file.length }

    /// Half of the bytes arrive: failed, but applied in part.
    func append(_ bytes: [UInt8]) throws(FileError) {
        guard files.isArmed, !files.failsSync, path.hasSuffix(files.suffix) else {
            return try file.append(bytes)
        }
        try file.append(Array(bytes.prefix(bytes.count / 2)))
        throw FileError(operation: "write", path: path, code: 28)
    }

    func sync() throws(FileError) {
        if files.isArmed, files.failsSync, path.hasSuffix(files.suffix) {
            throw FileError(operation: "fdatasync", path: path, code: 5)
        }
        try file.sync()
    }

    func truncate(to newLength: Int64) throws(FileError) { try file.truncate(to: newLength) }
    func isStillAt(_ path: String) -> Bool { file.isStillAt(path) }
}
