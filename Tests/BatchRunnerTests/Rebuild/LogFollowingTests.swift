import AuditLog
import DurableFiles
import Foundation
import GRDB
import OrderedJSON
import Testing

@testable import BatchRunner

/// A ledger that knows more than its log passes over what the log tells from then on: the same row would
/// be sent again and again.
@Suite("A ledger and the log it followed")
struct LogFollowingTests {
    private let temporary: TemporarySite
    private let clock = StandingClock(1_796_040_000)

    init() throws {
        temporary = try TemporarySite()
        try temporary.write("batchrunner.yaml", ConfigurationTests.least)
    }

    private var folder: SiteFolder { temporary.site }

    private func open() async throws -> RunnerSite {
        let site = folder
        return try await RunnerSite.open(
            site, try RunnerConfiguration.load(site: site, environment: [:]), clock: clock)
    }

    private func claim(_ numbers: Range<Int>) async throws {
        let site = try await open()
        for number in numbers {
            let claim = FileClaim(
                fileID: "20261121-00000\(number)", sender: "", name: "\(number).csv",
                outputName: "\(number).csv", sha256: "aa", bytes: 1, sideSHA256: nil,
                identity: ["inode": 7])
            try await site.journal.record([claim.draft(site.journal.author)])
        }
        try await site.close()
    }

    /// The log and its keys, at one moment.
    private func save() throws -> URL {
        let saved = URL(fileURLWithPath: folder.root + "/saved")
        try FileManager.default.createDirectory(at: saved, withIntermediateDirectories: true)
        for (name, path) in [("audit", folder.audit), ("keys", folder.keys)] {
            try FileManager.default.copyItem(
                at: URL(fileURLWithPath: path), to: saved.appendingPathComponent(name))
        }
        return saved
    }

    private func putBack(_ saved: URL) throws {
        for (name, path) in [("audit", folder.audit), ("keys", folder.keys)] {
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(
                at: saved.appendingPathComponent(name), to: URL(fileURLWithPath: path))
        }
    }

    @Test("A log put back from a backup is not gone on with beside a newer ledger")
    func putBack() async throws {
        try await claim(1..<2)
        let saved = try save()
        try await claim(2..<8)
        try putBack(saved)
        for _ in 1...2 {
            let error = await #expect(throws: InvariantViolation.self) { try await open() }
            #expect(error?.description.contains("put back from a backup") == true)
        }
    }

    @Test("Nor is one that has grown again since, event for event as long")
    func grown() async throws {
        try await claim(1..<2)
        let saved = try save()
        try await claim(2..<3)
        try putBack(saved)
        let ledger = try DurableFiles.read(folder.ledger)
        for suffix in ["", "-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
        try await claim(5..<9)
        for suffix in ["-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
        try DurableFiles.replace(folder.ledger, ledger)
        let error = await #expect(throws: InvariantViolation.self) { try await open() }
        #expect(error?.description.contains("put back from a backup") == true)
    }

    @Test("Nor is a ledger replaced by it, however much it has grown by starts that were refused")
    func replaced() async throws {
        try await claim(1..<2)
        let saved = try save()
        try await claim(2..<4)
        let next = try await ledgerNext()
        try putBack(saved)
        for _ in 1...12 {
            await #expect(throws: InvariantViolation.self) { try await open() }
        }
        #expect(try AuditReader(directory: folder.audit).event(next) != nil)
        let command = try RebuildCommand(root: folder.root, environment: [:])
        #expect(try command.compare { _ in }.standing == "ahead")
        let report = try await command.replace { _ in }
        #expect(report.standing == "ahead" && !report.replaced && report.status == .invariantBroken)
        #expect(try await ledgerNext() == next)
    }

    private func ledgerNext() async throws -> UInt64 {
        let ledger = try #require(try Ledger(reading: folder.ledger))
        let next = try ledger.nextSequence()
        try ledger.database.close()
        return next
    }

    @Test("A journal whose ledger knows the number of a new event stops")
    func numbered() async throws {
        let site = try await open()
        let next = try site.journal.ledger.nextSequence()
        try await site.journal.ledger.database.write {
            try $0.execute(
                sql: "UPDATE meta SET value = ? WHERE name = 'nextSequence'",
                arguments: [String(next + 100)])
        }
        for _ in 1...2 {
            await #expect(throws: InvariantViolation.self) {
                try await site.journal.record(.runFinished)
            }
        }
        try await site.journal.close()
        try site.journal.ledger.close()
    }
}
