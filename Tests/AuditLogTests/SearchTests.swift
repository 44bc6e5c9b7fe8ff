import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Searching")
struct SearchTests {
    @Test("Every query finds what reading every event finds, in order and newest first")
    func findsAll() async throws {
        let log = try await SearchedLog([270, 30, 5, 20, 10])
        for var query in SearchedLog.queries() {
            let expected = try log.expected(query)
            let (found, account) = try log.search(query)
            #expect(found == expected)
            #expect(account.unindexed.isEmpty)
            #expect(account.found == expected.count)
            query.isNewestFirst = true
            #expect(try log.search(query).found == expected.reversed())
            query.limit = 2
            #expect(try log.search(query).found == Array(expected.reversed().prefix(2)))
        }
    }

    @Test(
        "What bound indexes rule out is not read; times rule out too; text is looked for everywhere"
    )
    func skips() async throws {
        let log = try await SearchedLog([60, 50, 40, 30])
        var query = AuditQuery()
        query.subject = [("controlNumber", "nobody's")]
        var account = try log.search(query).account
        #expect(account.membersSkipped == 3)
        #expect(account.membersScanned == account.membersOpen)
        #expect(!account.isFullScan)
        query = AuditQuery()
        query.from = "2027"
        account = try log.search(query).account
        #expect(account.membersSkipped == 3)
        query = AuditQuery()
        query.text = "nobody's"
        account = try log.search(query).account
        #expect(account.membersSkipped == 0)
        #expect(account.isFullScan)
        #expect(account.eventsScanned == UInt64(try log.fixture.events().count))
        query = AuditQuery()
        query.subject = [("line", "nobody's")]
        #expect(try log.search(query).account.isFullScan)
    }

    @Test("A limit ends the search and says so")
    func limit() async throws {
        let log = try await SearchedLog([100, 40])
        var query = AuditQuery()
        query.limit = 3
        let (found, account) = try log.search(query)
        #expect(found == [0, 1, 2])
        #expect(account.isCutShort)
        query.limit = 10_000
        #expect(try !log.search(query).account.isCutShort)
    }

    @Test("A log opened by another key is not searched under it")
    func otherKey() async throws {
        let log = try await SearchedLog([10, 10])
        let other = SigningKey(name: "auditlog.example/test").verificationKey
        #expect(throws: AuditLogError.self) {
            _ = try AuditReader(directory: log.fixture.log).search(AuditQuery(), key: other) { _ in
            }
        }
    }

    @Test("Damage where something must be read is told, with its place", arguments: [0, 1])
    func damage(segment: Int) async throws {
        let log = try await SearchedLog([100, 100, 40])
        let path = log.layout.segment((try log.layout.segmentStarts())[segment])
        var bytes = try DurableFiles.read(path)
        bytes[bytes.count / 2] ^= 4
        try DurableFiles.remove(path)
        try LogFixture.write(path, bytes)
        var query = AuditQuery()
        query.type = "payout."
        #expect(throws: AuditLogError.self) { _ = try log.search(query) }
    }

    @Test("A segment that is gone is not taken for an empty one", arguments: [0, 1, 2])
    func missingSegment(segment: Int) async throws {
        let log = try await SearchedLog([50, 50, 50, 20])
        try DurableFiles.remove(log.layout.segment((try log.layout.segmentStarts())[segment]))
        var query = AuditQuery()
        query.subject = [("controlNumber", "nobody's")]
        #expect(throws: AuditLogError.self) { _ = try log.search(query) }
    }

    @Test("Segments removed after their time are named; the rest is searched")
    func retired() async throws {
        let log = try await SearchedLog([50, 50, 50, 20])
        let starts = (try log.layout.segmentStarts())
        let manifest = try DurableFiles.read(log.layout.manifest(starts[0]))
        let expected = try log.expected(AuditQuery()).filter { $0 >= starts[1] }
        for path in [
            log.layout.segment(0), log.layout.index(0), log.layout.manifest(0),
        ] { try DurableFiles.remove(path) }
        try LogFixture.write(log.layout.retired(0), manifest)
        let (found, account) = try log.search(AuditQuery())
        #expect(found == expected)
        #expect(account.retained == starts[1])
        #expect(account.unindexed.isEmpty)
    }

    @Test("Types and prefixes are compared by bytes: a combining mark behind the dot hides nothing")
    func combiningMarks() throws {
        var draft = LogFixture.draft(1)
        draft.type = "door.\u{369}opened"
        let event = Event(sequence: 0, time: "2026-11-21T08:00:00.000000+08:00", draft: draft)
        var query = AuditQuery()
        query.type = "door."
        #expect(query.matches(event, line: event.bytes))
        query.type = draft.type
        #expect(query.matches(event, line: event.bytes))
        query.type = nil
        query.subject = [("reference", "cafe\u{301}")]
        draft.subject = ["reference": .string("caf\u{E9}")]
        let other = Event(sequence: 0, time: "2026-11-21T08:00:00.000000+08:00", draft: draft)
        #expect(!query.matches(other, line: other.bytes), "the index would not find it either")
        let rules = DraftRules(
            reservedPrefixes: ["payout."], owned: [], secretFields: FieldNames([String]()))
        for type in ["payout.\u{301}accepted", "auditlog.\u{369}closed"] {
            draft.type = type
            #expect(throws: AuditLogError.self, "\(type) is reserved") { try rules.check(draft) }
        }
    }

    @Test("Pieces of work are taken in order whatever order they end in", arguments: [1, 2, 5])
    func ordered(workers: Int) throws {
        var taken: [Int] = []
        try OrderedWork.run(count: 200, workers: workers) { piece in
            (0..<(piece * 7_919 % 13) * 100).reduce(piece) { $0 ^ ($1 & 0) }
        } take: { piece, result in
            #expect(piece == result)
            taken.append(piece)
            return piece < 150
        }
        #expect(taken == Array(0...150))
    }
}
