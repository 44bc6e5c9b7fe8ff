import DurableFiles

/// Everything under the published checkpoint as C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]`,
/// `tile/entries/<N>[.p/<W>]`, `checkpoint`.
struct TilesExport {
    private static let progressEveryEvents: UInt64 = 65_536
    private let directory: String

    init(directory: String) { self.directory = directory }

    private struct Enough: Error {}

    /// Returns the number of events.
    func write(to folder: String, _ progress: (UInt64) -> Void) throws -> UInt64 {
        let checkpoint = try LogProofs(directory: directory).publishedCheckpoint()
        let follower = try LogFollower(directory: directory)
        guard follower.next == 0 else {
            throw AuditLogError(
                .missing, "tiles need every event; the oldest were removed after their time")
        }
        let tiles = TileWriter(folder: folder)
        do {
            try follower.poll { line in
                if tiles.edge.size == checkpoint.size { throw Enough() }
                try tiles.append(line)
                if tiles.edge.size % Self.progressEveryEvents == 0 { progress(tiles.edge.size) }
            }
        } catch is Enough {}
        try tiles.finish()
        guard tiles.edge.size == checkpoint.size, tiles.edge.root.bytes == checkpoint.root else {
            throw AuditLogError(
                .damaged, "the events do not lead to the root of the checkpoint; run verify")
        }
        try DurableFiles.writeUnsynced("\(folder)/checkpoint", Array(checkpoint.text.utf8))
        return checkpoint.size
    }
}

/// Writes tiles as they fill; keeps one of each level in memory.
final class TileWriter {
    private static let tileHashes = Int(TreeEdge.tileLeaves)
    private let folder: String
    private var levels: [(bytes: [UInt8], hashes: Int, full: UInt64)] = []
    private var entries: [UInt8] = []
    private var folders: Set<String> = []
    private(set) var edge = TreeEdge()

    init(folder: String) { self.folder = folder }

    func append(_ line: [UInt8]) throws {
        // u16 big-endian; a line is at most 65,535 bytes.
        entries += [UInt8(truncatingIfNeeded: line.count >> 8), UInt8(line.count & 255)]
        entries += line
        var completed: [(Int, TreeHash)] = []
        let leaf = TreeHash(leaf: line)
        edge.append(leaf) { completed.append(($0, $1)) }
        try add(leaf, level: 0)
        for (level, hash) in completed { try add(hash, level: level) }
    }

    private func add(_ hash: TreeHash, level: Int) throws {
        if level == levels.count { levels.append(([], 0, 0)) }
        levels[level].bytes += hash.bytes
        levels[level].hashes += 1
        guard levels[level].hashes == Self.tileHashes else { return }
        let number = Self.path(levels[level].full)
        try write("tile/\(level)/\(number)", levels[level].bytes)
        if level == 0 {
            try write("tile/entries/\(number)", entries)
            entries.removeAll(keepingCapacity: true)
        }
        levels[level] = ([], 0, levels[level].full + 1)
    }

    /// The tiles that are not full.
    func finish() throws {
        for (level, tile) in levels.enumerated() where tile.hashes > 0 {
            let number = "\(Self.path(tile.full)).p/\(tile.hashes)"
            try write("tile/\(level)/\(number)", tile.bytes)
            if level == 0 { try write("tile/entries/\(number)", entries) }
        }
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws(FileError) {
        let path = "\(folder)/\(name)"
        let parent = DurableFiles.folder(of: path)
        if folders.insert(parent).inserted { try DurableFiles.makeFolder(parent) }
        try DurableFiles.writeUnsynced(path, bytes)
    }

    /// Groups of three digits, all but the last led by an x: 1234067 is x001/x234/067.
    static func path(_ number: UInt64) -> String {
        func group(_ value: UInt64) -> String {
            String(repeating: "0", count: 3 - String(value).count) + String(value)
        }
        var path = group(number % 1_000)
        var rest = number / 1_000
        while rest > 0 {
            path = "x\(group(rest % 1_000))/\(path)"
            rest /= 1_000
        }
        return path
    }
}
