import Crypto

/// A SHA-256 hash of the tree (RFC 6962 §2.1), 32 bytes without allocation.
struct TreeHash: Sendable, Equatable {
    static let byteCount = 32
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// SHA-256 of nothing: the root of the empty tree.
    static var empty: TreeHash { TreeHash(SHA256().finalize()) }

    init(_ digest: SHA256Digest) {
        digest.withUnsafeBytes { source in
            withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: source) }
        }
    }

    /// From 32 bytes; nil for any other count.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// SHA-256(0x00 ‖ line).
    init(leaf line: UnsafeRawBufferPointer) {
        var hasher = SHA256()
        withUnsafeBytes(of: UInt8(0)) { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: line)
        self.init(hasher.finalize())
    }

    /// SHA-256(0x00 ‖ line).
    init(leaf line: [UInt8]) {
        self = line.withUnsafeBytes { TreeHash(leaf: $0) }
    }

    /// SHA-256(0x01 ‖ left ‖ right).
    init(left: TreeHash, right: TreeHash) {
        let both = 2 * Self.byteCount
        self = withUnsafeTemporaryAllocation(byteCount: 1 + both, alignment: 8) { bytes in
            bytes[0] = 1
            // In one piece: each update costs as much as a block.
            for (part, place) in [(left, 1), (right, 1 + Self.byteCount)] {
                withUnsafeBytes(of: part.words) {
                    UnsafeMutableRawBufferPointer(rebasing: bytes[place...]).copyMemory(from: $0)
                }
            }
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            return TreeHash(hasher.finalize())
        }
    }

    /// Of a complete subtree from its leaves or lower subtrees, a power of two of them.
    init(over hashes: [TreeHash]) {
        var level = hashes
        while level.count > 1 {
            level = stride(from: 0, to: level.count - 1, by: 2).map {
                TreeHash(left: level[$0], right: level[$0 + 1])
            }
        }
        self = level.first ?? .empty
    }

    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    static func == (left: TreeHash, right: TreeHash) -> Bool { left.words == right.words }
}
