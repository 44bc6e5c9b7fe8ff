/// A proof that a tree is the beginning of that of a checkpoint (RFC 6962 §2.1.2). The text form is
/// the request of C2SP tlog-witness: `old SIZE`, base64 hashes, an empty line, the checkpoint.
public struct ConsistencyProof: Sendable {
    /// Events of the earlier tree.
    public let size: UInt64
    let hashes: [TreeHash]
    /// The later checkpoint; its signature is not checked here.
    public let checkpoint: SignedCheckpoint

    private static let sizeMark = "old "

    init(size: UInt64, hashes: [TreeHash], checkpoint: SignedCheckpoint) {
        self.size = size
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Reads the text form; nil for any other text.
    public init?(text: String) {
        guard let body = ProofText(text), body.head.count == 1,
            let first = body.head.first, first.hasPrefix(Self.sizeMark),
            let size = CheckpointText.number(first.dropFirst(Self.sizeMark.count))
        else { return nil }
        self.init(size: size, hashes: body.hashes, checkpoint: body.checkpoint)
    }

    /// The text form.
    public var text: String {
        ProofText(head: ["\(Self.sizeMark)\(size)"], hashes: hashes, checkpoint: checkpoint).text
    }

    /// True when the tree with this root (32 bytes) is the beginning of the checkpoint's
    /// (RFC 9162 §2.1.4.2).
    public func holds(root: [UInt8]) -> Bool {
        guard size > 0, size < checkpoint.size else {
            let isSame = size == checkpoint.size && root == checkpoint.root
            return hashes.isEmpty && (isSame || size == 0 && root == TreeHash.empty.bytes)
        }
        var rest = hashes[...]
        if size.nonzeroBitCount == 1, let root = TreeHash(root) { rest = [root] + rest }
        guard let start = rest.popFirst() else { return false }
        var (position, last) = (size - 1, checkpoint.size - 1)
        while position & 1 == 1 { (position, last) = (position >> 1, last >> 1) }
        var (earlier, later) = (start, start)
        for sibling in rest {
            if last == 0 { return false }
            if position & 1 == 1 || position == last {
                earlier = TreeHash(left: sibling, right: earlier)
                later = TreeHash(left: sibling, right: later)
                while position & 1 == 0, position != 0 {
                    (position, last) = (position >> 1, last >> 1)
                }
            } else {
                later = TreeHash(left: later, right: sibling)
            }
            (position, last) = (position >> 1, last >> 1)
        }
        return last == 0 && earlier.bytes == root && later.bytes == checkpoint.root
    }
}
