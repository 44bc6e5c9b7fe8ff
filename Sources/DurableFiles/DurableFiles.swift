import CLinux
import Glibc

/// The only place that makes bytes durable. Each verb is one sequence of system calls, written
/// above it; a crash between any two leaves either the old state or the new one, and at most a
/// hidden `.writing` file that nobody reads and the next write of that name replaces.
public enum DurableFiles {
    /// Mode of private files.
    public static let fileMode: UInt32 = 0o600
    /// Mode of private folders.
    public static let folderMode: UInt32 = 0o700
    /// Suffix of files not yet whole.
    public static let temporarySuffix = ".writing"

    /// Makes a new file, whole or not at all; throws EEXIST when the name is taken.
    /// unlink(leftover) → open(temporary, O_EXCL) → write → fsync → close → renameat2(NOREPLACE) →
    /// fsync(folder)
    public static func createOnce(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = fileMode
    ) throws(FileError) {
        let temporary = try writeTemporary(for: path, bytes, mode: mode)
        do throws(FileError) {
            try rename(temporary, toFree: path)
        } catch {
            unlink(temporary)
            throw error
        }
        try syncFolder(folder(of: path))
    }

    /// renameat2(NOREPLACE); where the file system has no such call (NFS, sshfs: EINVAL) link → unlink,
    /// which never replaces either. A crash in between leaves a second name, as a crash before it.
    /// Folders have no links: nobody but us makes them, so looking first is enough.
    private static func rename(_ from: String, toFree path: String) throws(FileError) {
        if clinux_rename_noreplace(AT_FDCWD, from, AT_FDCWD, path) == 0 { return }
        guard errno == EINVAL else { throw .last("renameat2", path) }
        if isFolder(from) {
            if exists(path) { throw FileError(operation: "rename", path: path, code: EEXIST) }
            if Glibc.rename(from, path) != 0 { throw .last("rename", path) }
            return
        }
        if Glibc.link(from, path) != 0 { throw .last("link", path) }
        if unlink(from) != 0 { throw .last("unlink", from) }
    }

    /// As `createOnce`, but the same bytes already there are fine; other bytes throw EEXIST.
    public static func createOrMatch(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = fileMode
    ) throws(FileError) {
        do {
            try createOnce(path, bytes, mode: mode)
        } catch {
            // A longer file is another file, and cannot be read within the limit.
            guard error.code == EEXIST,
                (try? read(path, limit: max(bytes.count, 1))) == bytes
            else { throw error }
            try syncFolder(folder(of: path))
        }
    }

    /// Puts new contents in place of the old: a reader sees one or the other, never a mixture.
    /// open(temporary) → write → fsync → close → rename → fsync(folder)
    public static func replace(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = fileMode
    ) throws(FileError) {
        let temporary = try writeTemporary(for: path, bytes, mode: mode)
        if Glibc.rename(temporary, path) != 0 {
            let failure = FileError.last("rename", path)
            unlink(temporary)
            throw failure
        }
        try syncFolder(folder(of: path))
    }

    /// Puts a file made and synced elsewhere in the same folder in place of `path`.
    /// rename → fsync(folder)
    public static func putInPlace(_ made: String, _ path: String) throws(FileError) {
        if Glibc.rename(made, path) != 0 { throw .last("rename", path) }
        try syncFolder(folder(of: path))
    }

    /// Writes bytes that a file shows already once more in their place: what an earlier process wrote and
    /// did not sync may stand in the system's memory alone, and after a sync that failed a later one
    /// passes it over. A crash in between leaves a file that shows the same.
    /// open → pwrite → fsync
    public static func rewrite(
        _ path: String, _ bytes: [UInt8], at offset: Int64
    ) throws(FileError) {
        let descriptor = try Descriptor(opening: path, O_WRONLY | O_NOFOLLOW)
        try descriptor.write(bytes, at: offset, path: path)
        try descriptor.sync(path: path)
    }

    /// Gives a file a second name in the same file system; throws EEXIST when the name is taken.
    /// link → fsync(folder)
    public static func link(_ path: String, to name: String) throws(FileError) {
        if Glibc.link(path, name) != 0 { throw .last("link", name) }
        try syncFolder(folder(of: name))
    }

    /// Removes a secret: overwritten first, so that its block does not keep it where the file system
    /// writes in place. A file that is not there is fine.
    /// open → write(zeros) → fsync → close → unlink → fsync(folder)
    public static func destroy(_ path: String) throws(FileError) {
        guard exists(path) else { return }
        try overwrite(path)
        try remove(path)
    }

    private static func overwrite(_ path: String) throws(FileError) {
        var status = stat()
        if lstat(path, &status) != 0 { throw .last("lstat", path) }
        let descriptor = try Descriptor(opening: path, O_WRONLY | O_NOFOLLOW)
        try descriptor.write([UInt8](repeating: 0, count: Int(status.st_size)), path: path)
        try descriptor.sync(path: path)
    }

