import AuditLog
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("The journal")
struct JournalTests {
    private let stage: LedgerStage

    init() throws { stage = try LedgerStage() }

    private func open(ledger: Ledger? = nil) async throws -> Journal {
        let site = stage.temporary.site
        if !AuditLog.exists(at: site.audit) {
            _ = try AuditLog.create(
                at: site.audit, keys: site.keys,
                options: CreationOptions(
                    origin: "log.example/site", reservedPrefixes: EventType.reservedPrefixes,
                    actor: "batchrunner", eventOrigin: "host.example"))
        }
        let log = try await AuditLog.open(
            at: site.audit, keys: site.keys,
            options: OpenOptions(
                ownerOf: EventType.reservedPrefixes, actor: "batchrunner", origin: "host.example"))
        return Journal(
            log: log, ledger: ledger ?? stage.ledger, author: LedgerStage.author, rows: stage.rows)
    }

    private func claim(_ number: Int, name: String = "in.csv") -> EventDraft {
        FileClaim(
            fileID: "20261121-\(number)", sender: "", name: name, outputName: name, sha256: "ab",
            bytes: 1, sideSHA256: nil, identity: [:]
        ).draft(LedgerStage.author)
    }

    @Test("Whoever records gets its own events back, durable and folded, however many come at once")
    func together() async throws {
        let journal = try await open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...40 {
                group.addTask {
                    let drafts = [claim(number * 2), claim(number * 2 + 1)]
                    let events = try await journal.record(drafts)
                    #expect(events.map(\.subject) == drafts.map(\.subject))
                    #expect(events[1].sequence == events[0].sequence + 1)
                    #expect(try journal.ledger.file("20261121-\(number * 2 + 1)") != nil)
                }
            }
            try await group.waitForAll()
        }
        try await journal.close()
        #expect(try stage.ledger.files(where: "1").count == 80)
    }

    @Test("A ledger that is lost is folded again from the log")
    func replay() async throws {
        let journal = try await open()
        try await journal.record((1...5).map { claim($0) })
        let last = try await journal.record(.fileJudging, subject: ["file": "20261121-3"])
        #expect(await journal.newestTime == last.time)
        try await journal.close()
        let fresh = try Ledger(path: stage.temporary.site.resolve("state/fresh.sqlite"))
        let again = try await open(ledger: fresh)
        try await again.replay(stage.temporary.site.audit)
        try await again.replay(stage.temporary.site.audit)
        let newest = try #require(await again.newestTime)
        #expect(newest >= last.time, "of the last that was folded, though not by the second call")
        #expect(try fresh.file("20261121-3")?.judgings == 1)
        let condition = "1 ORDER BY fileId"
        #expect(
            try fresh.files(where: condition).map { "\($0)" }
                == stage.ledger.files(where: condition).map { "\($0)" })
        try await again.close()
    }

    @Test(
        "What a decision rests on is asked when its turn has come, and nothing is recorded without")
    func premises() async throws {
        let journal = try await open()
        let row = RowKey(fileID: "20261121-1", row: 1)
        let isKnown = Journal.Premise(row: row) { try $0.file("20261121-1") != nil }
        #expect(try await !journal.record([claim(2)], while: isKnown))
        #expect(try stage.ledger.file("20261121-2") == nil)
        try await journal.record([claim(1)])
        #expect(try await journal.record([claim(2)], while: isKnown))
        // Of many at once that each rest on the absence of the same file, one is recorded, whatever
        // other rows they rest on.
        let recorded = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 10..<30 {
                group.addTask {
                    let own = RowKey(fileID: "20261121-\(number)", row: 1)
                    let isNew = Journal.Premise(rows: [own, row]) {
                        try $0.file("20261121-3") == nil
                    }
                    return try await journal.record([claim(3), claim(number)], while: isNew)
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(recorded == 1)
        try await journal.close()
    }

    @Test("Free text that could be a card number is masked, and stops nothing")
    func masked() async throws {
        let journal = try await open()
        let events = try await journal.record([claim(1, name: "pay 4111 1111 1111 1111.csv")])
        #expect(events.first?.data["name"] == "pay xxxx xxxx xxxx 1111.csv")
        try await journal.record([claim(2)])
        try await journal.close()
    }

    @Test("A file is claimed with its identity, though its numbers could be a card's")
    func identity() async throws {
        let journal = try await open()
        // The time of the contents is 1980-01-01 00:00:01 UTC.
        let file = FileIdentity(
            device: 2_049, inode: 4_111_111_111_111_111, size: 1,
            modified: 315_532_801_000_000_000, changed: -4_111_111_111_111_111)
        let claim = FileClaim(
            fileID: "20261121-1", sender: "", name: "in.csv", outputName: "in.csv", sha256: "ab",
            bytes: 1, sideSHA256: "cd", identity: ClaimRecord.identity(file: file, side: file))
        let draft = claim.draft(LedgerStage.author)
        let events = try await journal.record([draft])
        #expect(events.first?.data == draft.data)
        let records = try #require(try stage.ledger.file("20261121-1")).claimRecords
        #expect(records.map(\.storedName) == ["20261121-1", "20261121-1.ctl"])
        #expect(records.map(\.identity) == [file, file])
        try await journal.close()
    }

    @Test("Free text that is JSON with secrets in it is left out, and stops nothing")
    func withoutJSON() async throws {
        let journal = try await open()
        let events = try await journal.record([
            claim(1, name: "{\"authentication\":\"4a1\"} of ours")
        ])
        #expect(events.first?.data["name"] == "(left out: it begins like JSON)")
        try await journal.close()
    }

    @Test("A draft the log refuses fails its own caller alone, however many come at once")
    func refused() async throws {
        let journal = try await open()
        let foreign = EventDraft(
            type: "auditlog.sealed", actor: "a", outcome: .success, origin: "o")
        await withTaskGroup(of: Void.self) { group in
            for number in 1...40 {
                group.addTask {
                    if number % 10 == 5 {
                        await #expect(throws: AuditLogError.self) {
                            try await journal.record([claim(100 + number), foreign])
                        }
                    } else {
                        await #expect(throws: Never.self) {
                            try await journal.record([claim(number)])
                        }
                    }
                }
            }
        }
        for number in 1...40 {
            let isThere = try stage.ledger.file("20261121-\(number)") != nil
            #expect(isThere == (number % 10 != 5))
            #expect(try stage.ledger.file("20261121-\(100 + number)") == nil)
        }
        try await journal.close()
    }

    @Test("An event that cannot be folded stops the journal for good")
    func stopped() async throws {
        let journal = try await open()
        await #expect(throws: InvariantViolation.self) {
            try await journal.record(.fileRejected, subject: ["file": "no such file"])
        }
        await #expect(throws: InvariantViolation.self) { try await journal.record([claim(1)]) }
        await #expect(throws: InvariantViolation.self) { try await journal.checkpoint() }
        #expect(try stage.ledger.file("20261121-1") == nil)
    }
}
