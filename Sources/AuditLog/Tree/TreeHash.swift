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

    /// Lines up to this many bytes are hashed with their prefix in one piece, on the stack.
    private static let shortLine = 1_000

    /// SHA-256(0x00 ‖ line).
    init(leaf line: UnsafeRawBufferPointer) {
        guard line.count > Self.shortLine else {
            self = Self.hash(prefix: 0, line)
            return
        }
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
        self = withUnsafeBytes(of: (left, right)) { Self.hash(prefix: 1, $0) }
    }

    /// In one piece: each update costs as much as a block.
    private static func hash(prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> TreeHash {
        withUnsafeTemporaryAllocation(byteCount: 1 + bytes.count, alignment: 8) { piece in
            piece[0] = prefix
            UnsafeMutableRawBufferPointer(rebasing: piece[1...]).copyMemory(from: bytes)
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(piece))
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