    /// Moves within one file system; throws EEXIST when the name is taken.
    /// renameat2(NOREPLACE) → fsync(new folder) → fsync(old folder)
    public static func move(_ from: String, to path: String) throws(FileError) {
        try rename(from, toFree: path)
        try syncFolder(folder(of: path))
        let (old, new) = (folder(of: from), folder(of: path))
        if !old.utf8.elementsEqual(new.utf8) { try syncFolder(old) }
    }

    /// Removes a file; a file that is not there is fine. unlink → fsync(folder)
    public static func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0 {
            if errno == ENOENT { return }
            throw .last("unlink", path)
        }
        try syncFolder(folder(of: path))
    }

    /// Sets or clears the immutable flag: while it is set, nobody can change, rename or remove the
    /// file, root included. False where the system or the file system does not allow it.
    @discardableResult
    public static func setImmutable(_ path: String, _ isOn: Bool) -> Bool {
        guard let descriptor = try? Descriptor(opening: path, O_RDONLY | O_NOFOLLOW) else {
            return false
        }
        return clinux_set_immutable(descriptor.number, isOn ? 1 : 0) == 0
    }

    /// Makes a folder with its parents; one that is there is fine. mkdir → fsync(parent)
    public static func makeFolder(
        _ path: String, mode: UInt32 = folderMode
    ) throws(FileError) {
        if isFolder(path) { return }
        let parent = folder(of: path)
        if parent != path { try makeFolder(parent, mode: mode) }
        if mkdir(path, mode) != 0 {
            if errno == EEXIST, isFolder(path) { return }
            throw .last("mkdir", path)
        }
        try syncFolder(parent)
    }

    /// Makes the names in a folder durable. open(O_DIRECTORY) → fsync
    public static func syncFolder(_ path: String) throws(FileError) {
        let descriptor = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        try descriptor.sync(path: path)
    }

    /// Bytes that may still be written where a path lies; nil when the file system does not say.
    public static func freeBytes(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// The whole file; EFBIG when longer than `limit` bytes (16 MiB unless told).
    public static func read(
        _ path: String, limit: Int = 16 << 20
    ) throws(FileError) -> [UInt8] {
        let descriptor = try Descriptor(opening: path, O_RDONLY)
        return try descriptor.read(limit: limit, path: path)
    }

    /// Mode of a new file that whoever may list its folder shall be able to read: 0640 where the group may,
    /// else 0600.
    public static func modeLikeFolder(of path: String) -> UInt32 {
        var status = stat()
        guard stat(folder(of: path), &status) == 0, status.st_mode & 0o040 != 0 else {
            return fileMode
        }
        return fileMode | 0o040
    }

    /// True when something is there, a dangling link included.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// As `exists`, for those to whom "I may not look" is not "there is nothing".
    /// - Throws: whatever kept this process from looking: EACCES, EIO, ELOOP.
    public static func isThere(_ path: String) throws(FileError) -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return true }
        if errno == ENOENT || errno == ENOTDIR { return false }
        throw .last("lstat", path)
    }

    /// Makes sure that this process may read what is there.
    /// - Throws: the error of access(2), EACCES where it may not.
    public static func requireReadable(_ path: String) throws(FileError) {
        if access(path, R_OK) != 0 { throw .last("access", path) }
    }

    /// True when a folder (or a link to one) is there.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// `.NAME.writing` beside `path`: hidden, so that nobody picks it up half-written.
    public static func temporaryPath(for path: String) -> String {
        "\(folder(of: path))/.\(name(of: path))\(temporarySuffix)"
    }

    // Paths are cut at bytes, as the system cuts them. A name may begin with a mark that combines (an
    // accent, a joiner): with the slash before it that is one character of Swift's, and no slash.
    private static let slash = UInt8(ascii: "/")

    /// The folder a path lies in.
    public static func folder(of path: String) -> String {
        guard let end = path.utf8.lastIndex(of: slash) else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// What a path ends in; slashes at its end do not count.
    public static func name(of path: String) -> String {
        guard let name = path.utf8.split(separator: slash).last else { return path }
        return String(decoding: name, as: UTF8.self)
    }

    private static func writeTemporary(
        for path: String, _ bytes: [UInt8], mode: UInt32
    ) throws(FileError) -> String {
        let temporary = temporaryPath(for: path)
        // What a crash left there goes first: it must not lend its mode, owner or other names.
        if unlink(temporary) != 0, errno != ENOENT { throw .last("unlink", temporary) }
        let descriptor = try Descriptor(
            opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        do throws(FileError) {
            try descriptor.write(bytes, path: temporary)
            try descriptor.sync(path: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        return temporary
    }
}
