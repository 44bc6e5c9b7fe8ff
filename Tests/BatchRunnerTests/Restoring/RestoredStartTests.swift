import AuditLog
import DurableFiles
import Foundation
import OrderedJSON
import Testing

@testable import BatchRunner

/// Starts of a site that somebody says was put back.
@Suite("A start after an older state was put back")
struct RestoredStartTests {
    private let temporary: TemporarySite
    private let clock = StandingClock()
    private static let day: Int64 = 86_400

    init() throws {
        temporary = try TemporarySite()
        try temporary.write("batchrunner.yaml", ConfigurationTests.least)
    }

    private func open(says word: PlaceWord? = nil) async throws -> RunnerSite {
        let folder = temporary.site
        return try await RunnerSite.open(
            folder, try RunnerConfiguration.load(site: folder, environment: [:]), clock: clock,
            says: word)
    }

    @Test("A snapshot of the disk tells by its own mark how long the lost time was")
    func lostTime() async throws {
        try await (try open()).close()
        clock.advance(30 * Self.day)
        let now = clock.unixSeconds()
        #expect(try await untilWhenStarted() == now + 30 * Self.day)
        // Said once more a day later, to be sure: what was known stays known.
        clock.advance(Self.day)
        #expect(try await untilWhenStarted() == now + 30 * Self.day)
    }

    /// The site goes with this function, and its lock with the site.
    private func untilWhenStarted() async throws -> Int64? {
        let site = try await open(says: .restored)
        let until = try site.journal.ledger.restoration()?.until
        try await site.close()
        return until
    }

    private static let lost = ["20261120-000001", "20261120-000002", "20261120-000002.ctl"]
    private static let remains = ["20261120-000001.text", "20261120-000003.part"]

    /// A start, what it leaves in `state/quarantine`, what its run tells, and the events of that.
    private func start(
        says word: PlaceWord? = nil
    ) async throws -> (aside: [String], report: RunReport, events: [Event]) {
        let site = try await open(says: word)
        let runner = Runner(site)
        _ = try await runner.intake.recover()
        let report = try await runner.finish(RunTally(), stopped: false)
        try await runner.close()
        #expect(try temporary.names("state/files").isEmpty)
        var events: [Event] = []
        try AuditReader(directory: temporary.site.audit).forEach { event in
            if event.type == "ledger.copies-set-aside" { events.append(event) }
        }
        return (try temporary.names("state/quarantine"), report, events)
    }

    private func writeCopies(_ text: String) throws {
        for name in Self.lost + Self.remains { try temporary.write("state/files/\(name)", text) }
    }

    @Test("Copies that the log does not know are set aside, and told of until they are gone")
    func copies() async throws {
        try await (try open()).close()
        try writeCopies("first")
        let first = try await start(says: .restored)
        let names = Self.lost.map { "lost-" + $0 }
        #expect(first.aside == names)
        for name in names {
            #expect(try temporary.text("state/quarantine/\(name)") == "first")
            let path = temporary.site.resolve("state/quarantine/\(name)")
            #expect(FileStatus(path: path)?.permissions == DurableFiles.fileMode)
        }
        #expect(first.report.status == .rowsOpen)
        #expect(first.report.warnings.contains { $0.hasPrefix("2 files lie in state/quarantine") })
        #expect(first.events.count == 1 && first.events.first?.data["copies"] == 3)
        #expect(
            first.events.first?.data["names"]?.arrayValue?.compactMap(\.stringValue) == Self.lost)

        // The same once more is kept once; another file of an id that was given out again is another.
        try temporary.write("state/files/\(Self.lost[0])", "first")
        try temporary.write("state/files/\(Self.lost[1])", "second")
        let second = try await start()
        #expect(second.aside == (names + ["lost-20261120-000002~2"]).sorted())
        #expect(try temporary.text("state/quarantine/lost-20261120-000002~2") == "second")
        #expect(second.events.count == 2)

