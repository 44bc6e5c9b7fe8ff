import DurableFiles
import Testing

@testable import AuditLog

@Suite("Inclusion and consistency proofs")
struct ProofTests {
    static let sizes = [1, 2, 3, 7, 255, 256, 257, 600, 1_025]

    @Test("A proof is the path RFC 6962 gives, in every size and across segments", arguments: sizes)
    func paths(size: Int) throws {
        let log = try HandmadeLog(size: 1_025, starts: [0, 300, 301, 900])
        let reader = TreeReader(log.layout)
        let checkpoint = try log.checkpoint(size)
        let events = Set(stride(from: 0, to: size, by: 97)).union([0, size / 2, size - 1])
        for event in events.sorted() {
            let proof = try reader.proof(of: UInt64(event), in: checkpoint)
            #expect(proof.hashes == log.path(event, 0, size))
            #expect(proof.holds(forLine: log.lines[event] + [0x0A]))
            #expect(!proof.holds(forLine: log.lines[(event + 1) % 1_025]))
            #expect(InclusionProof(text: proof.text)?.text == proof.text)
        }
        #expect(throws: AuditLogError.self) { try reader.proof(of: UInt64(size), in: checkpoint) }
    }

    @Test("A consistency proof holds between its two roots and no others", arguments: sizes)
    func consistency(size: Int) throws {
        let log = try HandmadeLog(size: 1_025, starts: [0, 300])
        let reader = TreeReader(log.layout)
        let checkpoint = try log.checkpoint(size)
        for earlier in Self.sizes where earlier <= size {
            let root = log.hash(0, earlier).bytes
            let proof = try reader.consistency(
                from: UInt64(earlier), root: root, to: checkpoint)
            #expect(proof.holds(root: root))
            #expect(ConsistencyProof(text: proof.text)?.text == proof.text)
            let other = log.hash(0, earlier == 1 ? 2 : earlier - 1).bytes
            #expect(!proof.holds(root: other))
            let forged = try log.key.sign(size: UInt64(size), root: log.hash(0, 1_024))
            let moved = ConsistencyProof(
                size: proof.size, hashes: proof.hashes, checkpoint: forged)
            #expect(!moved.holds(root: root))
            #expect(throws: AuditLogError.self) {
                try reader.consistency(from: UInt64(earlier), root: other, to: checkpoint)
            }
        }
    }

    @Test("Missing, short or wrong tree files change no proof")
    func treeFiles() throws {
        let log = try HandmadeLog(size: 700)
        let checkpoint = try log.checkpoint(700)
        let expected = log.path(5, 0, 700)
        for bytes in [nil, [], [UInt8](repeating: 7, count: 20), [UInt8](repeating: 7, count: 64)] {
            if let bytes {
                try LogFixture.write(log.layout.tiles(1), bytes)
            } else {
                try DurableFiles.remove(log.layout.tiles(1))
            }
            #expect(try TreeReader(log.layout).proof(of: 5, in: checkpoint).hashes == expected)
        }
    }

    @Test("Missing or misleading hints change no proof")
    func hints() throws {
        let log = try HandmadeLog(size: 700)
        let checkpoint = try log.checkpoint(700)
        let wrong = MemberHint(offset: 0, first: 0).bytes + MemberHint(offset: 9, first: 1).bytes
        for bytes in [[], wrong, MemberHint(offset: 40, first: 10).bytes] {
            try LogFixture.write(log.layout.members(0), bytes)
            let proof = try TreeReader(log.layout).proof(of: 650, in: checkpoint)
            #expect(proof.hashes == log.path(650, 0, 700))
        }
    }

    @Test("An altered event gets no proof under the old checkpoint")
    func altered() throws {
        let log = try HandmadeLog(size: 300)
        let other = try HandmadeLog(size: 301)
        let checkpoint = try log.key.sign(size: 300, root: other.hash(0, 301))
        let error = #expect(throws: AuditLogError.self) {
            try TreeReader(log.layout).proof(of: 5, in: checkpoint)
        }
        #expect(error?.code == .damaged)
    }

    @Test(
        "After retention what remains keeps its proofs, what is gone is named",
        arguments: [1, 100, 255, 256, 257, 300, 511, 512, 513, 700])
    func retention(boundary: Int) throws {
        let log = try HandmadeLog(size: 1_025, starts: [0, boundary])
        try log.retire(0, next: boundary)
        for usesTree in [true, false] {
            if !usesTree { try DurableFiles.remove(log.layout.tiles(1)) }
            let reader = TreeReader(log.layout)
            let checkpoint = try log.checkpoint(1_025)
            for event in [boundary, boundary + 1, boundary + 97, 1_024] {
                let proof = try reader.proof(of: UInt64(event), in: checkpoint)
                #expect(proof.hashes == log.path(event, 0, 1_025))
            }
            let gone = #expect(throws: AuditLogError.self) {
                try reader.proof(of: UInt64(boundary - 1), in: checkpoint)
            }
            #expect(gone?.code == .missing)
            #expect(try reader.root(of: 1_025).bytes == checkpoint.root)
            let consistency = try reader.consistency(
                from: UInt64(boundary), root: log.hash(0, boundary).bytes, to: checkpoint)
            #expect(!consistency.hashes.isEmpty)
        }
    }

    @Test("A live log proves under its published checkpoint")
    func live() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append(LogFixture.drafts(0..<300))
        let checkpoint = try await log.checkpoint()
        _ = try await log.append(LogFixture.drafts(300..<1_500))
        let reader = TreeReader(LogLayout(directory: fixture.log))
        for event in [0, 17, 255, 256, 300] as [UInt64] {
            let proof = try reader.proof(of: event, in: checkpoint)
            #expect(proof.holds(forLine: try reader.line(event)))
        }
        let newest = try await log.checkpoint()
        let proof = try TreeReader(LogLayout(directory: fixture.log)).proof(of: 1_400, in: newest)
        #expect(proof.checkpoint.size == newest.size)
    }
}
