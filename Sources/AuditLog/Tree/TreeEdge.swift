/// The right edge of the tree: one hash for every complete subtree in the binary form of the size.
/// All that a writer needs in memory, at most 64 hashes.
struct TreeEdge: Sendable, Equatable {
    /// Leaves of a subtree kept in `tree/1`; its power is 8, of `tree/2` 16, and so on.
    static let tileLeaves: UInt64 = 256
    static let tilePower = 8

    private(set) var size: UInt64 = 0
    /// By power of two; the entry at `power` counts only when that bit of `size` is set.
    private var subtrees: [TreeHash] = []

    init() {}

    /// The edge at a multiple of 256 from the kept hashes: `tiles(level, index)`, level from 1. Nil
    /// when one of them is missing.
    init?(size: UInt64, tiles: (_ level: Int, _ index: UInt64) -> TreeHash?) {
        guard size % Self.tileLeaves == 0 else { return nil }
        self.size = size
        var power = 0
        while power < 64, size >> UInt64(power) > 0 {
            var hash = TreeHash.empty
            if size >> UInt64(power) & 1 == 1 {
                let start = (size >> UInt64(power + 1)) << UInt64(power + 1)
                guard let subtree = Self.subtree(start, power, tiles) else { return nil }
                hash = subtree
            }
            subtrees.append(hash)
            power += 1
        }
    }

    /// The edge of `size` leaves from the hashes of its complete subtrees, largest first; nil when
    /// their number does not fit.
    init?(size: UInt64, hashes: [TreeHash]) {
        guard hashes.count == size.nonzeroBitCount else { return nil }
        self.size = size
        var next = hashes.count
        for power in 0..<(64 - size.leadingZeroBitCount) {
            let isSet = size >> UInt64(power) & 1 == 1
            if isSet { next -= 1 }
            subtrees.append(isSet ? hashes[next] : .empty)
        }
    }

    /// Hashes of the complete subtrees, largest first.
    var hashes: [TreeHash] {
        subtrees.indices.reversed().filter { size >> UInt64($0) & 1 == 1 }.map { subtrees[$0] }
    }

    /// Entries of `subtrees` that do not count may be left from a smaller tree.
    static func == (left: TreeEdge, right: TreeEdge) -> Bool {
        left.size == right.size && left.hashes == right.hashes
    }

    private static func subtree(
        _ start: UInt64, _ power: Int, _ tiles: (Int, UInt64) -> TreeHash?
    ) -> TreeHash? {
        if power % tilePower == 0 { return tiles(power / tilePower, start >> UInt64(power)) }
        guard let left = subtree(start, power - 1, tiles),
            let right = subtree(start + 1 << UInt64(power - 1), power - 1, tiles)
        else { return nil }
        return TreeHash(left: left, right: right)
    }

    /// Adds a leaf; `completed(level, hash)` is told of every complete 256-subtree of `tree/level`.
    mutating func append(_ leaf: TreeHash, completed: (Int, TreeHash) -> Void) {
        var hash = leaf
        var power = 0
        while size >> UInt64(power) & 1 == 1 {
            hash = TreeHash(left: subtrees[power], right: hash)
            power += 1
            if power % Self.tilePower == 0 { completed(power / Self.tilePower, hash) }
        }
        if power < subtrees.count { subtrees[power] = hash } else { subtrees.append(hash) }
        size += 1
    }

    mutating func append(_ leaf: TreeHash) { append(leaf) { _, _ in } }

    /// Adds a complete subtree of 256 leaves; only where the size is a multiple of 256.
    mutating func append(tile: TreeHash, completed: (Int, TreeHash) -> Void) {
        var hash = tile
        var power = Self.tilePower
        completed(1, hash)
        while size >> UInt64(power) & 1 == 1 {
            hash = TreeHash(left: subtrees[power], right: hash)
            power += 1
            if power % Self.tilePower == 0 { completed(power / Self.tilePower, hash) }
        }
        while subtrees.count <= power { subtrees.append(hash) }
        subtrees[power] = hash
        size += Self.tileLeaves
    }

    /// The root over everything appended (RFC 6962 §2.1).
    var root: TreeHash {
        var root: TreeHash?
        for power in subtrees.indices where size >> UInt64(power) & 1 == 1 {
            root = root.map { TreeHash(left: subtrees[power], right: $0) } ?? subtrees[power]
        }
        return root ?? .empty
    }
}
