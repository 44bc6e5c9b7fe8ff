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
        for number in numbers { try await site.claim(number) }
        try await site.close()
    }

    @Test("A log put back from a backup is not gone on with beside a newer ledger")
    func putBack() async throws {
        try await claim(1..<2)
        let saved = try SavedLog(folder)
        try await claim(2..<8)
        try saved.putBack()
        for _ in 1...2 {
            let error = await #expect(throws: InvariantViolation.self) { try await open() }
            #expect(error?.description.contains("put back from a backup") == true)
        }
    }

    @Test("Nor is one that has grown again since, event for event as long")
    func grown() async throws {
        try await claim(1..<2)
        let saved = try SavedLog(folder)
        try await claim(2..<3)
        try saved.putBack()
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
        let saved = try SavedLog(folder)
        try await claim(2..<4)
        let next = try await ledgerNext()
        try saved.putBack()
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

    /// As a program of another version has left the ledger.
    private func turn(into version: Int, sql: String = "") throws {
        let queue = try DatabaseQueue(path: folder.ledger)
        try queue.inDatabase { try $0.execute(sql: "PRAGMA user_version = \(version); \(sql)") }
        try queue.close()
    }

    /// Version 11 knew the number of the next event, and no hash.
    private static let withoutHash = "DELETE FROM meta WHERE name = 'lastEvent'"

    @Test(
        "Nor is a ledger of another version dropped for it, however much it grows meanwhile",
        arguments: [(11, withoutHash), (12, "")])
    func otherVersion(_ version: Int, _ sql: String) async throws {
        try await claim(1..<2)
        let saved = try SavedLog(folder)
        try await claim(2..<6)
        let next = try await ledgerNext()
        try turn(into: version, sql: sql)
        try saved.putBack()
        let command = try RebuildCommand(root: folder.root, environment: [:])
        #expect(try command.compare { _ in }.standing == "ahead")
        for start in 1...12 {
            let error = await #expect(throws: InvariantViolation.self) { try await open() }
            let says = error?.description ?? ""
            #expect(says.hasPrefix("the ledger knows \(next) events"), "start \(start): \(says)")
        }
        #expect(try AuditReader(directory: folder.audit).event(next) != nil)
        #expect(try command.compare { _ in }.standing == "ahead")
        let report = try await command.replace { _ in }
        #expect(report.standing == "ahead" && !report.replaced && report.status == .invariantBroken)
        // One more version later it is known still.
        try turn(into: 1)
        await #expect(throws: InvariantViolation.self) { try await open() }
        // Whoever moves the ledger aside has read what follows from that.
        for suffix in ["", "-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
        try await (try open()).close()
    }

    @Test(
        "A ledger of another version whose log is whole is made anew, and forgets its place",
        arguments: [(11, withoutHash), (12, "")])
    func updated(_ version: Int, _ sql: String) async throws {
        try await claim(1..<6)
        let next = try await ledgerNext()
        try turn(into: version, sql: sql)
        let command = try RebuildCommand(root: folder.root, environment: [:])
        #expect(try command.compare { _ in }.standing == "other-version")
        // A start that was stopped before it folded, and one that was while it did: the place is kept.
        let stops: [(UInt64, String)] = [(0, "other-version"), (3, "agrees")]
        for (end, says) in stops {
            let stopped = try Ledger(path: folder.ledger)
            if end > 0 {
                let folding = LogFolding(
                    audit: folder.audit, rows: { _, _, _ in throw CancellationError() })
                try folding.fold(into: stopped, upTo: end)
            }
            #expect(try stopped.earlierPlace()?.next == next && stopped.nextSequence() == end)
            try stopped.close()
            #expect(try command.compare { _ in }.standing == says)
        }
        let site = try await open()
        #expect(try site.journal.ledger.earlierPlace() == nil)
        #expect(try site.journal.ledger.file("20261121-000005") != nil)
        try await site.close()
        #expect(try command.compare { _ in }.standing == "agrees")
    }

    private func ledgerNext() async throws -> UInt64 {
        let ledger = try Ledger(reading: folder.ledger)
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
