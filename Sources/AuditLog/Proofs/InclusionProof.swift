/// A proof that one event lies under a checkpoint (RFC 6962 §2.1.1; the text form is C2SP
/// tlog-proof).
public struct InclusionProof: Sendable {
    /// Number of the event.
    public internal(set) var index: UInt64
    /// From the leaf's side to the root's.
    var hashes: [TreeHash]
    /// The checkpoint that came with it; its signature is not checked here.
    public internal(set) var checkpoint: SignedCheckpoint

    static let firstLine = "c2sp.org/tlog-proof@v1"
    private static let indexMark = "index "

    init(index: UInt64, hashes: [TreeHash], checkpoint: SignedCheckpoint) {
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Reads a `.tlog-proof`: first line, `index N`, base64 hashes, an empty line, the checkpoint.
    /// Nil for any other text.
    public init?(text: String) {
        guard let body = ProofText(text), body.head.count == 2, body.head[0] == Self.firstLine,
            body.head[1].hasPrefix(Self.indexMark),
            let index = CheckpointText.number(body.head[1].dropFirst(Self.indexMark.count))
        else { return nil }
        self.init(index: index, hashes: body.hashes, checkpoint: body.checkpoint)
    }

    /// The text form.
    public var text: String {
        let head = [Self.firstLine, "\(Self.indexMark)\(index)"]
        return ProofText(head: head, hashes: hashes, checkpoint: checkpoint).text
    }

    /// True when the line, with or without its newline, is the event that is proved.
    public func holds(forLine line: [UInt8]) -> Bool {
        let bytes = line.last == 0x0A ? Array(line.dropLast()) : line
        return holds(for: TreeHash(leaf: bytes))
    }

    /// True when the leaf is in the tree of the checkpoint (RFC 9162 §2.1.3.2).
    func holds(for leaf: TreeHash) -> Bool {
        guard index < checkpoint.size else { return false }
        var position = index
        var last = checkpoint.size - 1
        var hash = leaf
        for sibling in hashes {
            if last == 0 { return false }
            if position & 1 == 1 || position == last {
                hash = TreeHash(left: sibling, right: hash)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash(left: hash, right: sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && hash.bytes == checkpoint.root
    }
}
