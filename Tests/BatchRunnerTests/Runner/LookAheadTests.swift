import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("What will stand in the way before long")
struct LookAheadTests {
    @Test("An event of the future is told of, in the same words until the clock is past it")
    func eventOfTheFuture() async throws {
        let temporary = try TemporarySite()
        try temporary.write("batchrunner.yaml", ConfigurationTests.least)
        let configuration = try RunnerConfiguration.load(site: temporary.site, environment: [:])
        let clock = StandingClock()
        let recorded = clock.unixSeconds()
        let site = try await RunnerSite.open(temporary.site, configuration, clock: clock)
        let runner = Runner(site)
        #expect(try await runner.lookAhead() == [])

        clock.advance(-28_800)
        let warnings = try await runner.lookAhead()
        #expect(warnings.count == 1)
        let time = PhilippineTime.rfc3339(unixSeconds: recorded)
        #expect(warnings.first?.contains("newest event is of \(time)") == true)
        try await site.journal.record(.fileJudging, subject: ["file": "20261121-000001"])
        clock.advance(60)
        #expect(try await runner.lookAhead() == warnings, "said once, not every minute")
        clock.advance(28_800 - 60 - 300)
        #expect(try await runner.lookAhead() == [])
        try await runner.close()
        withExtendedLifetime(temporary) {}
    }

    @Test("Small corrections of the clock are nobody's business")
    func small() {
        #expect(Runner.clockWarning(newest: 1_300, now: 1_000) == nil)
        #expect(Runner.clockWarning(newest: 1_301, now: 1_000) != nil)
        #expect(Runner.clockWarning(newest: 0, now: 1_000) == nil)
    }
}
