/// Proves that a leaf lies in a signed tree, from the hashes at hand: the edge before it, which the
/// manifest of the segment in front holds, its own tile's leaves behind it, `tree/` and the tree's
/// own right edge. None of them is trusted: their root is compared with the signed one.
struct SealProof {
    /// The leaf's number, and the size of the tree.
    let place: UInt64
    let size: UInt64
    /// Complete subtrees in front of the leaf, largest first.
    let left: [TreeHash]
    /// The edge of the whole tree.
    let right: TreeEdge
    /// The leaf, and those behind it as far as the end of its 256 or of the tree.
    let leaves: [TreeHash]
    /// Hashes of `tree/`: level, index.
    let tile: (Int, UInt64) -> TreeHash?

    /// The root these give; nil when one is missing.
    func root() -> TreeHash? {
        guard place < size, left.count == place.nonzeroBitCount, right.size == size else {
            return nil
        }
        var used = 0
        return node(0, size, &used)
    }

    /// MTH(D[start:end]) of the part that holds the leaf (RFC 6962 §2.1).
    private func node(_ start: UInt64, _ end: UInt64, _ used: inout Int) -> TreeHash? {
        if end - start == 1 { return leaves.first }
        let middle = start + (end - start).split
        if place < middle {
            guard let left = node(start, middle, &used), let right = behind(middle, end) else {
                return nil
            }
            return TreeHash(left: left, right: right)
        }
        // What lies in front of the leaf is, from the top, the edge at its number.
        let left = left[used]
        used += 1
        return node(middle, end, &used).map { TreeHash(left: left, right: $0) }
    }

    /// A part behind the leaf.
    private func behind(_ start: UInt64, _ end: UInt64) -> TreeHash? {
        if end == size {
            let parts = edgeParts.drop { $0.start < start }
            if let first = parts.first, first.start == start {
                let hashes = parts.map(\.hash)
                return hashes.dropLast().reversed().reduce(hashes.last) { right, left in
                    right.map { TreeHash(left: left, right: $0) }
                }
            }
        }
        return complete(start, (end - start).trailingZeroBitCount)
    }

    private var edgeParts: [(start: UInt64, hash: TreeHash)] {
        var start: UInt64 = 0
        return right.hashes.map { hash in
            defer { start += 1 << UInt64((size - start).leadingPower) }
            return (start, hash)
        }
    }

    /// A complete subtree of 2^power leaves behind the leaf.
    private func complete(_ start: UInt64, _ power: Int) -> TreeHash? {
        if power > 0, power % TreeEdge.tilePower == 0,
            let hash = tile(power / TreeEdge.tilePower, start >> UInt64(power))
        {
            return hash
        }
        if power == 0 {
            let index = Int(start - place)
            return index < leaves.count ? leaves[index] : nil
        }
        // Below its own tile there are the leaves; above, only what `tree/` holds.
        if power == TreeEdge.tilePower, start - place >= UInt64(leaves.count) { return nil }
        guard let left = complete(start, power - 1) else { return nil }
        return complete(start + 1 << UInt64(power - 1), power - 1)
            .map { TreeHash(left: left, right: $0) }
    }
}
