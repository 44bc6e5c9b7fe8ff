import AuditLog
import DurableFiles
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
}
