import Dispatch
import DurableFiles
import Glibc
import Locks
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Sealing a large segment while events are added")
struct SealingAheadTests {
    private static let sealBytes: Int64 = 20_000
    private static let atOnce: Int64 = 2_000

    /// - Parameter queue: where archives are made, so that a test can hold it up.
    private func open(
        _ fixture: LogFixture, atOnce: Int64 = Self.atOnce, sealBytes: Int64 = Self.sealBytes,
        on queue: DispatchQueue? = nil
    ) async throws -> AuditLog {
        var options = OpenOptions(actor: "tester", origin: "node-1", sealBytes: sealBytes)
        options.sealAtOnceBytes = atOnce
        options.sealingQueue = queue
        return try await AuditLog.open(
            at: fixture.log, keys: fixture.keys, options: options, clock: fixture.clock)
    }

    /// No archive is made before the queue is resumed.
    private func openHeldUp(
        _ fixture: LogFixture
    ) async throws -> (log: AuditLog, queue: DispatchQueue) {
        let queue = DispatchQueue(label: "sealing held up")
        queue.suspend()
        return (try await open(fixture, on: queue), queue)
    }

    /// Everything acknowledged is there, in order, nothing else, and verifies.
    private func expect(_ fixture: LogFixture, _ root: String, acknowledged: Int) throws {
        let report = Verifier(directory: fixture.log, key: root).verify()
        #expect(report.isIntact && report.findings == [], "\(report.findings)")
        let numbers = try fixture.events().filter { $0.type == "door.opened" }
            .compactMap { $0.data["n"]?.integerValue }
        #expect(numbers == Array(0..<acknowledged))
    }

    private func starts(_ fixture: LogFixture) throws -> [UInt64] {
        try LogLayout(directory: fixture.log).segmentStarts()
    }

    private func aside(_ fixture: LogFixture, _ first: UInt64 = 0) -> String {
        ArchiveInProgress.aside(LogLayout(directory: fixture.log), first)
    }

    /// One event a call, until a condition holds. Returns the number of the next.
    private func append(
        to log: AuditLog, from first: Int = 0, most: Int = 20_000, until isEnough: () throws -> Bool
    ) async throws -> Int {
        var next = first
        while try !isEnough() {
            try #require(next < first + most, "nothing comes of \(most) events")
            _ = try await log.append([LogFixture.draft(next)])
            next += 1
        }
        return next
    }

    private func length(_ path: String) -> Int64 { (try? OpenedFile(path))?.length ?? 0 }

