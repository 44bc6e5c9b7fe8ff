/// A proof that a tree is the beginning of a later one (RFC 6962 §2.1.2).
public struct ConsistencyProof: Sendable {
    /// Events of the earlier tree, and of the later one.
    public let first: UInt64
    /// Events of the later tree.
    public let second: UInt64
    let hashes: [TreeHash]

    init(first: UInt64, second: UInt64, hashes: [TreeHash]) {
        self.first = first
        self.second = second
        self.hashes = hashes
    }

    /// The hashes in order, 32 bytes each.
    public var hashBytes: [[UInt8]] { hashes.map(\.bytes) }

    /// True when the roots, 32 bytes each, belong to one growing tree (RFC 9162 §2.1.4.2).
    public func holds(firstRoot: [UInt8], secondRoot: [UInt8]) -> Bool {
        guard first > 0, first < second else {
            let isEmpty = first == 0 && firstRoot == TreeHash.empty.bytes
            return hashes.isEmpty && (isEmpty || first == second && firstRoot == secondRoot)
                && first <= second
        }
        var rest = hashes[...]
        if first.nonzeroBitCount == 1, let root = TreeHash(firstRoot) {
            rest = [root] + rest
        }
        guard let start = rest.popFirst() else { return false }
        var (position, last) = (first - 1, second - 1)
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
        return last == 0 && earlier.bytes == firstRoot && later.bytes == secondRoot
    }
}
