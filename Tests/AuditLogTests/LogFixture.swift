import DurableFiles
import Glibc
import Locks
import OrderedJSON

@testable import AuditLog

/// A clock that moves by a fixed step each time it is read.
final class SteppingClock: AuditClock {
    private let microseconds: Locked<Int64>
    private let step: Int64

    init(seconds: Int64 = 1_795_219_200, stepMicroseconds: Int64 = 1_000) {
        microseconds = Locked(seconds * 1_000_000)
        step = stepMicroseconds
    }

    func advance(seconds: Int64) { microseconds.withLock { $0 += seconds * 1_000_000 } }

    func now() -> (seconds: Int64, microseconds: Int32) {
        microseconds.withLock { time in
            time += step
            return (time / 1_000_000, Int32(time % 1_000_000))
        }
    }
}

/// A log in a folder of its own, removed at the end.
final class LogFixture: Sendable {
    let root: String
    var log: String { "\(root)/audit" }
    var keys: String { "\(root)/keys" }
    let clock = SteppingClock()

    init() throws {
        var template = Array("/tmp/auditlog-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw FileError(operation: "mkdtemp", path: "/tmp", code: errno)
        }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.removeAll(root) }

    func create(reserved: [String] = ["payout."]) throws -> String {
        try AuditLog.create(
            at: log, keys: keys,
            options: CreationOptions(
                origin: "auditlog.example/test", reservedPrefixes: reserved, actor: "tester"),
            clock: clock)
    }

    func open(
        ownerOf: [String] = [], files: any LogFiles = SystemLogFiles(),
        sealBytes: Int64 = OpenOptions.standardSealBytes
    ) async throws -> AuditLog {
        try await AuditLog.open(
            at: log, keys: keys,
            options: OpenOptions(
                ownerOf: ownerOf, actor: "tester", origin: "node-1", sealBytes: sealBytes),
            clock: clock, files: files)
    }

    static func draft(_ number: Int) -> EventDraft {
        EventDraft(
            type: "door.opened", actor: "badge 7", outcome: .success, origin: "gate",
            subject: ["reference": .string("R\(number)")], data: ["n": .number(String(number))])
    }

    static func drafts(_ numbers: Range<Int>) -> [EventDraft] { numbers.map { draft($0) } }

    var segment: String { "\(log)/segments/000000000000.jsonl.gz" }

    func events() throws -> [Event] {
        var events: [Event] = []
        try AuditReader(directory: log).forEach { events.append($0) }
        return events
    }

    /// Every file of the log, its path below the log's folder.
    func files() -> [String] {
        ["", "segments/", "tree/"].flatMap { folder in
            LogLayout.names(in: "\(log)/\(folder)").map { folder + $0 }
        }.filter { !DurableFiles.isFolder("\(log)/\($0)") }
    }

    func copy() throws -> LogFixture {
        let copy = try LogFixture()
        try Self.copyAll(root, copy.root)
        return copy
    }

    static func copyAll(_ from: String, _ to: String) throws {
        for name in LogLayout.names(in: from) {
            if DurableFiles.isFolder("\(from)/\(name)") {
                try DurableFiles.makeFolder("\(to)/\(name)")
                try copyAll("\(from)/\(name)", "\(to)/\(name)")
            } else {
                try write("\(to)/\(name)", try DurableFiles.read("\(from)/\(name)"))
            }
        }
    }

    /// Overwrites without syncing: tests need no durability.
    static func write(_ path: String, _ bytes: [UInt8]) throws {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw FileError(operation: "write", path: path, code: errno)
        }
    }

    static func removeAll(_ folder: String) {
        for name in LogLayout.names(in: folder) {
            let path = "\(folder)/\(name)"
            if DurableFiles.isFolder(path) { removeAll(path) } else { unlink(path) }
        }
        rmdir(folder)
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
