import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Shredding")
struct PrivacyShreddingTests {
    /// A log with one sealed value of 2026-11, and 40 days later.
    static func sealedLog() async throws -> (LogFixture, Event) {
        let fixture = try LogFixture()
        _ = try AuditLog.create(
            at: fixture.log, keys: fixture.keys,
            options: CreationOptions(
                origin: "auditlog.example/test", actor: "tester", sealedFields: ["account"]),
            clock: fixture.clock)
        var draft = LogFixture.draft(1)
        draft.data = ["payee": [["account": ["number": "09171234567"]]]]
        let log = try await fixture.open()
        let events = try await log.append([draft])
        try await log.close()
        fixture.clock.advance(seconds: 40 * 86_400)
        return (fixture, try #require(events.first))
    }

    static func reveal(_ fixture: LogFixture, _ event: Event) throws -> RevealedValue? {
        try SealedReader(directory: fixture.log, keys: fixture.keys).reveal(event).first
    }

    static func shredded(_ fixture: LogFixture) throws -> [Event] {
        try fixture.events().filter { $0.type == OwnEvent.shredded }
    }

    @Test("A shredded month cannot be read; masks, pseudonyms and proofs stay")
    func month() async throws {
        let (fixture, event) = try await Self.sealedLog()
        let before = try #require(try Self.reveal(fixture, event))
        #expect(before.value == "09171234567" && before.place == "data.payee[0].account.number")
        let root = try AuditReader(directory: fixture.log).publishedCheckpoint()
        let log = try await fixture.open()
        for month in ["2026-12", "2027-01", "2026-13", "2026", "9999-12"] {
            let error = await #expect(throws: AuditLogError.self) {
                try await log.shred(month: month)
            }
            #expect(error?.isRefusal == true)
        }
        let shredded = try #require(try await log.shred(month: "2026-11"))
        #expect(shredded.data["month"]?.stringValue == "2026-11")
        let again = await #expect(throws: AuditLogError.self) {
            try await log.shred(month: "2026-11")
        }
        #expect(again?.code == .missing)
        try await log.close()
        let after = try #require(try Self.reveal(fixture, event))
        #expect(after.value == nil && after.masked == "*******4567")
        #expect(
            after.problem
                == "the key of 2026-11 was destroyed on 2026-12-31 (event \(shredded.sequence))")
        #expect(LogLayout.names(in: "\(fixture.keys)/fields").isEmpty)
        let report = Verifier(directory: fixture.log, since: root.text).verify()
        #expect(report.isIntact, "\(report.lines)")
        let pseudonym = try PseudonymKey(keys: fixture.keys).pseudonym(of: "0917 123 4567")
        var query = AuditQuery()
        query.text = pseudonym
        var found: [Event] = []
        _ = try AuditReader(directory: fixture.log).search(query) { found.append($0) }
        #expect(found == [event])
    }

    @Test("Shredding that a crash cut short is finished by the next opening, and told once")
    func crash() async throws {
        for cut in 0..<3 {
            let (fixture, event) = try await Self.sealedLog()
            let shredding = KeyShredding(
                keys: KeyLayout(directory: fixture.keys), target: .month("2026-11"))
            try shredding.begin()
            if cut > 0 {
                let fingerprint = try #require(try shredding.pending())
                // Opened by a version that finishes nothing: the event alone.
                let core = try LogCore(
                    LogLayout(directory: fixture.log), KeyLayout(directory: fixture.keys),
                    options: OpenOptions(actor: "tester", origin: "node-1"), clock: fixture.clock,
                    files: SystemLogFiles())
                try core.write([core.own(OwnEvent.shredded, shredding.data(fingerprint))])
                try core.close()
            }
            if cut > 1 { try shredding.destroy() }
            try await fixture.open().close()
            #expect(try Self.shredded(fixture).count == 1, "cut \(cut)")
            #expect(try Self.reveal(fixture, event)?.value == nil)
            #expect(LogLayout.names(in: "\(fixture.keys)/fields").isEmpty)
            #expect(Verifier(directory: fixture.log).verify().isIntact)
            try await fixture.open().close()
            #expect(try Self.shredded(fixture).count == 1)
        }
    }

    @Test("A new key for the pseudonyms: the same party cannot be linked across")
    func pseudonyms() async throws {
        let (fixture, event) = try await Self.sealedLog()
        let log = try await fixture.open()
        let before = await log.pseudonym(of: "09171234567")
        _ = try await log.shredPseudonyms()
        let after = await log.pseudonym(of: "09171234567")
        #expect(before != after)
        try await log.close()
        let again = try await fixture.open()
        #expect(await again.pseudonym(of: "09171234567") == after)
        try await again.close()
        #expect(try Self.shredded(fixture).count == 1)
        #expect(try Self.reveal(fixture, event)?.value == "09171234567")
        #expect(Verifier(directory: fixture.log).verify().isIntact)
    }
}
