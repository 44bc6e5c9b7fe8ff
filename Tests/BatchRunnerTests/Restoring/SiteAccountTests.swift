import AuditLog
import GRDB
import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// A site whose configuration is changed to another account while something is open.
@Suite("The account a site works with")
struct SiteAccountTests {
    private let temporary: TemporarySite
    private let clock = StandingClock()

    init() throws { temporary = try TemporarySite() }

    private func open(
        _ change: (String, String)? = nil, says word: PlaceWord? = nil
    ) async throws -> RunnerSite {
        let folder = temporary.site
        let text = ConfigurationTests.least
        try temporary.write(
            "batchrunner.yaml", change.map { text.replacing($0.0, with: $0.1) } ?? text)
        return try await RunnerSite.open(
            folder, try RunnerConfiguration.load(site: folder, environment: [:]), clock: clock,
            says: word)
    }

    private static let live = (
        "skypay:\n  url: http://127.0.0.1:8080/services",
        "mode: live\nskypay:\n  url: https://api.example.com/services"
    )
    private static let renamed = ("callerName: demo", "callerName: demo2")

    /// Opens, and closes what was opened.
    private func start(_ change: (String, String)? = nil, says word: PlaceWord? = nil) async throws
    {
        try await (try open(change, says: word)).close()
    }

    /// A batch none of whose payouts was sent.
    private func take() async throws {
        let site = try await open()
        var script = EventScript()
        script.claim("20261121-000001", name: "in.csv")
        let stage = try LedgerStage()
        try script.accept("20261121-000001", batch: TypedBatch(rows: 2), on: stage)
        try temporary.write(
            "state/files/20261121-000001", try stage.temporary.text("state/files/20261121-000001"))
        try await site.journal.record(
            script.events.map { event in
                LedgerStage.author.draft(
                    try #require(EventType(rawValue: event.type)), subject: event.subject,
                    data: event.data)
            })
        try await site.close()
    }

    private func account() throws -> SiteAccount? {
        let ledger = try Ledger(reading: temporary.site.ledger)
        defer { try? ledger.database.close() }
        return try ledger.account()
    }

    @Test("While a batch is open nothing is opened for another, and the old one goes on")
    func refused() async throws {
        try await take()
        for change in [Self.renamed, ("callerName: demo", "callerName: d")] {
            for word in [nil, PlaceWord.restored, .moved] {
                let failure = await #expect(throws: CommandFailure.self) {
                    try await start(change, says: word)
                }
                #expect(failure?.status == .providerUnavailable)
                #expect(failure?.message.contains("callerName demo, mode test") == true)
                #expect(failure?.message.contains("--same-account") == true)
            }
        }
        try await start()
        #expect(try account()?.callerName == "demo")
    }

    @Test("An operator's word makes another name the same account's")
    func renamed() async throws {
        try await take()
        try await start(Self.renamed, says: .sameAccount)
        #expect(try account()?.callerName == "demo2")
        try await start(Self.renamed)
        await #expect(throws: CommandFailure.self) { try await start() }
    }

    @Test("What was said of a restoration counts, although the account was refused then")
    func restoredAndRenamed() async throws {
        try await take()
        await #expect(throws: CommandFailure.self) {
            try await start(Self.renamed, says: .restored)
        }
        try await start(Self.renamed, says: .sameAccount)
        let ledger = try Ledger(reading: temporary.site.ledger)
        #expect(try ledger.totals().keys.contains("unknown"))
        #expect(try !ledger.totals().keys.contains("unsent"))
        try ledger.database.close()
    }

    @Test("A name that reads like a card number is one account at every start")
    func masked() async throws {
        let change = ("callerName: demo", "callerName: \"4111111111111111\"")
        try await start(change)
        let name = try account()?.callerName
        #expect(name?.hasSuffix("1111") == true && name?.hasPrefix("4111") == false)
        try await start(change)
        var accounts = 0
        try AuditReader(directory: temporary.site.audit).forEach { event in
            accounts += event.type == "ledger.account" ? 1 : 0
        }
        #expect(accounts == 1)
    }

    @Test("No word sends in live what was accepted in test")
    func live() async throws {
        try await take()
        for word in [nil, PlaceWord.sameAccount] {
            let failure = await #expect(throws: CommandFailure.self) {
                try await start(Self.live, says: word)
            }
            #expect(failure?.message.contains("--same-account") == false)
        }
    }

    @Test("Where nothing is open another account is taken and recorded")
    func free() async throws {
        try await start()
        #expect(try account()?.mode == "test")
        try await start(Self.live)
        #expect(
            try account() == SiteAccount(["mode": "live", "service": "live", "callerName": "demo"]))
    }

    @Test("A site from before accounts were recorded goes by the mode of its batches")
    func older() async throws {
        let desk = try LedgerStage()
        var script = EventScript()
        script.claim("20261121-000001", name: "in.csv")
        try script.accept("20261121-000001", batch: TypedBatch(rows: 2), on: desk)
        try desk.apply(script.events)
        #expect(try desk.ledger.account() == nil)
        #expect(try desk.ledger.openBatch(notOfMode: "test") == nil)
        #expect(try desk.ledger.openBatch(notOfMode: "live")?.fileID == "20261121-000001")
        #expect(try desk.ledger.openBatch(notOfMode: nil)?.fileID == "20261121-000001")
    }
}
