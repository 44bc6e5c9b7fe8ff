import DurableFiles

/// Compares `tree/1`, `tree/2` … with the hashes the events give, as these come: nothing is held but
/// a window of each file.
final class TileComparison {
    private static let windowBytes = 16_384
    private let layout: LogLayout
    private var levels: [Int: Level] = [:]
    /// The first wrong entry of each level.
    private(set) var wrong: [Int: Int64] = [:]
    /// The call that the disk or a mode refused, if one was.
    private(set) var refused: FileError?

    private struct Level {
        var file: RangeFile?
        var window = [UInt8](repeating: 0, count: windowBytes)
        var start: Int64 = 0
        var count = 0
    }

    init(_ layout: LogLayout) {
        self.layout = layout
        for name in LogLayout.names(in: layout.tree) {
            guard let level = Int(name), level > 0, name == String(level) else { continue }
            var file: RangeFile?
            do throws(AuditLogError) {
                file = try RangeFile(layout.tiles(level))
            } catch {
                refused = refused ?? error.refusedCall
            }
            levels[level] = Level(file: file)
        }
    }

    /// Levels there are files of.
    var present: [Int] { levels.keys.sorted() }

    func length(_ level: Int) -> Int64 { levels[level]?.file?.length ?? 0 }

    /// Entry `index` of a level must be this hash, if the file reaches so far.
    func expect(_ level: Int, _ index: UInt64, _ hash: TreeHash) {
        guard wrong[level] == nil, let there = entry(level, index), there != hash else { return }
        wrong[level] = Int64(index) * Int64(TreeHash.byteCount)
    }

    /// Entry `index` of a level; nil when the file does not reach so far.
    func entry(_ level: Int, _ index: UInt64) -> TreeHash? {
        guard var state = levels[level], let file = state.file,
            index < UInt64(file.length) / UInt64(TreeHash.byteCount)
        else { return nil }
        let offset = Int64(index) * Int64(TreeHash.byteCount)
        if offset < state.start
            || offset + Int64(TreeHash.byteCount) > state.start + Int64(state.count)
        {
            levels[level] = nil
            do throws(AuditLogError) {
                state.count = try file.read(&state.window, from: offset)
            } catch {
                refused = refused ?? error.refusedCall
                state.count = 0
            }
            state.start = offset
            levels[level] = state
        }
        let at = Int(offset - state.start)
        guard at + TreeHash.byteCount <= state.count else { return nil }
        return TreeHash(state.window[at..<at + TreeHash.byteCount])
    }
}
