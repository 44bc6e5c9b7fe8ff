import DurableFiles
import Glibc

/// Room that the log keeps for its last words: released when the disk is full, so that the log can
/// still say so, end its member and sign (audit-log.md, rule 10).
struct DiskReserve {
    let path: String

    /// A few kilobytes are written for last words; the rest is for the file system's own needs.
    static let byteCount = 64 << 10

    /// Takes the room, when it is not held yet. Written, not only allocated: what has been written
    /// is there on every file system.
    func fill() throws(FileError) {
        if isWhole { return }
        try DurableFiles.replace(
            path, [UInt8](repeating: 0, count: Self.byteCount),
            mode: DurableFiles.modeLikeFolder(of: path))
    }

    /// True when the room is held, and nothing hides in it.
    var isWhole: Bool {
        guard let bytes = try? DurableFiles.read(path, limit: Self.byteCount),
            bytes.count == Self.byteCount
        else { return false }
        // Each byte equals the next, and the first is zero.
        return bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return false }
            return buffer[0] == 0 && memcmp(start, start + 1, buffer.count - 1) == 0
        }
    }

    /// Gives it back.
    func release() throws(FileError) { try DurableFiles.remove(path) }

    static func isDiskFull(_ error: FileError) -> Bool {
        error.code == ENOSPC || error.code == EDQUOT
    }
}
