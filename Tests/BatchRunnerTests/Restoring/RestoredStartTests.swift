import AuditLog
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
        let site = try await open(says: .restored)
        #expect(try site.journal.ledger.restoration()?.until == now + 30 * Self.day)
        // Said once more a day later, to be sure: what was known stays known.
        try await site.close()
        clock.advance(Self.day)
        let again = try await open(says: .restored)
        #expect(try again.journal.ledger.restoration()?.until == now + 30 * Self.day)
        try await again.close()
    }
}
