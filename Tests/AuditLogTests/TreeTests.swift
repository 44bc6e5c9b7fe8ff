import Testing

@testable import AuditLog

@Suite("The tree")
struct TreeTests {
    /// RFC 6962 §2.1, word for word.
    static func naiveRoot(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
        guard let first = leaves.first else { return .empty }
        if leaves.count == 1 { return first }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return TreeHash(
            left: naiveRoot(leaves[..<middle]), right: naiveRoot(leaves[middle...]))
    }

    static let leaves = (0..<70_000).map { TreeHash(leaf: Array("leaf \($0)".utf8)) }

    @Test("Roots of sizes 0 to 600 are those of the definition")
    func allSizes() {
        var edge = TreeEdge()
        #expect(edge.root == .empty)
        for size in 1...600 {
            edge.append(Self.leaves[size - 1])
            #expect(edge.root == Self.naiveRoot(Self.leaves[..<size]), "size \(size)")
        }
    }

    @Test(
        "The edge made from kept hashes is the edge of the leaves",
        arguments: [
            0, 256, 512, 768, 25_600, 65_280, 65_536, 65_792, 69_888,
        ])
    func edgeFromTiles(size: Int) throws {
        var tiles: [Int: [TreeHash]] = [:]
        var whole = TreeEdge()
        for leaf in Self.leaves[..<size] {
            whole.append(leaf) { tiles[$0, default: []].append($1) }
        }
        var edge = try #require(
            TreeEdge(size: UInt64(size)) { level, index in tiles[level]?[Int(index)] })
        #expect(edge.root == whole.root)
        for leaf in Self.leaves[size..<min(size + 300, Self.leaves.count)] {
            edge.append(leaf)
            whole.append(leaf)
        }
        #expect(edge.root == whole.root)
        #expect(whole.root == Self.naiveRoot(Self.leaves[..<Int(whole.size)]))
    }

    @Test("Whole subtrees and leaves give the same edge, however it was reached")
    func edgesCompared() throws {
        var tiles: [TreeHash] = []
        var byLeaf = TreeEdge()
        var fromTiles = TreeEdge()
        var completed: [String] = []
        for leaf in Self.leaves.prefix(66_300) {
            byLeaf.append(leaf) { level, hash in
                if level == 1 { tiles.append(hash) }
                completed.append("\(level) \(hash.bytes)")
            }
            // Made from its own hashes: none of the entries that no longer count are there.
            if byLeaf.size % 1_000 == 17 {
                #expect(TreeEdge(size: byLeaf.size, hashes: byLeaf.hashes) == byLeaf)
            }
        }
        var again: [String] = []
        for tile in tiles { fromTiles.append(tile: tile) { again.append("\($0) \($1.bytes)") } }
        for leaf in Self.leaves[tiles.count * 256..<66_300] { fromTiles.append(leaf) }
        #expect(fromTiles == byLeaf && again == completed)
        fromTiles.append(Self.leaves[0])
        #expect(fromTiles != byLeaf)
    }

    @Test("A missing kept hash gives no edge")
    func missingTile() {
        #expect(TreeEdge(size: 512) { _, _ in nil } == nil)
    }
}
