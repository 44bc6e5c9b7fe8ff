/// An inclusion proof (RFC 6962 §2.1.1; the text form is C2SP tlog-proof).
struct InclusionProof: Sendable {
    var index: UInt64
    /// From the leaf's side to the root's.
    var hashes: [TreeHash]
    /// The checkpoint that came with it.
    var checkpoint: SignedCheckpoint

    static let firstLine = "c2sp.org/tlog-proof@v1"

    /// Reads a `.tlog-proof`: first line, `index N`, base64 hashes, an empty line, the checkpoint.
    init?(text: String) {
        guard let gap = text.range(ofText: "\n\n") else { return nil }
        let lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines[0] == Self.firstLine[...], lines[1].hasPrefix("index "),
            let index = CheckpointText.number(lines[1].dropFirst(6)),
            let checkpoint = try? SignedCheckpoint(text: String(text[gap.upperBound...]))
        else { return nil }
        var hashes: [TreeHash] = []
        for line in lines.dropFirst(2) {
            guard let hash = Base64.decode(line.utf8).flatMap({ TreeHash($0) }) else { return nil }
            hashes.append(hash)
        }
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
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

extension StringProtocol {
    /// The first place of a text; nil when it is not there.
    func range(ofText needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) {
                return start..<index(start, offsetBy: needle.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
