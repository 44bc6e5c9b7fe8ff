public import OrderedJSON

/// What checking a proof came to, in plain words. A result, not an error.
public struct ProofVerdict: Sendable {
    /// What was proved.
    public internal(set) var proved: [String] = []
    /// What was not, and why.
    public internal(set) var notProved: [String] = []
    /// What is wrong; nothing is proved then.
    public internal(set) var findings: [Finding] = []
    /// True when the log contradicts a checkpoint kept elsewhere.
    public internal(set) var isInconsistent = false

    /// 0 proved, 2 altered, 3 inconsistent with the checkpoint kept.
    public var exitCode: Int32 { findings.isEmpty ? 0 : isInconsistent ? 3 : 2 }

    /// The verdict as lines for people.
    public var lines: [String] {
        findings.map { "finding: \($0.place): \($0.message)" } + proved.map { "proved: \($0)" }
            + notProved.map { "not proved: \($0)" }
    }

    /// The verdict as JSON.
    public var json: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        let found: [JSONValue] = findings.map {
            ["place": .string($0.place), "message": .string($0.message)]
        }
        return [
            "holds": .boolean(exitCode == 0), "exitCode": .number(String(exitCode)),
            "findings": .array(found), "proved": list(proved), "notProved": list(notProved),
        ]
    }

    static func refused(
        _ place: String, _ message: String, inconsistent: Bool = false
    ) -> ProofVerdict {
        var verdict = ProofVerdict()
        verdict.findings = [Finding(place: place, message: message)]
        verdict.isInconsistent = inconsistent
        return verdict
    }
}

/// Checks proofs far from the log: with a key kept elsewhere and nothing but the files given.
public struct ProofCheck: Sendable {
    private let key: VerificationKey
    private let epochs: [UInt8]

    /// - Parameters:
    ///   - key: the root key, or that of the epoch that signed.
    ///   - epochs: the bytes of the log's `epochs`, needed with the root key; else empty.
    public init(key: VerificationKey, epochs: [UInt8]) {
        self.key = key
        self.epochs = epochs
    }

    /// Is this line, with or without its newline, the event that the proof names?
    public func inclusion(_ text: String, event line: [UInt8]) -> ProofVerdict {
        guard let proof = InclusionProof(text: text) else {
            return .refused("the proof", "not a tlog-proof in its one form")
        }
        if let refusal = refusal(of: proof.checkpoint) { return refusal }
        let bytes = line.last == 0x0A ? Array(line.dropLast()) : line
        guard proof.holds(for: TreeHash(leaf: bytes)) else {
            return .refused(
                "the event",
                "not event \(proof.index) of the log, or the proof was altered")
        }
        let size = proof.checkpoint.size
        var verdict = ProofVerdict()
        verdict.proved.append(
            "event \(proof.index) is in the log \(proof.checkpoint.origin), exactly these "
                + "\(bytes.count) bytes, among \(size) events signed by \(signer(proof.checkpoint))"
        )
        verdict.notProved = [
            "that the event tells the truth",
            "that whoever holds the signing key showed everybody the same log: compare the "
                + "checkpoint with one kept elsewhere",
        ]
        return verdict
    }

    /// Do the first events of the later log still have the root of a checkpoint kept elsewhere?
    public func consistency(_ text: String, kept: SignedCheckpoint) -> ProofVerdict {
        guard let proof = ConsistencyProof(text: text) else {
            return .refused("the proof", "not a consistency proof in its one form")
        }
        for checkpoint in [proof.checkpoint, kept] {
            if let refusal = refusal(of: checkpoint) { return refusal }
        }
        guard proof.size == kept.size else {
            return .refused(
                "the proof", "starts at \(proof.size) events, the checkpoint kept has \(kept.size)")
        }
        guard proof.holds(root: kept.root) else {
            return .refused(
                "the proof",
                "the \(proof.checkpoint.size) events do not begin with the \(kept.size) signed "
                    + "before",
                inconsistent: true)
        }
        var verdict = ProofVerdict()
        verdict.proved.append(
            "the log \(kept.origin) of \(proof.checkpoint.size) events, signed by "
                + "\(signer(proof.checkpoint)), begins with the \(kept.size) events of the "
                + "checkpoint kept")
        verdict.notProved = ["that the events tell the truth"]
        return verdict
    }

    private func signer(_ checkpoint: SignedCheckpoint) -> String {
        (try? NoteTrust(key, epochs: epochs).signer(of: checkpoint)) ?? "nobody"
    }

    private func refusal(of checkpoint: SignedCheckpoint) -> ProofVerdict? {
        do throws(AuditLogError) {
            if try NoteTrust(key, epochs: epochs).signer(of: checkpoint) != nil { return nil }
        } catch {
            return .refused("the epoch certificates", error.message)
        }
        let remedy =
            epochs.isEmpty ? "; with the root key the epoch certificates are needed too" : ""
        return .refused(
            "the checkpoint of \(checkpoint.size) events",
            "not signed by the key given, nor by one it leads to\(remedy)")
    }
}
