import DurableFiles
import Testing

@testable import AuditLog

/// Somebody holds every file of the log and today's private key, and tries to change yesterday.
@Suite("Tampering: a thief with today's key")
struct TamperForgeryTests {
    private static let origin = "auditlog.example/test"

    /// Today's key, taken from the host.
    private static func today(_ log: TamperLog) throws -> SigningKey {
        try KeyLayout(directory: log.fixture.keys).readKey(2)
    }

    private static func lines(_ log: TamperLog) throws -> [[UInt8]] {
        try log.fixture.events().map(\.bytes)
    }

    private static func edge(_ lines: some Sequence<[UInt8]>) -> TreeEdge {
        var edge = TreeEdge()
        for line in lines { edge.append(TreeHash(leaf: line)) }
        return edge
    }

    private static func note(_ lines: [[UInt8]], _ size: UInt64, _ key: SigningKey) throws
        -> [UInt8]
    {
        Array(try key.sign(size: size, root: edge(lines.prefix(Int(size))).root).text.utf8)
    }

    /// One member of these lines in the form of a sealed or an open segment.
    private static func member(_ lines: some Sequence<[UInt8]>, _ form: SegmentForm) throws
        -> [UInt8]
    {
        let deflater = try MemberDeflater(form)
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        for line in lines { deflater.add(line + [0x0A], to: &bytes) }
        deflater.finish(&bytes)
        return bytes
    }

    /// Yesterday's events with one changed, sealed again: archive, index and manifest fit together.
    private static func reseal(
        _ log: TamperLog, _ lines: [[UInt8]]
    ) throws -> [String: [UInt8]?] {
        let old = try SegmentManifest(log.bytes(log.name(0, "manifest")))
        let yesterday = lines.prefix(Int(old.next))
        let archive = try member(yesterday, .sealed)
        let index = SegmentIndexBuilder(
            first: 0, fields: try LogDescription(log.bytes("log.json")).indexedFields)
        index.memberBegan(at: 0)
        for line in yesterday { _ = line.withUnsafeBytes { index.line($0) } }
        index.memberEnded(at: Int64(archive.count))
        let indexBytes = index.finish(fileLength: Int64(archive.count))
        let manifest = SegmentManifest(
            origin: old.origin, first: 0, firstTime: old.firstTime, lastTime: old.lastTime,
            bytes: UInt64(archive.count), sha256: sha256Text(archive),
            indexSha256: sha256Text(indexBytes), edge: edge(yesterday))
        return [
            log.name(0, "jsonl.gz"): archive, log.name(0, "index"): indexBytes,
            log.name(0, "manifest"): manifest.encoded,
        ]
    }

    private static func altered(_ lines: [[UInt8]], _ number: Int) throws -> [[UInt8]] {
        var lines = lines
        var event = try Event(line: lines[number])
        event.actor = "badge 8"
        lines[number] = event.bytes
        return lines
    }

