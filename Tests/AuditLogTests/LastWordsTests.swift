import DurableFiles
import Glibc
import Locks
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("A full disk: last words, then nothing")
struct LastWordsTests {
    @Test("The log says that the disk is full, signs, accepts nothing more, and opens again")
    func speaks() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let disk = FullDisk(reserve: LogLayout(directory: fixture.log).reserve)
        let log = try await fixture.open(files: disk)
        _ = try await log.append(LogFixture.drafts(0..<5))
        disk.fill()
        for _ in 0..<2 {
            let error = await #expect(throws: AuditLogError.self) {
                try await log.append(LogFixture.drafts(5..<10))
            }
            #expect(error?.code == .stopped)
            #expect(error?.description.contains("No space left") == true)
        }

        let events = try fixture.events()
        let last = try #require(events.last)
        #expect(last.type == "auditlog.stopped" && last.outcome == .failure)
        #expect(events.filter { $0.type == "door.opened" }.count == 5)
        #expect(last.data["size"] == .number("7"))
        let checkpoint = try AuditReader(directory: fixture.log).publishedCheckpoint()
        #expect(checkpoint.size == UInt64(events.count))
        #expect(Verifier(directory: fixture.log).verify().findings == [])

        disk.free()
        await #expect(throws: AuditLogError.self) { try await log.close() }
        let again = try await fixture.open(files: disk)
        _ = try await again.append(LogFixture.drafts(5..<10))
        try await again.close()
        #expect(try fixture.events().filter { $0.type == "door.opened" }.count == 10)
        #expect(Verifier(directory: fixture.log).verify().findings == [])
        #expect(DurableFiles.exists(LogLayout(directory: fixture.log).reserve))
    }

    @Test("Last words of an opening that could not be signed keep no closed log from being opened")
    func whileOpening() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let disk = FullDisk(reserve: LogLayout(directory: fixture.log).reserve)
        let log = try await fixture.open(files: disk)
        _ = try await log.append(LogFixture.drafts(0..<5))
        try await log.close()
        // No room for `auditlog.opened`, and then none for the checkpoint over the last words.
        disk.fill()
        let pin = DurableFiles.temporaryPath(for: KeyLayout(directory: fixture.keys).pin)
        try DurableFiles.makeFolder(pin)
        let error = await #expect(throws: AuditLogError.self) {
            try await fixture.open(files: disk)
        }
        #expect(error?.code == .stopped)
        #expect(try fixture.events().last?.type == "auditlog.stopped")
        #expect(Verifier(directory: fixture.log, key: root).verify().isIntact)
        disk.free()
        #expect(rmdir(pin) == 0)
        let again = try await fixture.open(files: disk)
        _ = try await again.append(LogFixture.drafts(5..<6))
        try await again.close()
        #expect(Verifier(directory: fixture.log, key: root).verify().findings == [])
        #expect(try fixture.events().filter { $0.type == "door.opened" }.count == 6)
    }
}

/// A disk that is full as long as the log's reserve lies on it.
final class FullDisk: LogFiles {
    private let isFull = Locked(false)
    private let reserve: String

    init(reserve: String) { self.reserve = reserve }

    func fill() { isFull.withLock { $0 = true } }
    func free() { isFull.withLock { $0 = false } }
    var hasRoom: Bool { !isFull.withLock { $0 } || !DurableFiles.exists(reserve) }

    func open(_ path: String) throws(FileError) -> any LogFile {
        FileOnFullDisk(try SystemLogFiles().open(path), path, self)
    }
}

/// Half of the bytes arrive when there is no room; the file then refuses everything, as a real one.
final class FileOnFullDisk: LogFile {
    private let file: any LogFile
    private let path: String
    private let disk: FullDisk
    private var failure: FileError?

    init(_ file: any LogFile, _ path: String, _ disk: FullDisk) {
        self.file = file
        self.path = path
        self.disk = disk
    }

    var length: Int64 { file.length }

    func append(_ bytes: [UInt8]) throws(FileError) {
        if let failure { throw failure }
        if disk.hasRoom { return try file.append(bytes) }
        try file.append(Array(bytes.prefix(bytes.count / 2)))
        let error = FileError(operation: "write", path: path, code: 28)
        failure = error
        throw error
    }

    func sync() throws(FileError) {
        if let failure { throw failure }
        try file.sync()
    }

    func truncate(to newLength: Int64) throws(FileError) {
        if let failure { throw failure }
        try file.truncate(to: newLength)
    }

    func isStillAt(_ path: String) -> Bool { file.isStillAt(path) }
}
