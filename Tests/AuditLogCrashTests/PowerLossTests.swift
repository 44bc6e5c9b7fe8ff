import DurableFiles
import Glibc
import OrderedJSON
import Synchronization
import Testing

@testable import AuditLog

/// Power that fails at any operation on a file that grows, with any part of what was not synced lost.
/// `AUDITLOG_POWER_LOSSES` is how many.
@Suite("Power loss")
struct PowerLossTests {
    private static let lossesOfOneLog = 4
    private static let losses =
        getenv("AUDITLOG_POWER_LOSSES").flatMap { Int(String(cString: $0)) } ?? 40

    @Test("Whatever the disk kept, everything acknowledged is there, nothing is invented")
    func anyMoment() async throws {
        var types: [String: Int] = [:]
        for log in 0..<max(1, Self.losses / Self.lossesOfOneLog) {
            var run = try LossyRun(seed: UInt64(log))
            for _ in 0..<Self.lossesOfOneLog { try await run.lose() }
            for event in try await run.settle() { types[event.type, default: 0] += 1 }
        }
        // What was lost was worth losing: mended, sealed, and recorded in between.
        for type in ["auditlog.recovered", "auditlog.sealed", "door.opened"] {
            #expect(types[type, default: 0] > Self.losses / 2, "\(types)")
        }
    }
}

/// One log that loses its power again and again.
private struct LossyRun {
    private let seed: UInt64
    private let folder: MemoryFolder
    private var random: Seeded
    private var sent = 0
    /// Sequence number → what was acknowledged under it.
    private var acknowledged: [UInt64: Event] = [:]
    private let clock = SteppingClock()
    /// The disk of the session before, when that was only killed.
    private var killed: LosingDisk?

    init(seed: UInt64) throws {
        self.seed = seed
        random = Seeded(state: seed)
        folder = try MemoryFolder()
        _ = try AuditLog.create(
            at: folder.log, keys: folder.keys,
            options: CreationOptions(origin: "auditlog.example/power", actor: "tester"),
            clock: clock)
    }

    /// Tried again while locked: a process that another test is just starting shares our files until it
    /// has become another program.
    private func open(_ files: any LogFiles) async throws(AuditLogError) -> AuditLog {
        var options = OpenOptions(actor: "tester", origin: "node-1", sealBytes: 1_500)
        // Every other log makes its archives while events are added.
        if seed.isMultiple(of: 2) { options.sealAtOnceBytes = 400 }
        while true {
            do throws(AuditLogError) {
                return try await AuditLog.open(
                    at: folder.log, keys: folder.keys, options: options, clock: clock, files: files)
            } catch {
                guard error.code == .locked else { throw error }
                await Task.yield()
            }
        }
    }

    /// A session that ends when the power does; some are only killed, and what they did not sync is lost
    /// with the power of a later one.
    mutating func lose() async throws {
        let disk = LosingDisk(
            operationsLeft: Int.random(in: 1...150, using: &random), after: killed)
        do throws(AuditLogError) {
            let log = try await open(disk)
            while !disk.hasFailed, await append(to: log) {}
            // Lets go of the lock; a stopped log records nothing more.
            try? await log.close()
        } catch {
            #expect(disk.hasFailed && error.exitCode == 1, "log \(seed): \(error)")
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            killed = disk
            return try check("as the kill left it")
        }
        killed = nil
        try disk.lose(&random)
        try check("as the power left it")
        if Bool.random(using: &random) { try await reopen() }
    }

    /// False when the log has stopped.
    private mutating func append(to log: AuditLog) async -> Bool {
        let count = Int.random(in: 1...12, using: &random)
        let drafts = (sent..<sent + count).map { number in
            EventDraft(
                type: "door.opened", actor: "badge 7", outcome: .success, origin: "gate",
                data: ["n": .number(String(number)), "noise": .string(noise())])
        }
        sent += count
        do throws(AuditLogError) {
            for event in try await log.append(drafts) { acknowledged[event.sequence] = event }
            return true
        } catch {
            #expect(error.code == .stopped || error.code == .closed, "log \(seed): \(error)")
            return false
        }
    }

    /// Never digits alone: once in a million events they would make a card number, which is refused.
    private mutating func noise() -> String {
        "n"
            + (0..<Int.random(in: 0...40, using: &random))
            .map { _ in String(UInt8.random(in: 0...255, using: &random), radix: 16) }.joined()
    }

    private func reopen() async throws {
        try await open(SystemLogFiles()).close()
        try check("opened")
        let report = Verifier(directory: folder.log).verify()
        #expect(report.isIntact, "log \(seed): \(report.lines)")
    }

    /// Opened twice, the second time nothing is left to mend.
    /// Returns its events.
    mutating func settle() async throws -> [Event] {
        try await reopen()
        let before = try events().count
        try await reopen()
        let events = try events()
        // The first opening may have filled a segment.
        let types = events[before...].map(\.type)
            .filter { !["auditlog.sealed", "auditlog.epoch"].contains($0) }
        #expect(types == ["auditlog.opened", "auditlog.closed"], "log \(seed): \(types)")
        return events
    }

    private func events() throws -> [Event] {
        var events: [Event] = []
        try AuditReader(directory: folder.log).forEach { events.append($0) }
        return events
    }

    private func check(_ moment: String) throws {
        let events = try events()
        let place = "log \(seed), \(moment)"
        #expect(events.map(\.sequence) == (0..<UInt64(events.count)).map { $0 }, "\(place)")
        for (sequence, event) in acknowledged {
            let isThere = sequence < events.count && events[Int(sequence)] == event
            #expect(isThere, "\(place): event \(sequence) of \(events.count) is gone")
        }
        let numbers = events.filter { $0.type == "door.opened" }
            .compactMap { $0.data["n"]?.integerValue }
        let isAscending = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        #expect(isAscending && numbers.allSatisfy { $0 < sent }, "\(place)")
    }
}

/// A folder in memory, removed at the end.
private final class MemoryFolder: Sendable {
    let root: String
    var log: String { root + "/audit" }
    var keys: String { root + "/keys" }

    init() throws {
        var template = Array("/dev/shm/auditlog-power-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw FileError(operation: "mkdtemp", path: "/dev/shm", code: errno)
        }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(root) }

    private static func remove(_ folder: String) {
        for name in LogLayout.names(in: folder) {
            let path = "\(folder)/\(name)"
            if DurableFiles.isFolder(path) { remove(path) } else { unlink(path) }
        }
        rmdir(folder)
    }
}

/// A clock that moves by a fifth of a second each time it is read, so that checkpoints come often.
private final class SteppingClock: AuditClock {
    private let ticks = Mutex<Int64>(0)

    func now() -> (seconds: Int64, microseconds: Int32) {
        ticks.withLock { ticks in
            ticks += 1
            return (1_795_219_200 + ticks / 5, Int32(ticks % 5) * 200_000)
        }
    }
}
