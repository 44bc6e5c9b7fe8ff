import Glibc
import OrderedJSON
import Testing

/// Real processes, really killed. `AUDITLOG_KILLS` is how many in all.
@Suite("Kill -9")
struct KillTests {
    private static let killsOfOneLog = 20
    private static let kills = setting("AUDITLOG_KILLS", 10)
    private static let logs = (kills + killsOfOneLog - 1) / killsOfOneLog

    @Test(
        "Killed at any moment, again and again, nothing acknowledged is lost and nothing is doubled",
        arguments: 0..<logs)
    func anyMoment(_ log: Int) async throws {
        let kills = min(Self.killsOfOneLog, Self.kills - log * Self.killsOfOneLog)
        try await apart {
            var random = Seeded(state: UInt64(log))
            let site = try Site.made()
            var oracle = AcknowledgedOracle()
            var kept = try site.keepCheckpoint()
            for round in 0..<kills {
                try Self.killOnce(site, &random, &oracle)
                let note = "log \(log), kill \(round)"
                #expect(oracle.violations(try site.events()) == [], "\(note), as it was left")
                try site.expectIntact(since: kept, "\(note), as it was left")
                // Most of the time the next producer mends; now and then a look in between.
                if round % 3 != 0, round + 1 < kills { continue }
                kept = try Self.mend(site, kept, oracle, note)
            }
            #expect(oracle.acknowledgedCount > kills, "the tool was killed before it did anything")
        }
    }

    /// One session, killed; small segments, so that many kills meet a rotation.
    private static func killOnce(
        _ site: Site, _ random: inout Seeded, _ oracle: inout AcknowledgedOracle
    ) throws {
        let producer = try Producer(
            site, ["--seal-bytes", "3000"], firstNumber: oracle.nextNumber)
        // One in four is killed while it opens.
        let opens = Int.random(in: 0..<4, using: &random) == 0
        let goal = opens ? 0 : Int.random(in: 1...400, using: &random)
        let more = Int.random(in: 0...(opens ? 80_000 : 10_000), using: &random)
        oracle.add(
            try producer.run(&random, untilAcknowledged: goal, thenMicroseconds: more))
    }

    /// Opens and closes; then everything must be whole. Returns a checkpoint of that state.
    private static func mend(
        _ site: Site, _ kept: String, _ oracle: AcknowledgedOracle, _ note: String
    ) throws -> String {
        let opened = try site.append(input: "")
        #expect(opened.code == 0, "\(note): opening: \(opened)")
        let whole = try site.zcat()
        #expect(whole.code == 0, "\(note): \(whole.errors)")
        #expect(oracle.violations(try site.events()) == [], "\(note), mended")
        try site.expectIntact(since: kept, "\(note), mended")
        return try site.keepCheckpoint()
    }

    @Test("A second writer is refused and disturbs nothing")
    func secondWriter() async throws {
        try await apart {
            var random = Seeded(state: 7)
            let site = try Site.made()
            var oracle = AcknowledgedOracle()
            let producer = try Producer(site, [], firstNumber: 0)
            try producer.waitUntilAcknowledged(50, &random)
            let second = try site.append(["--ack"], input: Site.line(9_999))
            #expect(second.code == 1 && second.output.isEmpty, "\(second)")
            #expect(second.errors.contains("another process writes to this log"))
            oracle.add(try producer.run(&random, untilAcknowledged: 100, thenMicroseconds: 0))
            #expect(oracle.violations(try site.events()) == [])
            #expect(try site.append(input: "").code == 0)
            try site.expectIntact()
        }
    }

    @Test("Killed while the log is being made, making it again succeeds", arguments: 0..<4)
    func whileMaking(_ seed: Int) async throws {
        try await apart {
            var random = Seeded(state: UInt64(seed))
            for _ in 0..<max(2, Self.kills / 20) {
                let site = try Site()
                let words = site.words("init", ["--origin", Site.origin, "--keys", site.keys])
                let null = try Scratch.open("/dev/null", O_RDWR)
                defer { close(null) }
                let child = try Child(words, Plumbing(input: null, output: null, errors: null))
                poll(nil, 0, Int32.random(in: 0...60, using: &random))
                child.kill()
                let again = try site.run("init", ["--origin", Site.origin, "--keys", site.keys])
                // It may have been done already.
                #expect(
                    again.code == 0 || again.errors.contains("holds a log already"), "\(again)")
                let appended = try site.append(["--ack"], input: Site.line(0))
                #expect(appended.code == 0 && !appended.lines.isEmpty, "\(appended)")
                try site.expectIntact()
            }
        }
    }
}
