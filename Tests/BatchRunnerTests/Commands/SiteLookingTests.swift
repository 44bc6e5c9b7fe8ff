import AuditLog
import DurableFiles
import Foundation
import GRDB
import OrderedJSON
import Testing

@testable import BatchRunner

/// That a command sees nothing must never read as "nothing was sent".
@Suite("What commands see that only read a site")
struct SiteLookingTests {
    private let temporary: TemporarySite
    private var folder: SiteFolder { temporary.site }

    init() throws {
        temporary = try TemporarySite()
        try temporary.write("batchrunner.yaml", ConfigurationTests.least)
    }

    /// A run that finds nothing to do.
    private func run() async throws {
        let configuration = try RunnerConfiguration.load(site: folder, environment: [:])
        let site = try await RunnerSite.open(folder, configuration, clock: StandingClock())
        try await site.close()
    }

    private func removeLedger() throws {
        for suffix in ["", "-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
    }

    private func setVersion(_ version: Int) throws {
        let queue = try DatabaseQueue(path: folder.ledger)
        try queue.write { try $0.execute(sql: "PRAGMA user_version = \(version)") }
        try queue.close()
    }

    /// False where `status` says that nothing was ever run.
    private func wasRun() throws -> Bool {
        try StatusCommand(root: folder.root, environment: [:]) != nil
    }

    /// Why `status` tells nothing.
    private func refusal() -> CommandFailure? {
        let failure = #expect(throws: CommandFailure.self) { try wasRun() }
        return failure
    }

    @Test("Nothing was ever run where there is neither a ledger nor a log, and only there")
    func nothing() async throws {
        #expect(try !wasRun())
        try await run()
        #expect(try wasRun())
        try removeLedger()
        let gone = refusal()
        #expect(gone?.status == .rowsOpen)
        #expect(gone?.message.contains("there is no ledger; the next run") == true)
        // The file of a first start that was killed before it made the tables.
        try DurableFiles.createOnce(folder.ledger, [])
        #expect(refusal()?.message.contains("there is no ledger; the next run") == true)
        try await run()
        #expect(try wasRun())
    }

    @Test(
        "A ledger of another version tells nothing, nor what was used before",
        arguments: [LedgerSchema.version - 1, LedgerSchema.version + 1])
    func otherVersion(_ version: Int) async throws {
        try await run()
        try setVersion(version)
        let failure = refusal()
        #expect(failure?.status == .rowsOpen)
        #expect(failure?.message.contains("another version") == true)
        let reconciling = await #expect(throws: CommandFailure.self) {
            try await ReconcileCommand(root: folder.root, environment: [:], day: nil).reconcile()
        }
        #expect(reconciling?.status == .rowsOpen)
        let check = try CheckCommand(root: folder.root, environment: [:])
        #expect(check.unknown?.contains("another version") == true)
        let path = folder.resolve("dropped.csv")
        try DurableFiles.createOnce(path, Array(TypedBatch(rows: 2).text.utf8))
        let report = try check.check(path)
        #expect(report.verdict == "accepted" && report.status == .rowsOpen)
        #expect(report.json["note"]?.stringValue == check.unknown)
    }

    @Test("A folder that cannot be looked into is not taken for an empty one")
    func unreachable() async throws {
        try await run()
        let kept = folder.state + ".kept"
        try #require(rename(folder.state, kept) == 0)
        try #require(symlink(folder.state, folder.state) == 0)
        #expect(refusal()?.status == .invariantBroken)
        try #require(unlink(folder.state) == 0 && rename(kept, folder.state) == 0)
        #expect(try wasRun())
    }

    @Test(
        "A user who may not look is told so, exit 64",
        .enabled(if: geteuid() != 0, "root may look everywhere"))
    func forbidden() async throws {
        try await run()
        for path in [folder.state, folder.ledger, folder.root] {
            let mode: mode_t = path == folder.ledger ? 0o600 : 0o700
            try #require(chmod(path, 0) == 0)
            let failure = refusal()
            try #require(chmod(path, mode) == 0)
            #expect(failure?.status == .usage, "\(path)")
            #expect(failure?.message.contains("may not be read by") == true, "\(path)")
        }
        // Whether there is a log is not known either.
        try removeLedger()
        try #require(chmod(folder.audit, 0) == 0)
        let failure = refusal()
        let rebuild = #expect(throws: CommandFailure.self) {
            try RebuildCommand(root: folder.root, environment: [:])
        }
        try #require(chmod(folder.audit, 0o700) == 0)
        #expect(failure?.status == .usage && rebuild?.status == .usage)
        #expect(rebuild?.message.contains("may not be read by") == true)
    }

    @Test("While the log is folded into a new ledger nobody is told what that knows so far")
    func folding() async throws {
        try await run()
        try removeLedger()
        try Ledger(path: folder.ledger).close()
        // However short the log is.
        let failure = #expect(throws: CommandFailure.self) { try SiteLooking(folder).ledger() }
        #expect(failure?.status == .rowsOpen)
        #expect(failure?.message.contains("knows 0 of the") == true)
        try await run()
        _ = try #require(try SiteLooking(folder).ledger())
    }

    @Test("What the log alone has to tell may be behind; a place that is not reached again may not")
    func behind() async throws {
        try await run()
        let log = try await AuditLog.open(
            at: folder.audit, keys: folder.keys,
            options: OpenOptions(actor: "somebody", origin: "host.example"))
        try await log.close()
        _ = try #require(try SiteLooking(folder).ledger())
        let strict = try SiteLooking(folder, maxBehind: 0)
        #expect(throws: CommandFailure.self) { try strict.ledger() }
        try setVersion(LedgerSchema.version - 1)
        try Ledger(path: folder.ledger).close()
        let failure = #expect(throws: CommandFailure.self) { try SiteLooking(folder).ledger() }
        #expect(failure?.status == .rowsOpen)
    }

    @Test("A root that is no folder is told, exit 64")
    func noFolder() throws {
        for root in [folder.root + "/nowhere", folder.configuration] {
            let failure = #expect(throws: CommandFailure.self) {
                try StatusCommand(root: root, environment: [:])
            }
            #expect(failure?.status == .usage, "\(root)")
            #expect(failure?.message.contains("is not a folder") == true, "\(root)")
        }
    }
}
