import DurableFiles
import Testing

@testable import AuditLog

@Suite("Damage and repair")
struct DamageTests {
    static func closedLog() async throws -> LogFixture {
        let fixture = try LogFixture()
        _ = try fixture.create()
        for start in [0, 14] {
            let log = try await fixture.open()
            for number in start..<start + 13 {
                _ = try await log.append([LogFixture.draft(number)])
            }
            try await log.close()
        }
        return fixture
    }

    @Test("A log cut anywhere after its newest checkpoint opens with every signed event")
    func torn() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<5))
        let signed = try await log.checkpoint()
        let least = Int(signed.size)
        let safe = try DurableFiles.read(fixture.segment).count
        var acknowledged: [(length: Int, events: Int)] = [(safe, least)]
        for number in 0..<4 {
            _ = try await log.append(LogFixture.drafts(number * 3..<number * 3 + 3))
            acknowledged.append(
                (try DurableFiles.read(fixture.segment).count, least + (number + 1) * 3))
        }
        let bytes = try DurableFiles.read(fixture.segment)
        for length in safe...bytes.count {
            let copy = try fixture.copy()
            try LogFixture.write(copy.segment, Array(bytes[..<length]))
            let report = Verifier(directory: copy.log).verify()
            #expect(report.isIntact && !report.notProved.isEmpty, "\(length): \(report.lines)")
            let again = try await copy.open()
            try await again.close()
            let kept = try copy.events()
            let must = acknowledged.last { $0.length <= length }?.events ?? 0
            let own = kept.firstIndex { $0.type == OwnEvent.recovered } ?? 0
            #expect(own >= must, "cut to \(length)")
            let after = Verifier(directory: copy.log).verify()
            #expect(after.isIntact, "\(length): \(after.lines)")
        }
        try await log.close()
    }

    @Test(
        "A tail of zeros or noise is set aside, nothing acknowledged is lost", arguments: [0, 1, 2])
    func noise(kind: Int) async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        let events = try await log.append(LogFixture.drafts(0..<9))
        let copy = try fixture.copy()
        var generator = SeededGenerator(state: UInt64(kind))
        let noise = (0..<500).map { _ in
            kind == 0 ? 0 : UInt8.random(in: 0...255, using: &generator)
        }
        let bytes = try DurableFiles.read(copy.segment)
        try LogFixture.write(copy.segment, bytes + noise)
        let again = try await copy.open()
        try await again.close()
        #expect(try copy.events().filter { $0.type == "door.opened" } == events)
        #expect(copy.files().contains { $0.hasSuffix(".torn") })
        let report = Verifier(directory: copy.log).verify()
        #expect(report.isIntact, "\(report.lines)")
        try await log.close()
    }

    @Test("A log with fewer events than were signed is refused with exit code 3")
    func rollback() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        let old = try fixture.copy()
        let log = try await fixture.open()
        _ = try await log.append([LogFixture.draft(1)])
        try await log.close()
        let kept = try AuditReader(directory: fixture.log).publishedCheckpoint().text
        #expect(Verifier(directory: old.log).verify().isIntact)
        #expect(Verifier(directory: old.log, since: kept).verify().exitCode == 3)
        LogFixture.removeAll(fixture.log)
        try DurableFiles.makeFolder(fixture.log)
        try LogFixture.copyAll(old.log, fixture.log)
        let error = await #expect(throws: AuditLogError.self) { try await fixture.open() }
        #expect(error?.exitCode == 3)
    }

    @Test("Events added after a clean close by someone without the key are refused")
    func slippedIn() async throws {
        let fixture = try await Self.closedLog()
        let events = try fixture.events()
        let time = events.last?.time ?? ""
        let event = Event(sequence: UInt64(events.count), time: time, draft: LogFixture.draft(9))
        let deflater = try MemberDeflater()
        var member: [UInt8] = []
        deflater.begin(&member)
        deflater.add(event.bytes + [0x0A], to: &member)
        deflater.finish(&member)
        try LogFixture.write(fixture.segment, try DurableFiles.read(fixture.segment) + member)
        #expect(Verifier(directory: fixture.log).verify().exitCode == 2)
        let error = await #expect(throws: AuditLogError.self) { try await fixture.open() }
        #expect(error?.exitCode == 2)
    }

    @Test("Damage in the kept checkpoints is told by opening, not cut off as a torn end")
    func keptDamaged() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        for _ in 0..<8 { try await fixture.open().close() }
        let path = "\(fixture.log)/checkpoints"
        let bytes = try DurableFiles.read(path)
        let notes = SignedCheckpoint.all(in: bytes).notes
        for behind in [2, 10] {
            let place = notes.dropLast(behind).reduce(0) { $0 + $1.text.utf8.count }
            var altered = bytes
            // The note's first line goes on into its second.
            let end = try #require(altered[place...].firstIndex(of: 0x0A))
            altered[end] = 0x20
            let damaged = try fixture.copy()
            try LogFixture.write("\(damaged.log)/checkpoints", altered)
            #expect(Verifier(directory: damaged.log).verify().exitCode == 2)
            let error = await #expect(throws: AuditLogError.self) { try await damaged.open() }
            #expect(error?.exitCode == 2)
            #expect(error?.message.contains("checkpoints, byte \(place)") == true, "\(behind)")
            #expect(try DurableFiles.read("\(damaged.log)/checkpoints") == altered)
            #expect(!damaged.files().contains { $0.hasSuffix(".torn") })
        }
    }

    @Test("What a crash left of the last kept checkpoint is set aside", arguments: [1, 60, 150])
    func keptTorn(length: Int) async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        let path = "\(fixture.log)/checkpoints"
        let bytes = try DurableFiles.read(path)
        let last = try #require(SignedCheckpoint.all(in: bytes).notes.last)
        let torn = Array(last.text.utf8).prefix(length)
        try LogFixture.write(path, bytes + torn)
        try await fixture.open().close()
        #expect(fixture.files().contains { $0.hasPrefix("checkpoints.\(bytes.count)-") })
        let report = Verifier(directory: fixture.log).verify()
        #expect(report.isIntact, "\(report.lines)")
    }

    @Test("Creating again after a crash at any file gives one log", arguments: 0..<9)
    func creation(kept: Int) async throws {
        let fixture = try LogFixture()
        let key = try fixture.create()
        let order = [
            "audit/checkpoint", "audit/checkpoints", "keys/checkpoint", "audit/reserve",
            "audit/segments/000000000000.members", "audit/segments/000000000000.jsonl.gz",
            "audit/log.json", "audit/epochs", "keys/epoch-000000.key",
        ]
        for file in order[...kept] { try DurableFiles.remove("\(fixture.root)/\(file)") }
        #expect(!AuditLog.exists(at: fixture.log))
        let again = try fixture.create()
        #expect((again == key) == (kept < 6))
        try await fixture.open().close()
        #expect(Verifier(directory: fixture.log, key: again).verify().isIntact)
        #expect(throws: AuditLogError.self) { try fixture.create() }
    }

    @Test(
        "Opening goes on from the kept tree, and makes it anew when it is wrong or gone",
        arguments: [
            "tree/1", "segments/000000000000.members",
        ])
    func derived(file: String) async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<3_000))
        try await log.close()
        let path = "\(fixture.log)/\(file)"
        let bytes = try DurableFiles.read(path)
        for altered in [[], Array(bytes.dropLast(20)), bytes.map { $0 ^ 1 }] {
            try LogFixture.write(path, altered)
            #expect(Verifier(directory: fixture.log).verify().exitCode == 2)
            #expect(try AuditReader(directory: fixture.log).event(2_500)?.sequence == 2_500)
            try await fixture.open().close()
            let report = Verifier(directory: fixture.log).verify()
            #expect(report.isIntact, "\(report.lines)")
        }
    }
}
