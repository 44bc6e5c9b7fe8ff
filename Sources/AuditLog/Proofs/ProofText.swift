/// What the text forms of proofs share: a head, base64 hashes a line each, an empty line, the
/// checkpoint.
struct ProofText {
    /// The most lines of a head.
    private static let headLimit = 2
    /// A path has at most as many hashes as a number has bits, a consistency proof one more.
    private static let hashLimit = 65

    var head: [String]
    var hashes: [TreeHash]
    var checkpoint: SignedCheckpoint

    init(head: [String], hashes: [TreeHash], checkpoint: SignedCheckpoint) {
        self.head = head
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Lines up to the first that is the base64 of a hash are the head; nil for any other form.
    init?(_ text: String) {
        var lines = NoteLines(bytes: Array(text.utf8), index: 0)
        var head: [String] = []
        var hashes: [TreeHash] = []
        while let line = lines.next(), !line.isEmpty {
            if let hash = Base64.decode(line.utf8).flatMap({ TreeHash($0) }) {
                hashes.append(hash)
            } else if hashes.isEmpty {
                head.append(line)
            } else {
                return nil
            }
            if head.count > Self.headLimit || hashes.count > Self.hashLimit { return nil }
        }
        let rest = lines.bytes[lines.index...]
        guard let checkpoint = try? SignedCheckpoint(text: String(decoding: rest, as: UTF8.self))
        else { return nil }
        self.init(head: head, hashes: hashes, checkpoint: checkpoint)
        guard self.text == text else { return nil }
    }

    var text: String {
        let lines = head + hashes.map { Base64.encode($0.bytes) }
        return lines.joined(separator: "\n") + "\n\n" + checkpoint.text
    }
}
