import DurableFiles
import Glibc

/// The folder of accesses not yet in the log, `state/accessed`: readers add files, the writer takes
/// them in. What lies there is other people's: it is read with limits, followed nowhere, and what is
/// no record is set aside; nothing in it can stop the writer.
struct AccessSpool {
    let folder: String

    static let suffix = ".access"
    static let refusedSuffix = ".refused"
    /// Files set aside that are kept; more are removed.
    static let refusedLimit = 100
    /// Half-made files of readers that died are removed after this long.
    static let leftoverSeconds: Int64 = 3_600
    /// For owner and group: setgid, so that files are the folder's group's and the writer can read
    /// them; sticky, so that nobody but the writer removes another's. Others: nothing.
    static let folderMode: mode_t = 0o3770

    /// Beside the keys folder, by name alone: readers may not look into that.
    static func path(keys: String) -> String {
        var keys = keys[...]
        while keys.count > 1, keys.last == "/" { keys = keys.dropLast() }
        guard let slash = keys.lastIndex(of: "/") else { return "accessed" }
        return "\(keys[..<slash])/accessed"
    }

    /// Makes the folder when it is missing; one that is there keeps its mode.
    /// mkdir(temporary) → chmod → rename → fsync(parent): it is never there with another mode.
    func make() throws(FileError) {
        if DurableFiles.exists(folder) { return }
        let temporary = DurableFiles.temporaryPath(for: folder)
        try DurableFiles.makeFolder(temporary)
        if chmod(temporary, Self.folderMode) != 0 {
            throw FileError(operation: "chmod", path: temporary, code: errno)
        }
        try DurableFiles.move(temporary, to: folder)
    }

    /// One file that holds a record.
    struct Pending {
        let path: String
        let record: AccessRecord
        /// Owner of the file.
        let uid: UInt32
    }

    /// The records there, at most `limit`, by their time; everything else is set aside.
    func pending(limit: Int, now: Int64) -> [Pending] {
        var found: [Pending] = []
        var refused = 0
        for name in LogLayout.names(in: folder) {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(Self.refusedSuffix) {
                refused += 1
                if refused > Self.refusedLimit { discard(path) }
            } else if name.hasPrefix("."), name.hasSuffix(DurableFiles.temporarySuffix) {
                if isOld(path, now) { discard(path) }
            } else if found.count < limit {
                switch read(path, name) {
                case .record(let pending): found.append(pending)
                case .notYet where !isOld(path, now): break
                case .notYet, .malformed: refuse(path)
                }
            }
        }
        return found.sorted { ($0.record.time, $0.record.id) < ($1.record.time, $1.record.id) }
    }

    /// Removes what is in the log now; false when it stays there.
    func remove(_ path: String) -> Bool { unlink(path) == 0 || errno == ENOENT }

    private enum Reading {
        case record(Pending)
        /// Not readable for us: its reader has yet to open it to the group.
        case notYet
        case malformed
    }

    private func read(_ path: String, _ name: String) -> Reading {
        // Not following links and not waiting: a reader of the group could leave a FIFO here.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EACCES ? .notYet : .malformed }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let record = AccessRecord(contents(descriptor)),
            name == "\(record.id)\(Self.suffix)"
        else { return .malformed }
        return .record(Pending(path: path, record: record, uid: status.st_uid))
    }

    /// One byte more than a record may have is enough to know that it is too long.
    private func contents(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: AccessRecord.limitBytes + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(
                    descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if got < 0, errno == EINTR { continue }
            if got <= 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    private func refuse(_ path: String) {
        if rename(path, path + Self.refusedSuffix) != 0 { discard(path) }
    }

    /// A file, or a folder that is empty; what cannot be removed stays and is skipped every time.
    private func discard(_ path: String) {
        if unlink(path) != 0 { rmdir(path) }
    }

    private func isOld(_ path: String, _ now: Int64) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return now - Int64(status.st_mtim.tv_sec) > Self.leftoverSeconds
    }
}