    @Test(
        "Sealing yesterday anew is found: the next event binds the old seal, the roots the events")
    func reseals() async throws {
        let log = try await TamperLog()
        let forged = try Self.reseal(log, try Self.altered(try Self.lines(log), 20))
        let report = try log.verify(with: forged)
        #expect(report.exitCode == 2)
        let found = Set(report.findings.map { "\($0.code.rawValue) \($0.file)" })
        #expect(
            found.isSuperset(of: [
                "altered \(log.name(0, "manifest"))", "altered \(log.name(0, "jsonl.gz"))",
                "altered checkpoint", "altered checkpoints", "altered epochs", "derived tree/1",
            ]), "\(words(report))")
    }

    @Test("Signing yesterday's sizes with today's key is found, whatever else is made to fit")
    func resigns() async throws {
        let log = try await TamperLog()
        let key = try Self.today(log)
        let lines = try Self.altered(try Self.lines(log), 20)
        var forged = try Self.reseal(log, lines)
        let sizes = [1, log.starts[1], log.starts[2], UInt64(lines.count)]
        forged["checkpoints"] = try sizes.flatMap { try Self.note(lines, $0, key) }
        forged["checkpoint"] = try Self.note(lines, UInt64(lines.count), key)
        let report = try log.verify(with: forged)
        #expect(report.exitCode == 2)
        let signatures = report.findings.filter { $0.code == .signature }
        #expect(signatures.count == 3 && signatures.allSatisfy { $0.file == "checkpoints" })
        #expect(
            signatures.first?.message
                == "signed with the key of epoch 2; checkpoints over 1 events are signed by "
                + "the key of epoch 0")
        // The certificates of the epochs since are over the old events, and he cannot sign those.
        #expect(report.findings.contains { $0.code == .altered && $0.file == "epochs" })
    }

    @Test("Certificates made anew with today's key break the chain", arguments: [0, 1, 2])
    func recertifies(epoch: Int) async throws {
        let log = try await TamperLog()
        let key = try Self.today(log)
        let lines = try Self.altered(try Self.lines(log), 20)
        var certificates = EpochChain.read(log.bytes("epochs")).certificates.map {
            Array($0.text.utf8)
        }
        for number in epoch..<3 {
            let size = number == 0 ? 0 : log.starts[number]
            let root = Self.edge(lines.prefix(Int(size))).root
            let certificate = try EpochCertificate.sign(
                epoch: UInt64(number), size: size, root: root, key: key.verificationKey, by: key)
            certificates[number] = Array(certificate.text.utf8)
        }
        var forged = try Self.reseal(log, lines)
        forged["epochs"] = certificates.flatMap { $0 }
        forged["checkpoint"] = try Self.note(lines, UInt64(lines.count), key)
        forged["checkpoints"] = forged["checkpoint"]
        let report = try log.verify(with: forged)
        #expect(report.exitCode == 2)
        let place = certificates.prefix(epoch).map(\.count).reduce(0, +)
        #expect(
            report.findings.contains {
                $0.code == .signature && $0.file == "epochs" && $0.byte == Int64(place)
            }, "\(words(report))")
    }

    @Test("A log all made again with another root key is found by the key kept elsewhere alone")
    func secondRoot() async throws {
        let log = try await TamperLog(events: 30)
        let other = try await TamperLog(events: 30)
        #expect(other.verify().isIntact)
        let report = other.verify(key: log.rootKey)
        #expect(report.findings.map(\.code) == [.key] && report.exitCode == 2)
        let kept = String(decoding: log.bytes("checkpoint"), as: UTF8.self)
        #expect(other.verify(since: kept).exitCode == 3)
    }

    @Test("An epoch's key given as the root key is named as what it is")
    func epochKeyGiven() async throws {
        let log = try await TamperLog(events: 30)
        let report = log.verify(key: try Self.today(log).verificationKey.text)
        #expect(report.exitCode == 1)
        #expect(report.obstacle?.contains("epoch 2") == true)
        #expect(log.verify(key: "mistyped").exitCode == 1)
    }

    @Test("The limit: today's events he can write anew; only a checkpoint kept elsewhere convicts")
    func today() async throws {
        let log = try await TamperLog()
        let key = try Self.today(log)
        let start = Int(log.starts[2])
        let kept = String(decoding: log.bytes("checkpoint"), as: UTF8.self)
        let lines = try Self.altered(try Self.lines(log), start + 20)
        let size = UInt64(lines.count)
        let all = SignedCheckpoint.all(in: log.bytes("checkpoints")).notes
        let yesterday = all.filter { $0.size <= log.starts[2] }.flatMap { Array($0.text.utf8) }
        let last = try Self.note(lines, size, key)
        var tree = TreeEdge()
        var tiles: [UInt8] = []
        for line in lines { tree.append(TreeHash(leaf: line)) { tiles += $0 == 1 ? $1.bytes : [] } }
        let forged: [String: [UInt8]?] = [
            log.name(2, "jsonl.gz"): try Self.member(lines[start...], .open),
            log.name(2, "members"): MemberHint(offset: 0, first: log.starts[2]).bytes,
            "checkpoints": yesterday + last, "checkpoint": last, "tree/1": tiles,
        ]
        let report = try log.verify(with: forged)
        #expect(report.isIntact, "\(words(report))")
        #expect(report.notProved.contains { $0.hasPrefix("that nothing later was removed") })
        let convicted = try log.verify(with: forged, since: kept)
        #expect(convicted.exitCode == 3)
        #expect(convicted.conflicts.map(\.code) == [.conflict])
    }
}
