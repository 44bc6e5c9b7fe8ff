import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("The password key and the one before it")
struct PasswordKeysTests {
    private static let file = "state/keys/skypay-password-key"
    private static let kept = file + PasswordKeys.previousSuffix
    private static let now: Int64 = 1_800_000_000

    private let temporary: TemporarySite

    /// A site whose key was changed from `old` to `new`.
    init() throws {
        temporary = try TemporarySite()
        try temporary.write(Self.file, "new\n")
        try temporary.write(Self.kept, "old\n")
        try temporary.write(
            "batchrunner.yaml",
            ConfigurationTests.least.replacing(
                "passwordKey: an-invented-key", with: "passwordKeyFile: \(Self.file)"))
    }

    private func settings() throws -> SkyPaySettings {
        try RunnerConfiguration.load(site: temporary.site, environment: [:]).skypay
    }

    private func opened() async throws -> PasswordKeys {
        let site = temporary.site
        _ = try AuditLog.create(
            at: site.audit, keys: site.keys,
            options: CreationOptions(
                origin: "log.example/site", reservedPrefixes: EventType.reservedPrefixes,
                actor: "batchrunner", eventOrigin: "host.example"))
        let log = try await AuditLog.open(
            at: site.audit, keys: site.keys,
            options: OpenOptions(
                ownerOf: EventType.reservedPrefixes, actor: "batchrunner", origin: "host.example"))
        let journal = Journal(
            log: log, ledger: try Ledger(path: site.ledger), author: LedgerStage.author,
            rows: { _, _, _ in PlanTotals() })
        return PasswordKeys(journal: journal, pseudonyms: try PseudonymKey(keys: site.keys))
    }

    private func record(_ keys: PasswordKeys, until end: Int64?) async throws {
        try await keys.record(
            KeyRecord(
                key: keys.name(of: Secret("new")), previous: keys.name(of: Secret("old")),
                previousUntil: end), source: "rotate-key")
    }

    @Test("It is accepted until its time is over; then its file is destroyed, once, with a record")
    func overlap() async throws {
        let keys = try await opened()
        try await record(keys, until: Self.now)
        var during = try settings()
        try await keys.settle(&during, at: Self.now - 1)
        #expect(during.previousPasswordKey == Secret("old"))
        #expect(temporary.exists(Self.kept))
        var after = try settings()
        try await keys.settle(&after, at: Self.now)
        #expect(after.previousPasswordKey == nil)
        #expect(!temporary.exists(Self.kept))
        #expect(try keys.journal.ledger.keyRecord()?.previous == nil)
        let next = try keys.journal.ledger.nextSequence()
        var again = try settings()
        try await keys.settle(&again, at: Self.now + 1)
        #expect(try keys.journal.ledger.nextSequence() == next)
        try await keys.journal.close()
    }

    @Test("While callbacks may lie unread after an outage it stays, a week at most")
    func unread() async throws {
        let keys = try await opened()
        try await record(keys, until: Self.now)
        let week = ExpiryTurn.mostPostponedSeconds
        for (time, isUnread, isKept) in [
            (Self.now, true, true), (Self.now + week - 1, true, true),
            (Self.now + week, true, false),
        ] {
            var settings = try settings()
            try await keys.settle(&settings, at: time) { isUnread }
            #expect((settings.previousPasswordKey != nil) == isKept)
            #expect(temporary.exists(Self.kept) == isKept)
        }
        try await keys.journal.close()
    }

    @Test("Only files of senders of callbacks, and what was claimed of them, count as such")
    func unreadFiles() async throws {
        try temporary.write(
            "batchrunner.yaml",
            ConfigurationTests.least
                + "senders: {counter: {callbacks: true}, default: {callbacks: false}}\n")
        let keys = try await opened()
        let site = temporary.site
        try site.prepare()
        let unread = UnreadCallbacks(
            site, try RunnerConfiguration.load(site: site, environment: [:]), keys.journal.ledger)
        #expect(try !unread.mayBeThere())
        for sender in ["acme", "counter"] {
            try DurableFiles.makeFolder(site.inbox(of: sender))
            try temporary.drop("\(sender)/x", "x")
            #expect(try unread.mayBeThere() == (sender == "counter"))
        }
        try DurableFiles.remove(site.inbox(of: "counter") + "/x")
        #expect(try !unread.mayBeThere())
        let claim = FileClaim(
            fileID: "20261121-000001", sender: "counter", name: "x", outputName: "x",
            sha256: "aa", bytes: 1, sideSHA256: nil, identity: ["inode": 7])
        try await keys.journal.record([claim.draft(LedgerStage.author)])
        #expect(try unread.mayBeThere())
        try await keys.journal.close()
    }

    @Test("What no record covers is not accepted: a crash came between record and destruction")
    func uncovered() async throws {
        let keys = try await opened()
        try await record(keys, until: Self.now)
        try await keys.journal.record(.keyRetired)
        var settings = try settings()
        try await keys.settle(&settings, at: Self.now - 100)
        #expect(settings.previousPasswordKey == nil)
        #expect(!temporary.exists(Self.kept))
        try await keys.journal.close()
    }

    @Test("Before any recorded change nothing is known, and nothing is touched")
    func unknown() async throws {
        let keys = try await opened()
        var settings = try settings()
        try await keys.settle(&settings, at: Self.now)
        #expect(settings.previousPasswordKey == Secret("old"))
        #expect(temporary.exists(Self.kept))
        #expect(try keys.journal.ledger.keyRecord() == nil)
        try await keys.journal.close()
    }

    @Test("A key changed by hand is found, and recorded once")
    func found() async throws {
        let keys = try await opened()
        try await record(keys, until: Self.now)
        try temporary.write(Self.file, "by hand\n")
        for _ in 0..<2 {
            var settings = try settings()
            try await keys.settle(&settings, at: Self.now - 1)
            #expect(settings.previousPasswordKey == Secret("old"))
        }
        let record = try keys.journal.ledger.keyRecord()
        #expect(record?.key == keys.name(of: Secret("by hand")))
        #expect(record?.previous == keys.name(of: Secret("old")))
        try await keys.journal.close()
    }

    @Test("Each stage of each expiry is recorded once, and keys that differ in case are two keys")
    func warnings() async throws {
        let keys = try await opened()
        #expect(keys.name(of: Secret("abc-d")) != keys.name(of: Secret("ABCD")))
        try await record(keys, until: nil)
        var settings = try settings()
        settings.passwordKeyExpires = "2026-12-01"
        let end: Int64 = 1_796_054_400
        var recorded: [UInt64] = []
        for hours in [200, 100, 99, 20, 19, -1, -50] as [Int64] {
            let warning = try await keys.warn(settings, at: end - hours * 3_600)
            #expect((warning == nil) == (hours == 200))
            recorded.append(try keys.journal.ledger.nextSequence())
        }
        let first = recorded[0]
        #expect(recorded.map { $0 - first } == [0, 1, 1, 2, 2, 3, 3])
        try await keys.journal.close()
    }
}
