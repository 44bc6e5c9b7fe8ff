import AuditLog
import DurableFiles
import GRDB
import Locks
import Logging
import OrderedJSON
import Testing

@testable import BatchRunner

/// An open site with an accepted batch, and a clock that is set by hand.
@Suite("The daily check of the ledger")
struct SelfCheckTests {
    private let stage: LedgerStage
    private let clock = HandClock(evening)
    private static let file = "20261121-000001"
    private static let room = RebuildRoom(keepFreeBytes: 0)
    /// 2026-11-30T20:00:00+08:00: six hours before the check.
    private static let evening: Int64 = 1_796_040_000

    private final class HandClock: RunnerClock {
        private let seconds: Locked<Int64>

        init(_ seconds: Int64) { self.seconds = Locked(seconds) }

        func now() -> (seconds: Int64, microseconds: Int32) { (seconds.withLock { $0 }, 0) }

        func advance(hours: Int64) { seconds.withLock { $0 += hours * 3_600 } }
    }

    init() throws { stage = try LedgerStage() }

    private func open() async throws -> RunnerSite {
        let folder = stage.temporary.site
        try stage.temporary.write("batchrunner.yaml", ConfigurationTests.least)
        let site = try await RunnerSite.open(
            folder, try RunnerConfiguration.load(site: folder, environment: [:]), clock: clock)
        var script = EventScript()
        script.claim(Self.file, name: "in.csv")
        try script.accept(Self.file, batch: TypedBatch(rows: 3), on: stage)
        script.payout(Self.file, 3, .intended(attempt: 1))
        script.payout(Self.file, 3, .accepted, code: "1000")
        try await site.journal.record(
            script.events.map { event in
                LedgerStage.author.draft(
                    try #require(EventType(rawValue: event.type)), subject: event.subject,
                    data: event.data)
            })
        return site
    }

    /// Its connections are ended, whatever happens.
    private func working(
        _ body: (RunnerSite, Runner) async throws -> Void
    ) async throws {
        let site = try await open()
        let runner = Runner(site)
        do {
            try await body(site, runner)
        } catch {
            try? await runner.close()
            throw error
        }
        try await runner.close()
    }

    private func plant(_ site: RunnerSite, _ sql: String) async throws {
        try await site.journal.ledger.database.write { try $0.execute(sql: sql) }
    }

    private func lastEvent(_ site: RunnerSite) async throws -> Event {
        var last: Event?
        try AuditReader(directory: site.folder.audit).forEach { last = $0 }
        return try #require(last)
    }

    @Test("A ledger that agrees is recorded as such, once a day")
    func agrees() async throws {
        try await working { site, runner in
            #expect(try !runner.isCheckDue(.standard, at: clock.unixSeconds()))
            clock.advance(hours: 7)
            #expect(try runner.isCheckDue(.standard, at: clock.unixSeconds()))
            #expect(try await SelfCheck(site: site).perform(.nightly, until: StopRequest()) == nil)
            #expect(try !runner.isCheckDue(.standard, at: clock.unixSeconds()))
            let event = try await lastEvent(site)
            #expect(event.type == "ledger.checked" && event.outcome == .success)
            #expect(event.data["differing"] == 0 && event.data["source"] == "nightly")
            clock.advance(hours: 23)
            #expect(try runner.isCheckDue(.standard, at: clock.unixSeconds()))
            // The check's own event is part of what the next one compares.
            #expect(try await SelfCheck(site: site).perform(.run, until: StopRequest()) == nil)
        }
    }

    @Test("A daemon whose check finds a difference stops, and says where without saying what")
    func differs() async throws {
        try await working { site, runner in
            try await plant(site, "UPDATE rows SET amount = 12345678 WHERE row = 2")
            clock.advance(hours: 7)
            let stop = StopRequest()
            let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            try await runner.checkLoop(stop, silent)
            #expect(stop.isRequested)
            let event = try await lastEvent(site)
            #expect(event.type == "ledger.checked" && event.outcome == .failure)
            #expect(event.data["differing"] == 1)
            #expect(event.data["places"]?.arrayValue?.first?["column"] == "amount")
            #expect(!JSONValue.object(event.data).text().contains("12345678"))
            let report = try await runner.finish(RunTally(), stopped: true)
            #expect(report.status == .invariantBroken)
            #expect(report.problems.contains { $0.contains("rebuild --replace") })
        }
    }

    @Test("A changed or lost private copy is found too", arguments: [true, false])
    func privateCopy(_ isLost: Bool) async throws {
        let site = try await open()
        let path = site.folder.file(Self.file)
        if isLost {
            try DurableFiles.remove(path)
        } else {
            try DurableFiles.replace(path, Array(TypedBatch(rows: 4).text.utf8))
        }
        let refusal = try await SelfCheck(site: site).perform(.nightly, until: StopRequest())
        #expect(refusal != nil)
        #expect(try await lastEvent(site).data["damage"] != nil)
        try await site.close()
    }

