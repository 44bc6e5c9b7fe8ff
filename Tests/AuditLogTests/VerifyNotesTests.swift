import DurableFiles
import Testing

@testable import AuditLog

/// `checkpoints` grows for years: it is read in pieces.
@Suite("Kept checkpoints, read in pieces")
struct VerifyNotesTests {
    private static let key = SigningKey(name: "auditlog.example/notes")

    private static func note(_ size: UInt64, witnesses: Int = 0) throws -> [UInt8] {
        let note = try key.sign(size: size, root: TreeHash(leaf: [UInt8(size % 251)]))
        var bytes = Array(note.text.utf8)
        let witness = SigningKey(name: "witness.example")
        for _ in 0..<witnesses {
            let text = try witness.sign(size: size, root: .empty).text
            bytes += Array((text.split(separator: "\n").last.map(String.init) ?? "").utf8) + [0x0A]
        }
        return bytes
    }

    private static func file(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let fixture = try LogFixture()
        let path = "\(fixture.root)/notes"
        try LogFixture.write(path, bytes)
        try body(path)
    }

    @Test(
        "Whatever the length of a piece: the same notes at the same bytes, up to the same end",
        arguments: [1, 64, 199, 200, 1_000, 4_096, 1 << 17])
    func pieces(pieceBytes: Int64) throws {
        var generator = SeededGenerator(state: UInt64(pieceBytes))
        let notes = try (0..<24).map { number in
            try Self.note(UInt64(number * 7), witnesses: number % 5 == 3 ? number % 4 : 0)
        }
        for round in 0..<16 {
            var bytes = notes.flatMap { $0 }
            if round % 4 == 1 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 0x41
            }
            if round % 4 == 2 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
            }
            if round % 4 == 3 {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes.replaceSubrange(place..<place, with: [0x0A] + NoteSignature.mark)
            }
            let (whole, end) = SignedCheckpoint.all(in: bytes)
            try Self.file(bytes) { path in
                let file = try NoteFile(path, pieceBytes: pieceBytes)
                var found: [SignedCheckpoint] = []
                var next: Int64 = 0
                try file.forEachCheckpoint { note, byte in
                    #expect(byte == next)
                    found.append(note)
                    next = byte + Int64(note.text.utf8.count)
                }
                #expect(found == whole && next == Int64(end), "round \(round)")
            }
        }
    }

    @Test("The first checkpoint over a size is found by halving")
    func halving() throws {
        let sizes: [UInt64] = (0..<80).map { UInt64($0 / 2 * 10) }
        let notes = try sizes.map { try Self.note($0) }
        try Self.file(notes.flatMap { $0 }) { path in
            let file = try NoteFile(path, pieceBytes: 700)
            for size in stride(from: UInt64(0), to: 410, by: 5) {
                let found = try file.firstCheckpoint(over: size)
                #expect(found?.size == sizes.first { $0 > size })
            }
        }
        try Self.file([]) { path in
            let found = try NoteFile(path).firstCheckpoint(over: 0)
            #expect(found == nil)
        }
    }

    @Test("What goes on for longer than any note is cut: no memory for it, and no note of it")
    func endless() throws {
        let first = try Self.note(5)
        let bytes = first + [UInt8](repeating: 0x20, count: 300_000) + (try Self.note(6))
        try Self.file(bytes) { path in
            let file = try NoteFile(path)
            for number in 0..<file.count {
                let count = try file.piece(number).bytes.count
                #expect(count <= Int(NoteFile.pieceBytes) + NoteFile.noteLimitBytes)
            }
            var sizes: [UInt64] = []
            try file.forEachCheckpoint { note, _ in sizes.append(note.size) }
            #expect(sizes == [5])
        }
    }

    @Test(
        "More kept checkpoints than one file is read of at once: verified, and damage is found there"
    )
    func many() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<3))
        try await log.close()
        let path = "\(fixture.log)/checkpoints"
        let kept = try DurableFiles.read(path)
        let last = Array(try #require(SignedCheckpoint.all(in: kept).notes.last).text.utf8)
        // Enough for several pieces; beyond 64 MiB it is the same, only longer.
        let copies = Int(NoteFile.pieceBytes) * 2 / last.count
        let many = kept + (0..<copies).flatMap { _ in last }
        try LogFixture.write(path, many)
        let report = Verifier(directory: fixture.log, workers: 3).verify()
        #expect(report.isIntact, "\(words(report))")
        for number in [0, copies - 1] {
            var altered = many
            let start = kept.count + number * last.count
            altered[start + last.count - 30] ^= 1
            try LogFixture.write(path, altered)
            let report = Verifier(directory: fixture.log, workers: 2).verify()
            #expect(report.exitCode == 2)
            #expect(
                report.findings.map { "\($0.file) \($0.byte ?? -1)" } == ["checkpoints \(start)"],
                "\(words(report))")
        }
    }
}