    @Test("Events are acknowledged while the archive waits, and stay in the same segment")
    func held() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let (log, queue) = try await openHeldUp(fixture)
        let begun = try await append(to: log) { DurableFiles.exists(aside(fixture)) }
        #expect(length(fixture.segment) >= Self.sealBytes)
        let later = try await append(to: log, from: begun) {
            length(fixture.segment) > Self.sealBytes * 3 / 2
        }
        #expect(try starts(fixture) == [0])
        queue.resume()
        // Each append may be the one that finds the archive made.
        let end = try await append(to: log, from: later) { try starts(fixture).count > 1 }
        #expect(!DurableFiles.exists(aside(fixture)))
        try await log.close()
        try expect(fixture, root, acknowledged: end)
    }

    @Test("A segment grows to twice its limit at most, however slowly its archive is made")
    func bounded() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let (log, queue) = try await openHeldUp(fixture)
        let count = 3_000
        let added = Locked(0)
        let appending = Task {
            for number in 0..<count {
                _ = try await log.append([LogFixture.draft(number)])
                added.withLock { $0 = number + 1 }
            }
        }
        // The writer comes to the limit and waits for the archive: nothing is added there, however
        // often others have their turn.
        var turns = 0
        while turns < 20_000, added.withLock({ $0 }) < count {
            if length(fixture.segment) >= Self.sealBytes * 2 { turns += 1 }
            await Task.yield()
        }
        // One event, of less than so many bytes, may be over it.
        #expect(length(fixture.segment) < Self.sealBytes * 2 + 1_000)
        #expect(added.withLock { $0 } < count)
        queue.resume()
        try await appending.value
        try await log.close()
        try expect(fixture, root, acknowledged: count)
    }

    @Test("A member of large events ends where too much of it would be left for the rotation")
    func largeMembers() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture, sealBytes: 4_000)
        // Fewer than a member holds, so that it never ends by itself.
        for number in 0..<900 { _ = try await log.append([LogFixture.draft(number)]) }
        try await log.close()
        #expect(try starts(fixture).count > 1)
        try expect(fixture, root, acknowledged: 900)
    }

    @Test("Nothing is lost, and every archive has the bytes that sealing at once gives")
    func same() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture)
        for number in 0..<6_000 { _ = try await log.append([LogFixture.draft(number)]) }
        try await log.close()
        try expect(fixture, root, acknowledged: 6_000)
        let layout = LogLayout(directory: fixture.log)
        #expect(try starts(fixture).count > 1)
        // Sealed once more from its own events: the form they are read from does not matter.
        for start in try starts(fixture).dropLast() {
            let path = layout.segment(start)
            let manifest = try SegmentManifest(try DurableFiles.read(layout.manifest(start)))
            #expect(manifest.sha256 == (try sha256Text(ofFile: path)))
            let again = fixture.root + "/\(start).gz"
            let writer = try ArchiveWriter(again, first: start)
            _ = try SegmentScanner(
                try RangeFile(path), from: 0, visitor: writer, keepsTail: false
            ).scan()
            _ = try writer.finish()
            #expect(try DurableFiles.read(again) == DurableFiles.read(path), "\(start)")
        }
    }

    @Test("Callers side by side are acknowledged meanwhile, and verify finds nothing amiss")
    func meanwhile() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture)
        let appending = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<8 {
                    group.addTask {
                        for number in 0..<400 {
                            _ = try await log.append([LogFixture.draft(caller * 400 + number)])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        // Until two segments are sealed: before, while and after archives are made.
        while try starts(fixture).count < 3 {
            let report = Verifier(directory: fixture.log, key: root).verify()
            #expect(report.findings == [], "\(report.findings)")
        }
        try await appending.value
        try await log.close()
        #expect(Verifier(directory: fixture.log, key: root).verify().findings == [])
        #expect(try fixture.events().filter { $0.type == "door.opened" }.count == 3_200)
    }

    @Test("An archive that cannot be begun stops the log, and the next opening goes on")
    func notBegun() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await open(fixture)
        // Nothing can be made where a folder with something in it lies.
        let aside = aside(fixture)
        try DurableFiles.makeFolder(aside)
        try LogFixture.write(aside + "/x", [1])
        let acknowledged = await appendUntilStopped(log)
        try DurableFiles.remove(aside + "/x")
        #expect(rmdir(aside) == 0)
        let again = try await open(fixture)
        try await again.close()
        try expect(fixture, root, acknowledged: acknowledged)
    }

    @Test("An archive whose making fails stops the log, and nothing of it stays")
    func notMade() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let (log, queue) = try await openHeldUp(fixture)
        let begun = try await append(to: log) { DurableFiles.exists(aside(fixture)) }
        // What was written cannot be read back.
        #expect(unlink(aside(fixture)) == 0)
        queue.resume()
        let acknowledged = await appendUntilStopped(log, from: begun)
        #expect(!DurableFiles.exists(aside(fixture)))
        let again = try await open(fixture)
        #expect(try starts(fixture) == [0])
        let end = try await append(to: again, from: acknowledged) {
            try starts(fixture).count > 1
        }
        try await again.close()
        try expect(fixture, root, acknowledged: end)
    }

    /// Returns how many events are acknowledged.
    private func appendUntilStopped(_ log: AuditLog, from first: Int = 0) async -> Int {
        var (next, stopped): (Int, AuditLogError?) = (first, nil)
        while stopped == nil, next < first + 5_000 {
            do throws(AuditLogError) {
                _ = try await log.append([LogFixture.draft(next)])
                next += 1
            } catch {
                stopped = error
            }
        }
        #expect(stopped?.code == .stopped, "\(String(describing: stopped))")
        await #expect(throws: AuditLogError.self) { try await log.close() }
        return next
    }

    @Test(
        "What was begun is finished by closing, and by sealing by hand", arguments: [true, false])
    func finished(byHand: Bool) async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let (log, queue) = try await openHeldUp(fixture)
        let count = try await append(to: log) { DurableFiles.exists(aside(fixture)) }
        queue.resume()
        if byHand { _ = try await log.seal() }
        try await log.close()
        #expect(try starts(fixture).count == 2)
        for start in try starts(fixture) {
            #expect(!DurableFiles.exists(aside(fixture, start)))
        }
        try expect(fixture, root, acknowledged: count)
    }

    @Test("After a crash the opening removes half an archive, and sealing begins anew")
    func crashed() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let (log, queue) = try await openHeldUp(fixture)
        // More than a member, so that a whole one comes into the archive.
        var count = try await append(to: log) { DurableFiles.exists(aside(fixture)) }
        queue.resume()
        while length(aside(fixture)) == 0 { await Task.yield() }
        queue.sync {}
        queue.suspend()
        #expect(try starts(fixture) == [0])
        // As a process leaves it that is killed now.
        let crashed = try fixture.copy()
        #expect(Verifier(directory: crashed.log, key: root).verify().findings == [])
        // The opening begins a new one, which waits.
        let (again, waiting) = try await openHeldUp(crashed)
        #expect(DurableFiles.exists(aside(crashed)) && length(aside(crashed)) == 0)
        waiting.resume()
        count = try await append(to: again, from: count) { try starts(crashed).count > 1 }
        try await again.close()
        try expect(crashed, root, acknowledged: count)
        queue.resume()
        try await log.close()
    }

    @Test("A rotation that failed is not begun again: the log stays one that can be opened")
    func sealedTwice() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        // The next epoch's certificate is written, and whether it is durable nobody knows.
        let files = FailingFiles(failsSync: true, suffix: "/epochs")
        let log = try await fixture.open(files: files)
        for number in 0..<10 { _ = try await log.append([LogFixture.draft(number)]) }
        files.arm()
        for _ in 0..<3 {
            await #expect(throws: AuditLogError.self) { _ = try await log.seal() }
        }
        try? await log.close()
        let again = try await open(fixture)
        try await again.close()
        try expect(fixture, root, acknowledged: 10)
    }
}
