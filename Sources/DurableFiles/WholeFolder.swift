import CLinux
import Glibc

/// Folders that appear whole or not at all: made under a hidden name, renamed when complete.
extension DurableFiles {
    /// Makes the empty folder that `publish` renames; what a crash left there goes first.
    /// (recursive unlink) → mkdir
    public static func beginFolder(for path: String) throws(FileError) -> String {
        let temporary = temporaryPath(for: path)
        removeTree(temporary)
        if mkdir(temporary, folderMode) != 0 { throw .last("mkdir", temporary) }
        return temporary
    }

    /// Writes a file that nobody relies on before `publish`. open(O_EXCL) → write → close
    public static func writeUnsynced(_ path: String, _ bytes: [UInt8]) throws(FileError) {
        let descriptor = try Descriptor(
            opening: path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: fileMode)
        try descriptor.write(bytes, path: path)
    }

    /// Gives what lies under the hidden name its own; throws EEXIST when that is taken.
    /// syncfs → renameat2(NOREPLACE) → fsync(folder)
    public static func publish(_ temporary: String, as path: String) throws(FileError) {
        try syncFileSystem(of: temporary)
        try move(temporary, to: path)
    }

    private static func syncFileSystem(of path: String) throws(FileError) {
        let descriptor = try Descriptor(opening: path, O_RDONLY)
        if clinux_sync_file_system(descriptor.number) != 0 { throw .last("syncfs", path) }
    }

    /// Removes a file or a folder with everything in it, following no links; what cannot be removed
    /// stays.
    public static func removeTree(_ path: String) {
        if unlink(path) == 0 || errno != EISDIR { return }
        guard let stream = opendir(path) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { removeTree("\(path)/\(name)") }
        }
        rmdir(path)
    }
}
