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

    /// Cuts every level to what a tree of `size` leaves has.
    func cut(to size: UInt64) throws(FileError) {
        for name in LogLayout.names(in: layout.tree) {
            guard let level = Int(name) else { continue }
            let file = try file(level)
            let length = Self.count(level, size) * Int64(TreeHash.byteCount)
            if file.length > length { try file.truncate(to: length) }
            unsynced.insert(level)
        }
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
        var levels: [Int: [UInt8]] = [:]
        return TreeEdge(size: size) { level, index in
            if levels[level] == nil {
                levels[level] =
                    (try? DurableFiles.read(layout.tiles(level), limit: readLimitBytes)) ?? []
            }
            let start = Int(index) * TreeHash.byteCount
            guard let bytes = levels[level], bytes.count >= start + TreeHash.byteCount else {
                return nil
            }
            return TreeHash(bytes[start..<start + TreeHash.byteCount])
        }
    }
}
