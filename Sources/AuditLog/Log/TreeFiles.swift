import DurableFiles

/// `tree/1`, `tree/2` …: bare hashes of complete subtrees of 256 leaves, 65,536 leaves, and up.
/// Derived data: a wrong or missing one is made anew from the events.
final class TreeFiles {
    private let layout: LogLayout
    private let files: any LogFiles
    private var opened: [Int: any LogFile] = [:]
    private var waiting: [Int: [UInt8]] = [:]
    private var unsynced: Set<Int> = []

    init(_ layout: LogLayout, _ files: any LogFiles) {
        self.layout = layout
        self.files = files
    }

    func add(_ level: Int, _ hash: TreeHash) { waiting[level, default: []] += hash.bytes }

    /// Drops what was added and not yet written.
    func forget() { waiting.removeAll() }

    /// Cuts every level to what a tree of `size` leaves has. A level overlooked here would keep hashes
    /// that are then written a second time, so a folder that cannot be listed stops us.
    func cut(to size: UInt64) throws(FileError) {
        for name in try LogLayout.list(layout.tree) {
            guard let level = Int(name) else { continue }
            let file = try file(level)
            let length = Self.count(level, size) * Int64(TreeHash.byteCount)
            if file.length > length { try file.truncate(to: length) }
            unsynced.insert(level)
        }
    }

    /// Makes every level what a tree of `size` leaves has and, behind it, what was added.
    func bring(from size: UInt64) throws(FileError) {
        for name in try LogLayout.list(layout.tree) {
            guard let level = Int(name), waiting[level] == nil else { continue }
            waiting[level] = []
        }
        for (level, bytes) in waiting {
            let offset = Self.count(level, size) * Int64(TreeHash.byteCount)
            try file(level).bring(bytes, from: offset, at: layout.tiles(level))
            unsynced.insert(level)
        }
        waiting.removeAll(keepingCapacity: true)
    }

    func write() throws(FileError) {
        for (level, bytes) in waiting {
            try file(level).append(bytes)
            unsynced.insert(level)
        }
        waiting.removeAll(keepingCapacity: true)
    }

    func sync() throws(FileError) {
        for level in unsynced { try file(level).sync() }
        unsynced.removeAll(keepingCapacity: true)
    }

    private func file(_ level: Int) throws(FileError) -> any LogFile {
        if let file = opened[level] { return file }
        let file = try files.open(layout.tiles(level))
        opened[level] = file
        return file
    }

    /// Complete subtrees of a level in a tree of `size` leaves.
    static func count(_ level: Int, _ size: UInt64) -> Int64 {
        let power = level * TreeEdge.tilePower
        return power < 64 ? Int64(size >> UInt64(power)) : 0
    }

    /// The edge at `size` from the files; nil when they do not reach.
    static func edge(_ layout: LogLayout, size: UInt64) -> TreeEdge? {
        let kept = KeptHashes(layout)
        return TreeEdge(size: size) { kept.hashes($0, from: $1, count: 1)?.first }
    }

    /// True when every hash over 256 others that was completed between two sizes is the one over
    /// them: a power loss may have kept it and lost them, since neither was synced yet.
    static func agree(_ layout: LogLayout, from: UInt64, to size: UInt64) -> Bool {
        let kept = KeptHashes(layout)
        var level = 2
        while count(level, size) > 0 {
            for index in UInt64(count(level, from))..<UInt64(count(level, size)) {
                let first = index * TreeEdge.tileLeaves
                guard let parent = kept.hashes(level, from: index, count: 1)?.first,
                    let children = kept.hashes(
                        level - 1, from: first, count: Int(TreeEdge.tileLeaves)),
                    TreeHash(over: children) == parent
                else { return false }
            }
            level += 1
        }
        return true
    }
}

/// Reads hashes of `tree/` by place.
private final class KeptHashes {
    private let layout: LogLayout
    private var files: [Int: RangeFile] = [:]

    init(_ layout: LogLayout) { self.layout = layout }

    /// `count` hashes of a level from an index on; nil when the file does not reach.
    func hashes(_ level: Int, from index: UInt64, count: Int) -> [TreeHash]? {
        if files[level] == nil { files[level] = try? RangeFile(layout.tiles(level)) }
        var bytes = [UInt8](repeating: 0, count: count * TreeHash.byteCount)
        let offset = Int64(index) * Int64(TreeHash.byteCount)
        guard let file = files[level], let got = try? file.read(&bytes, from: offset),
            got == bytes.count
        else { return nil }
        return stride(from: 0, to: bytes.count, by: TreeHash.byteCount).compactMap {
            TreeHash(bytes[$0..<$0 + TreeHash.byteCount])
        }
    }
}
