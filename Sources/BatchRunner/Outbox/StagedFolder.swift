import DurableFiles
import Glibc

/// A response that is a folder of small files: staged, promised and published as a whole.
struct StagedFolder {
    /// Mode of a published folder and of its files: the sender's system reads as the group.
    static let folderMode: UInt32 = 0o750
    static let fileMode: UInt32 = 0o640

    /// Files of one folder at most: a bar code has two.
    static let maxFiles = 2_000_000
    /// Bytes of one file at most.
    private static let maxFileBytes = 1 << 20

    /// Puts the files that `fill` gives into a new folder at `path`, in place of an earlier attempt's.
    /// (unlink the earlier) → mkdir → write each → syncfs → renameat2(NOREPLACE) → fsync(folder)
    static func make(
        _ path: String, mode: UInt32 = DurableFiles.folderMode,
        fileMode: UInt32 = DurableFiles.fileMode,
        _ fill: (_ add: (_ name: String, _ bytes: [UInt8]) throws -> Void) throws -> Void
    ) throws {
        let temporary = try DurableFiles.beginFolder(for: path)
        try fill { name, bytes in
            let file = "\(temporary)/\(name)"
            try DurableFiles.writeUnsynced(file, bytes)
            guard chmod(file, fileMode) == 0 else {
                throw FileError(operation: "chmod", path: file, code: errno)
            }
        }
        guard chmod(temporary, mode) == 0 else {
            throw FileError(operation: "chmod", path: temporary, code: errno)
        }
        try DurableFiles.publish(temporary, as: path)
    }

    /// SHA-256 over the names and hashes of the files in a folder, in the order of the names, and
    /// their bytes in all.
    static func digest(_ path: String) throws -> (sha256: String, bytes: Int) {
        var (hash, total) = (RunningHash(), 0)
        try forEachFile(path) { name, bytes in
            hash.update(Array("\(name)\t\(SHA256Text.of(bytes))\n".utf8))
            total += bytes.count
        }
        return (hash.text(), total)
    }

    /// Gives out every file, in the order of the names.
    static func forEachFile(
        _ path: String, _ body: (_ name: String, _ bytes: [UInt8]) throws -> Void
    ) throws {
        let names = try OpenFolder(site: path).names(limit: maxFiles).compactMap(\.text)
        for name in names.sorted() {
            try body(name, try DurableFiles.read("\(path)/\(name)", limit: maxFileBytes))
        }
    }
}
