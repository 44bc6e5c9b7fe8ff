import Testing

@testable import AuditLog

@Suite("Checking proofs far from the log")
struct ProofCheckTests {
    private let log: HandmadeLog
    private let root = SigningKey(name: "auditlog.example/handmade")
    private let later = SigningKey(name: "auditlog.example/handmade")
    private let epochs: [UInt8]

    /// Epoch 0 signs up to 200 events, epoch 1 behind.
    init() throws {
        log = try HandmadeLog(size: 300)
        let certificates = [
            try EpochCertificate.sign(
                epoch: 0, size: 0, root: .empty, key: log.key.verificationKey, by: root),
            try EpochCertificate.sign(
                epoch: 1, size: 200, root: log.edge(200).root, key: later.verificationKey,
                by: log.key),
        ]
        epochs = certificates.flatMap { Array($0.text.utf8) }
    }

    private func newest() throws -> SignedCheckpoint {
        try later.sign(size: 300, root: log.edge(300).root)
    }

    private func proof(_ event: UInt64, _ checkpoint: SignedCheckpoint) throws -> String {
        try TreeReader(log.layout).proof(of: event, in: checkpoint).text
    }

    @Test("The root key with the certificates, and the epoch's key alone, prove the event")
    func proved() throws {
        let text = try proof(5, newest())
        let checks = [
            ProofCheck(key: root.verificationKey, epochs: epochs),
            ProofCheck(key: later.verificationKey, epochs: epochs),
            ProofCheck(key: later.verificationKey, epochs: []),
        ]
        for check in checks {
            for line in [log.lines[5], log.lines[5] + [0x0A]] {
                let verdict = check.inclusion(text, event: line)
                #expect(verdict.exitCode == 0)
                #expect(verdict.proved.first?.contains("event 5 is in the log") == true)
                #expect(!verdict.notProved.isEmpty)
            }
        }
    }

    @Test("Another event, two newlines, another key, no certificates: not proved")
    func refused() throws {
        let text = try proof(5, newest())
        let check = ProofCheck(key: root.verificationKey, epochs: epochs)
        #expect(check.inclusion(text, event: log.lines[6]).exitCode == 2)
        #expect(check.inclusion(text, event: log.lines[5] + [0x0A, 0x0A]).exitCode == 2)
        #expect(check.inclusion(text + "\n", event: log.lines[5]).exitCode == 2)
        let keys = [root.verificationKey, log.key.verificationKey]
        for key in keys {
            let verdict = ProofCheck(key: key, epochs: []).inclusion(text, event: log.lines[5])
            #expect(verdict.exitCode == 2)
        }
        let stranger = SigningKey(name: "auditlog.example/handmade").verificationKey
        let verdict = ProofCheck(key: stranger, epochs: epochs).inclusion(
            text, event: log.lines[5])
        #expect(verdict.exitCode == 2)
        #expect(verdict.proved.isEmpty)
    }

    @Test("The key of an epoch signs no other size, whoever holds it")
    func forwardSecurity() throws {
        let check = ProofCheck(key: root.verificationKey, epochs: epochs)
        // Who holds today's key signs yesterday's tree, and yesterday's key today's.
        for (key, size) in [(later, 200), (log.key, 201)] {
            let forged = try key.sign(size: UInt64(size), root: log.edge(size).root)
            let verdict = check.inclusion(try proof(5, forged), event: log.lines[5])
            #expect(verdict.exitCode == 2)
        }
        let honest = try log.key.sign(size: 200, root: log.edge(200).root)
        #expect(check.inclusion(try proof(5, honest), event: log.lines[5]).exitCode == 0)
    }

    @Test("A log that grew is consistent with the checkpoint kept, another history is not")
    func consistency() throws {
        let check = ProofCheck(key: root.verificationKey, epochs: epochs)
        let kept = try log.key.sign(size: 150, root: log.edge(150).root)
        let text = try TreeReader(log.layout).consistency(from: 150, to: newest()).text
        #expect(check.consistency(text, kept: kept).exitCode == 0)
        let other = try log.key.sign(size: 150, root: log.edge(149).root)
        #expect(check.consistency(text, kept: other).exitCode == 3)
        let shorter = try log.key.sign(size: 149, root: log.edge(149).root)
        #expect(check.consistency(text, kept: shorter).exitCode == 2)
    }

    @Test("Every flipped byte of a proof is found")
    func flipped() throws {
        let text = try proof(5, newest())
        let check = ProofCheck(key: root.verificationKey, epochs: epochs)
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            var altered = bytes
            altered[place] ^= 1
            let verdict = check.inclusion(
                String(decoding: altered, as: UTF8.self), event: log.lines[5])
            #expect(verdict.exitCode == 2, "byte \(place)")
        }
    }
}