        for name in second.aside {
            try DurableFiles.remove(temporary.site.resolve("state/quarantine/\(name)"))
        }
        let third = try await start()
        #expect(third.events.count == 2 && third.report.status == .allDone)
        #expect(!third.report.warnings.contains { $0.contains("state/quarantine") })
    }

    @Test("Where nothing was put back they are a crash's, and go", arguments: [nil, Int64(8)])
    func copiesOfACrash(_ daysSince: Int64?) async throws {
        try await (try open(says: daysSince == nil ? nil : .restored)).close()
        // Or so long ago that it no longer counts.
        clock.advance((daysSince ?? 0) * Self.day)
        try writeCopies("crash")
        let next = try await start()
        #expect(next.aside.isEmpty && next.events.isEmpty && next.report.status == .allDone)
    }

    private func event(_ type: String) throws -> Event? {
        var found: Event?
        try AuditReader(directory: temporary.site.audit).forEach { event in
            if event.type == type { found = event }
        }
        return found
    }

    private func openAndClose(says word: PlaceWord? = nil) async throws -> Restoration? {
        let site = try await open(says: word)
        let restoration = try site.journal.ledger.restoration()
        try await site.close()
        return restoration
    }

    private func removeLedger() throws {
        for suffix in ["", "-wal", "-shm"] {
            try DurableFiles.remove(temporary.site.ledger + suffix)
        }
    }

    private func claim(_ number: Int) async throws {
        let site = try await open()
        try await site.claim(number)
        try await site.close()
    }

    @Test("A start while the log's folder is missing does not make a backup's mark its own")
    func logMissing() async throws {
        #expect(try await openAndClose() == nil)
        // Put back as files: the mark is another file.
        let mark = try #require(try temporary.names("state/mark").first)
        let path = temporary.site.mark + "/" + mark
        let bytes = try DurableFiles.read(path)
        try DurableFiles.createOnce(path + "-copy", bytes)
        try DurableFiles.remove(path)
        let saved = try SavedLog(temporary.site)
        try FileManager.default.removeItem(atPath: temporary.site.audit)
        await #expect(throws: (any Error).self) { try await open() }
        #expect(try temporary.names("state/mark") == [mark + "-copy"])
        try saved.putBack()
        #expect(try await openAndClose() != nil)
    }

    @Test("A log put back beside its mark is seen by it, though the ledger is moved aside first")
    func markIsFurther() async throws {
        try await claim(1)
        let saved = try SavedLog(temporary.site)
        clock.advance(20 * Self.day)
        try await claim(2)
        try saved.putBack()
        // Refused while the ledger knows more; each refused start makes the log grow.
        for _ in 0..<4 {
            await #expect(throws: InvariantViolation.self) { try await open() }
        }
        try removeLedger()
        clock.advance(60)
        let restoration = try #require(try await openAndClose())
        let told = try #require(try event("ledger.restored"))
        #expect(told.data["reason"]?.stringValue?.contains("lacks events") == true)
        #expect(told.data["source"] == "found")
        // As long as the lost time was, which the mark in its place does not know.
        #expect(restoration.until >= clock.unixSeconds() + 20 * Self.day)
        #expect(try await openAndClose() == restoration, "and from then on it is its own again")
    }

    @Test(
        "Nor does the word that it was only moved deny what the mark saw, here or elsewhere",
        arguments: [false, true])
    func movedIsDenied(_ isElsewhere: Bool) async throws {
        try await claim(1)
        let saved = try SavedLog(temporary.site)
        try await claim(2)
        try saved.putBack()
        try removeLedger()
        if isElsewhere {
            let path =
                temporary.site.mark + "/" + (try #require(temporary.names("state/mark").first))
            let bytes = try DurableFiles.read(path)
            try DurableFiles.createOnce(path + "-copy", bytes)
            try DurableFiles.remove(path)
        }
        #expect(try await openAndClose(says: .moved) != nil)
        // Said of a site in its place it ends the caution, as it always did.
        #expect(try await openAndClose(says: .moved) == nil)
    }

    @Test("A lost ledger alone is no restoration, and neither is a kill without an end")
    func ledgerLost() async throws {
        try await claim(1)
        try removeLedger()
        #expect(try await openAndClose() == nil)
        try await stopWithoutMark()
        #expect(try await openAndClose() == nil)
    }

    /// The mark is of the start, and the log has more.
    private func stopWithoutMark() async throws {
        let site = try await open()
        try await site.journal.record(.runFinished)
        try await site.journal.close()
        try site.journal.ledger.close()
    }

    @Test("A clock behind the log does not end the caution before it begins")
    func clockBehind() async throws {
        #expect(try await openAndClose() == nil)
        let newest = clock.unixSeconds()
        clock.advance(-9_000 * Self.day)
        let restoration = try #require(try await openAndClose(says: .restored))
        #expect(restoration.concerns(newest + 6 * Self.day))
    }
}