    @Test("A stop ends the check, and nothing is recorded")
    func stopped() async throws {
        let site = try await open()
        let stop = StopRequest()
        stop.request()
        await #expect(throws: CancellationError.self) {
            try await SelfCheck(site: site).perform(.nightly, until: stop)
        }
        #expect(try site.journal.ledger.lastCheck() == nil)
        #expect(try ledgersBeside() == [])
        try await site.close()
    }

    /// What a check makes in `state/` and has to take away.
    private func ledgersBeside() throws -> [String] {
        try stage.temporary.names("state").filter {
            $0.hasPrefix("ledger.sqlite.copy") || $0.hasPrefix("ledger.sqlite.new")
        }
    }

    @Test("A check without room makes no file and records nothing, and the daemon goes on")
    func noRoom() async throws {
        let site = try await open()
        let stop = StopRequest()
        var surroundings = Surroundings()
        // Asked once: the daemon's loop ends after the check it could not make.
        surroundings.freeBytes = { _ in
            stop.request()
            return site.configuration.intake.keepFreeBytes
        }
        let runner = Runner(site, surroundings)
        let events = try site.journal.ledger.nextSequence()
        clock.advance(hours: 7)
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await runner.checkLoop(stop, silent)
        #expect(stop.isRequested, "it was asked, and the loop has ended")
        #expect(try runner.isCheckDue(.standard, at: clock.unixSeconds()))
        let shortage = await #expect(throws: RebuildRoom.Shortage.self) {
            try await runner.selfCheck.perform(.nightly, until: StopRequest())
        }
        #expect(shortage?.description.contains("no disk space") == true)
        #expect((shortage?.needed ?? 0) > 0)
        #expect(try site.journal.ledger.nextSequence() == events)
        #expect(try site.journal.ledger.lastCheck() == nil)
        #expect(try ledgersBeside() == [])
        try await runner.close()
    }

    @Test("A check that fails on its way leaves neither of its ledgers", arguments: [true, false])
    func failsOnItsWay(_ isFull: Bool) async throws {
        let site = try await open()
        let asked = Locked(0)
        var room = Self.room
        // Room at first, and none any more when it is asked for again.
        room.free = { _ in
            let times: Int = asked.withLock { count in
                count += 1
                return count
            }
            return isFull && times > 1 ? -1 : Int64(1) << 40
        }
        let rebuild = try LedgerRebuild(site.folder, room: room, rows: stage.rows)
        var both: [String] = []
        #expect(throws: (any Error).self) {
            try rebuild.compare { _ in
                both = try ledgersBeside()
                throw CancellationError()
            }
        }
        // Where the room ran out first, nobody looked.
        if !isFull { #expect(both.contains("ledger.sqlite.copy")) }
        if !isFull { #expect(both.contains("ledger.sqlite.new")) }
        #expect(asked.withLock { $0 } == 2)
        #expect(try ledgersBeside() == [])
        try await site.close()
    }

    @Test("Two checks never take each other's files")
    func together() async throws {
        let site = try await open()
        let rebuild = try LedgerRebuild(site.folder, room: Self.room, rows: stage.rows)
        await #expect(throws: CommandFailure.self) {
            try await SelfCheck(site: site).perform(.nightly, until: StopRequest())
        }
        withExtendedLifetime(rebuild) {}
        try await site.close()
    }

    @Test("A ledger that is behind the log, of another version, or gone, is sound")
    func sound() async throws {
        let site = try await open()
        try await site.close()
        let folder = site.folder
        let whole = try LedgerRebuild(folder, room: Self.room, rows: stage.rows)
        let end = try whole.compare { _ in }.comparison?.events
        try whole.clear()
        for suffix in ["", "-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
        #expect(try whole.compare { _ in } == .absent)
        // A first start, killed before it made the tables.
        try whole.clear()
        try DurableFiles.createOnce(folder.ledger, [])
        #expect(try whole.compare { _ in } == .absent)
        try whole.clear()
        let behind = try Ledger(path: folder.ledger)
        try LogFolding(audit: folder.audit, rows: stage.rows).fold(into: behind, upTo: 3)
        try behind.close()
        let comparison = try whole.compare { _ in }.comparison
        #expect(comparison?.events == 3 && comparison?.agrees == true && end != 3)
        try whole.clear()
        let queue = try DatabaseQueue(path: folder.ledger)
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = 1") }
        try queue.close()
        #expect(try whole.compare { _ in } == .otherVersion)
    }
}
