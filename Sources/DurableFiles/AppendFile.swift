import Glibc

/// A file that only grows, with one owner. After any failed write or sync nobody knows what the
/// disk holds, so every later call fails with the same error (fail closed).
public final class AppendFile {
    private let path: String
    private let descriptor: Int32
    private let identity: (device: dev_t, inode: ino_t)
    private var failure: FileError?

    /// Bytes in the file, those not yet synced included.
    public private(set) var length: Int64

    /// Opens for appending; `createMode` nil means it must exist. A new file's name is durable when
    /// this returns: open(O_CREAT|O_EXCL) → fsync(folder).
    public init(path: String, createMode: UInt32? = nil) throws(FileError) {
        self.path = path
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW
        if let createMode {
            descriptor = open(path, flags | O_CREAT | O_EXCL, createMode)
        } else {
            descriptor = open(path, flags)
        }
        if descriptor < 0 { throw .last("open", path) }
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw .last("fstat", path) }
        identity = (status.st_dev, status.st_ino)
        length = Int64(status.st_size)
        if createMode != nil { try DurableFiles.syncFolder(DurableFiles.folder(of: path)) }
    }

    deinit { Glibc.close(descriptor) }

    /// Writes everything; not durable before `sync`.
    public func append(_ bytes: [UInt8]) throws(FileError) {
        try refuseAfterFailure()
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw fail(.last("write", path))
            }
            offset += written
            length += Int64(written)
        }
    }

    /// fdatasync: everything appended is on disk when this returns.
    public func sync() throws(FileError) {
        try refuseAfterFailure()
        if fdatasync(descriptor) != 0 { throw fail(.last("fdatasync", path)) }
    }

    /// Cuts the file to `length` bytes; not durable before `sync`.
    public func truncate(to newLength: Int64) throws(FileError) {
        try refuseAfterFailure()
        if ftruncate(descriptor, off_t(newLength)) != 0 { throw fail(.last("ftruncate", path)) }
        length = newLength
    }

    /// True while `path` still names this very file: same device and inode, not unlinked.
    public func isStillAt(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_dev == identity.device && status.st_ino == identity.inode
    }

    /// Ends the use of the file: every later call fails.
    public func close() {
        if failure == nil { failure = FileError(operation: "use", path: path, code: EBADF) }
    }

    private func refuseAfterFailure() throws(FileError) {
        if let failure { throw failure }
    }

    private func fail(_ error: FileError) -> FileError {
        failure = error
        return error
    }
}
