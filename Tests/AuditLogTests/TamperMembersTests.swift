import DurableFiles
import Testing

@testable import AuditLog

@Suite("Tampering: members and segments")
struct TamperMembersTests {
    /// Segments of three members and a half.
    private static func log() async throws -> TamperLog { try await TamperLog(events: 2_200) }

    private static func pieces(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let starts = try TamperLog.members(bytes)
        return starts.indices.map { number in
            Array(
                bytes[
                    starts[number]..<(number + 1 < starts.count ? starts[number + 1] : bytes.count)]
            )
        }
    }

    private static func empty(_ form: SegmentForm) throws -> [UInt8] {
        let deflater = try MemberDeflater(form)
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        deflater.finish(&bytes)
        return bytes
    }

    private static func expect(
        _ report: VerificationReport, _ log: TamperLog, _ segment: Int, _ message: String,
        _ what: String
    ) {
        #expect(report.exitCode == 2, "\(what)")
        #expect(
            report.findings.contains {
                $0.file == log.name(segment, "jsonl.gz") && $0.code == .damaged
                    && $0.message.contains(message)
            }, "segment \(segment), \(what): \(words(report))")
        // The other segments still stand: their seals and the later signatures prove them.
        for other in 0..<2 where other != segment {
            #expect(
                segment == 2
                    || report.proved.contains { $0.contains(log.name(other, "jsonl.gz")) },
                "segment \(segment), \(what): \(words(report))")
        }
    }

    @Test("A member dropped, doubled, swapped or of somebody else's making is found in its segment")
    func members() async throws {
        let log = try await Self.log()
        for segment in 0..<3 {
            let file = log.name(segment, "jsonl.gz")
            let members = try Self.pieces(log.bytes(file))
            #expect(members.count > 2)
            for number in members.indices {
                var dropped = members
                dropped.remove(at: number)
                let report = try log.verify(with: [file: dropped.flatMap { $0 }])
                let isLast = number == members.count - 1
                Self.expect(
                    report, log, segment, isLast ? "ends too early" : "was expected", "dropped")
                var doubled = members
                doubled.insert(members[number], at: number)
                Self.expect(
                    try log.verify(with: [file: doubled.flatMap { $0 }]), log, segment,
                    "another line is there", "doubled")
                guard !isLast else { continue }
                var swapped = members
                swapped.swapAt(number, number + 1)
                Self.expect(
                    try log.verify(with: [file: swapped.flatMap { $0 }]), log, segment,
                    "another line is there", "swapped")
            }
        }
    }

    @Test("Zeros, an empty member, a member of the other form are found, with the byte")
    func hidden() async throws {
        let log = try await Self.log()
        for segment in 0..<2 {
            let file = log.name(segment, "jsonl.gz")
            let bytes = log.bytes(file)
            let zeros = try log.verify(with: [file: bytes + [0, 0, 0]])
            Self.expect(zeros, log, segment, "not a member header", "zeros")
            let hidden = try log.verify(with: [file: bytes + (try Self.empty(.sealed))])
            Self.expect(hidden, log, segment, "an empty member", "an empty member")
            var header = bytes
            header[8] = 0
            let other = try log.verify(with: [file: header])
            Self.expect(other, log, segment, "not a member header", "header of another level")
            #expect(other.findings.first?.byte.map { $0 <= 10 } == true)
        }
    }

    @Test("Two segments swapped are both found, the third stands")
    func segments() async throws {
        let log = try await Self.log()
        let report = try log.verify(with: [
            log.name(0, "jsonl.gz"): log.bytes(log.name(1, "jsonl.gz")),
            log.name(1, "jsonl.gz"): log.bytes(log.name(0, "jsonl.gz")),
        ])
        let found = report.findings.map { "\($0.code.rawValue) \($0.file)" }
        #expect(
            found == [
                "damaged \(log.name(0, "jsonl.gz"))", "damaged \(log.name(1, "jsonl.gz"))",
            ], "\(words(report))")
        #expect(report.proved.contains { $0.contains(log.name(2, "jsonl.gz")) }, "\(words(report))")
    }

    @Test("A sealed segment compressed again with the same events is not the file that was sealed")
    func recompressed() async throws {
        let log = try await TamperLog(events: 30)
        let file = log.name(1, "jsonl.gz")
        let lines = try log.fixture.events().map(\.bytes)
        let deflater = try MemberDeflater(.sealed)
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        for line in lines[Int(log.starts[1])..<Int(log.starts[2])] {
            deflater.add(line + [0x0A], to: &bytes)
            deflater.flush(&bytes)
        }
        deflater.finish(&bytes)
        let report = try log.verify(with: [file: bytes])
        let found = Set(report.findings.map { "\($0.code.rawValue) \($0.file)" })
        #expect(
            found == ["altered \(file)", "derived \(log.name(1, "index"))"], "\(words(report))")
    }

    @Test("Behind a damaged member of the open segment, what tree/ and hints lead to is proved")
    func behindDamage() async throws {
        let log = try await Self.log()
        let file = log.name(2, "jsonl.gz")
        let hints = MemberHint.parse(log.bytes(log.name(2, "members")))
        try #require(hints.count > 2)
        let size = log.verify().size
        for number in hints.indices {
            var bytes = log.bytes(file)
            let end = number + 1 < hints.count ? Int(hints[number + 1].offset) : bytes.count
            bytes[(Int(hints[number].offset) + end) / 2] ^= 0x20
            let report = try log.verify(with: [file: bytes])
            #expect(report.exitCode == 2)
            let told = report.proved.filter { $0.contains("behind the damage") }
            guard number + 1 < hints.count else {
                #expect(told.isEmpty, "\(words(report))")
                continue
            }
            let next = hints[number + 1].first
            #expect(
                told.first?.hasPrefix("events \(next) to \(size - 1) of \(file)") == true,
                "\(words(report))")
            if number > 0 { continue }
            // Nothing is claimed by hashes or hints that are not right, nor without them.
            var tree = log.bytes("tree/1")
            tree[Int(next / TreeEdge.tileLeaves - 1) * TreeHash.byteCount] ^= 1
            for altered: [String: [UInt8]?] in [
                ["tree/1": tree], ["tree/1": nil], [log.name(2, "members"): nil],
            ] {
                let report = try log.verify(with: altered.merging([file: bytes]) { $1 })
                #expect(report.exitCode == 2)
                #expect(
                    !report.proved.contains { $0.contains("behind the damage") }, "\(words(report))"
                )
            }
        }
    }

    @Test("A whole older state is consistent in itself; a checkpoint kept elsewhere finds it")
    func rolledBack() async throws {
        let log = try await TamperLog(events: 30)
        let old = try log.fixture.copy()
        let writer = try await log.fixture.open()
        _ = try await writer.append(LogFixture.drafts(0..<3))
        try await writer.close()
        let kept = try AuditReader(directory: log.fixture.log).publishedCheckpoint().text
        #expect(Verifier(directory: old.log, key: log.rootKey).verify().isIntact)
        let report = Verifier(directory: old.log, key: log.rootKey, since: kept).verify()
        #expect(report.exitCode == 3 && report.findings.isEmpty, "\(words(report))")
    }
}
