import DurableFiles
import Glibc
import Testing

@testable import AuditLog

@Suite("Last events and following")
struct TailTests {
    private static func numbers(_ follower: LogFollower) throws -> [UInt64] {
        var numbers: [UInt64] = []
        try follower.poll { numbers.append(try Event(line: $0).sequence) }
        return numbers
    }

    @Test("The last events, oldest first, also across segments", arguments: [0, 1, 5, 400, 3_000])
    func last(count: Int) throws {
        let log = try HandmadeLog(size: 2_500, starts: [0, 300, 2_490])
        let (lines, next) = try LastEvents(directory: log.fixture.log).read(count)
        #expect(lines == Array(log.lines.suffix(count)))
        #expect(next == 2_500)
    }

    @Test("The last events of a kind are found however far back they lie")
    func matching() throws {
        let log = try HandmadeLog(size: 5_000, starts: [0, 300])
        try LogFixture.write(
            log.layout.checkpoint, Array(try log.checkpoint(4_999).text.utf8))
        let wanted = [log.lines[3], log.lines[4_000]]
        let last = try LastEvents(directory: log.fixture.log).read(2) { wanted.contains($0) }
        #expect(last.lines == wanted)
    }

    @Test("A followed log gives each event once, as commits, closing and reopening go on")
    func following() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let follower = try LogFollower(directory: fixture.log)
        var seen = try Self.numbers(follower)
        for round in 0..<3 {
            let log = try await fixture.open()
            for part in 0..<6 {
                let start = (round * 6 + part) * 300
                _ = try await log.append(LogFixture.drafts(start..<start + 300))
                seen += try Self.numbers(follower)
            }
            try await log.close()
        }
        seen += try Self.numbers(follower)
        #expect(seen == Array(0..<UInt64(seen.count)))
        #expect(try seen.count == fixture.events().count)
        #expect(try Self.numbers(follower).isEmpty)
    }

    @Test("A sealed archive in place of the open file, and the next segment, give each event once")
    func sealing() throws {
        let log = try HandmadeLog(size: 900, starts: [0, 700])
        let whole = try DurableFiles.read(log.layout.segment(0))
        let second = try DurableFiles.read(log.layout.segment(700))
        let hints = MemberHint.read(log.layout.members(0))
        // The open segment of 512 events, with hints that do not fit the archive later.
        try DurableFiles.remove(log.layout.segment(700))
        try LogFixture.write(log.layout.segment(0), Array(whole[..<Int(hints[2].offset)]))
        let follower = try LogFollower(directory: log.fixture.log, from: 500)
        #expect(try Self.numbers(follower) == Array(500..<512))
        // Sealed: another file, other offsets, events that were not yet given.
        let archive = try Self.archive(log, 0..<700)
        try DurableFiles.replace(log.layout.segment(0), archive)
        #expect(try Self.numbers(follower) == Array(512..<700))
        try LogFixture.write(log.layout.segment(700), Array(second.dropLast(8)))
        #expect(try Self.numbers(follower) == Array(700..<900))
        try LogFixture.write(log.layout.segment(700), second)
        #expect(try Self.numbers(follower).isEmpty)
    }

    /// All events in one member.
    private static func archive(_ log: HandmadeLog, _ range: Range<Int>) throws -> [UInt8] {
        let deflater = try MemberDeflater()
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        for line in log.lines[range] { deflater.add(line + [0x0A], to: &bytes) }
        deflater.finish(&bytes)
        return bytes
    }

    @Test("A part of an event is not shown, a hole between segments is damage")
    func incomplete() throws {
        let log = try HandmadeLog(size: 300, starts: [0])
        let whole = try DurableFiles.read(log.layout.segment(0))
        let follower = try LogFollower(directory: log.fixture.log)
        var seen: [UInt64] = []
        for end in stride(from: 1, to: whole.count, by: 97) {
            try LogFixture.write(log.layout.segment(0), Array(whole[..<end]))
            seen += try Self.numbers(follower)
        }
        try LogFixture.write(log.layout.segment(0), whole)
        seen += try Self.numbers(follower)
        #expect(seen == Array(0..<300))
        try LogFixture.write(log.layout.segment(302), [])
        let error = #expect(throws: AuditLogError.self) { try Self.numbers(follower) }
        #expect(error?.code == .damaged)
    }
}
