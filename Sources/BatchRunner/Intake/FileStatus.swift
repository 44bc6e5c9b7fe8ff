import Glibc

/// What fstat says, in plain numbers.
struct FileStatus: Sendable, Equatable {
    /// What a directory entry is.
    enum Kind: String, Sendable {
        case plain, folder, link, fifo, device, socket
    }

    let kind: Kind
    let identity: FileIdentity
    let links: Int
    /// The user it belongs to.
    let owner: UInt32
    /// Permission bits, 0o000–0o7777.
    let permissions: UInt32

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .plain
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .device
            }
        identity = FileIdentity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            size: Int64(status.st_size), modified: Self.nanoseconds(status.st_mtim),
            changed: Self.nanoseconds(status.st_ctim))
        links = Int(status.st_nlink)
        owner = status.st_uid
        permissions = status.st_mode & 0o7777
    }

    /// Of an open file; nil when the call fails (errno says why).
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of a path, links followed; nil when nothing is there.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of a name in an open folder, links not followed; nil when the call fails.
    init?(_ name: RawName, in folder: Int32) {
        var status = stat()
        let result = name.withCString { fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }
        guard result == 0 else { return nil }
        self.init(status)
    }

    /// True when this is what was set aside as `earlier`. By its inode alone it would be whatever got
    /// that number next: what was set aside may be gone, and a good file in its place. A folder is the
    /// same whatever lies in it.
    func isStill(_ earlier: FileIdentity) -> Bool {
        kind == .folder ? identity.isSameFile(as: earlier) : identity.isSameContent(as: earlier)
    }

    /// The same, where the kind is known too.
    func isStill(_ earlier: FileStatus) -> Bool {
        kind == earlier.kind && isStill(earlier.identity)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
