/// Puts what the workers read together, in order: the tree, its root wherever a signature is over
/// it, and the kept hashes against it.
struct EventWalk {
    /// The tree so far.
    private(set) var edge: TreeEdge
    /// Roots at the sizes asked for, as far as the events give them.
    private(set) var roots: RootsAtSizes
    private var tiles: TileComparison?

    init(from edge: TreeEdge, roots: RootsAtSizes, tiles: TileComparison) {
        self.edge = edge
        self.roots = roots
        self.tiles = tiles
        note()
    }

    /// A copy to try what follows on, without comparing it with files.
    var trial: EventWalk {
        var copy = self
        copy.tiles = nil
        return copy
    }

    /// Adds events that follow on those before.
    mutating func add(_ result: UnitReading) {
        for leaf in result.headLeaves { add(leaf) }
        var partials = result.partials[...]
        for tile in result.tiles {
            let end = edge.size + TreeEdge.tileLeaves
            while let partial = partials.first, partial.size <= end {
                if partial.size < end { note(partial.size, partial.hashes) }
                partials.removeFirst()
            }
            let index = edge.size
            edge.append(tile: tile) { tiles?.expect($0, index >> Self.power($0), $1) }
            note()
        }
        for leaf in result.tailLeaves { add(leaf) }
    }

    /// Goes on behind events that cannot be read, from the tree a manifest gives.
    mutating func jump(to edge: TreeEdge) {
        self.edge = edge
        note()
    }

    /// The root of a removed segment's end is known from its manifest.
    mutating func know(_ edge: TreeEdge) {
        if roots.contains(edge.size) { roots[edge.size] = edge.root }
    }

    private mutating func add(_ leaf: TreeHash) {
        let index = edge.size
        edge.append(leaf) { tiles?.expect($0, index >> Self.power($0), $1) }
        note()
    }

    private mutating func note() { know(edge) }

    /// The root inside a tile: the tree before it, and the subtrees of its first leaves.
    private mutating func note(_ size: UInt64, _ hashes: [TreeHash]) {
        roots[size] = TreeEdge(size: size, hashes: edge.hashes + hashes)?.root
    }

    private static func power(_ level: Int) -> UInt64 { UInt64(level * TreeEdge.tilePower) }
}
