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
    /// A path has at most as many hashes as a number has bits.
    static let hashLimit = 64

    init(index: UInt64, hashes: [TreeHash], checkpoint: SignedCheckpoint) {
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Reads a `.tlog-proof`: first line, `index N`, base64 hashes, an empty line, the checkpoint.
    /// Nil for any other text.
    public init?(text: String) {
        guard let gap = text.range(ofText: "\n\n") else { return nil }
        let lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines.count <= 2 + Self.hashLimit,
            lines[0] == Self.firstLine[...], lines[1].hasPrefix("index "),
            let index = CheckpointText.number(lines[1].dropFirst(6)),
            let checkpoint = try? SignedCheckpoint(text: String(text[gap.upperBound...]))
        else { return nil }
        var hashes: [TreeHash] = []
        for line in lines.dropFirst(2) {
            guard let hash = Base64.decode(line.utf8).flatMap({ TreeHash($0) }) else { return nil }
            hashes.append(hash)
        }
        self.init(index: index, hashes: hashes, checkpoint: checkpoint)
    }

    /// The text form.
    public var text: String {
        let lines = [Self.firstLine, "index \(index)"] + hashes.map { Base64.encode($0.bytes) }
        return lines.joined(separator: "\n") + "\n\n" + checkpoint.text
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
