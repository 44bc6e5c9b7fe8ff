import CLinux
import DurableFiles
import Glibc

/// An open folder: everything in the inbox is done relative to one, so that no name on the way can
/// be swapped for a link.
struct OpenFolder: ~Copyable {
    let descriptor: Int32
    /// For messages and fsync; never used to reach what lies in the folder.
    let path: String

    /// One of the site's own folders; links on the way are the operator's choice.
    init(site path: String) throws(SiteFault) {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if opened < 0 { throw .last(.inboxUnreadable, "open", path) }
        descriptor = opened
        self.path = path
    }

    /// A sender's folder, no links; nil when it is gone or no longer a folder.
    init?(_ sender: String, in inbox: borrowing OpenFolder) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = clinux_open_without_links(inbox.descriptor, sender, flags, 0)
        if opened < 0 { return nil }
        descriptor = opened
        path = "\(inbox.path)/\(sender)"
    }

    deinit { close(descriptor) }

    /// Names in the folder, `.` and `..` left out, at most `limit` of those that are wanted, in no
    /// order.
    func names(
        limit: Int, where isWanted: (RawName) -> Bool = { _ in true }
    ) throws(SiteFault) -> [RawName] {
        // A descriptor of its own, from ".", so that the position is not shared.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw .last(.inboxUnreadable, "open", path) }
        guard let stream = fdopendir(own) else {
            let fault = SiteFault.last(.inboxUnreadable, "fdopendir", path)
            close(own)
            throw fault
        }
        defer { closedir(stream) }
        var names: [RawName] = []
        while names.count < limit {
            errno = 0
            guard let entry = readdir(stream), let text = clinux_entry_name(entry) else {
                if errno != 0 { throw .last(.inboxUnreadable, "readdir", path) }
                return names
            }
            let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
            if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { continue }
            let name = RawName(bytes: Array(bytes))
            if isWanted(name) { names.append(name) }
        }
        return names
    }

    /// Whether this process, as who it acts, may read a file of the folder; asked of the name
    /// itself, so only a hint.
    func mayRead(_ name: RawName) -> Bool {
        let folder = descriptor
        let flags = AT_EACCESS | AT_SYMLINK_NOFOLLOW
        return name.withCString { faccessat(folder, $0, R_OK, flags) == 0 || errno != EACCES }
    }

    /// Whether a file could be renamed from here to another folder.
    func isOnMount(of other: borrowing OpenFolder) -> Bool {
        clinux_mount(descriptor) == clinux_mount(other.descriptor)
    }

    /// Makes the names in the folder durable.
    func sync() throws(SiteFault) {
        if fsync(descriptor) != 0 { throw .last(.notMoved, "fsync", path) }
    }
}

/// Moving a name without replacing another. Where the file system cannot do it in one call (NFS and
/// most of FUSE answer renameat2 with EINVAL) it takes two, and who else may make names there decides
/// which.
enum Renaming: Sendable {
    /// Nobody but us makes such names in the target folder: look, then rename. The file keeps its
    /// inode everywhere.
    case intoOwn
    /// A sender may take the name at any moment: link, then unlink. A crash in between leaves two
    /// names of one file, and the next attempt takes the old one away.
    case intoShared

    /// 0, or errno: EEXIST when the name is taken.
    /// - Parameter inTwoCalls: as on a file system that cannot do it in one; for tests.
    func move(
        _ from: borrowing OpenFolder, _ name: RawName, to folder: borrowing OpenFolder,
        _ newName: RawName, inTwoCalls: Bool = false
    ) -> Int32 {
        let (source, target) = (from.descriptor, folder.descriptor)
        return name.withCString { old in
            newName.withCString { new in
                var error = EINVAL
                if !inTwoCalls {
                    error = clinux_rename_noreplace(source, old, target, new) == 0 ? 0 : errno
                }
                guard error == EINVAL else { return error }
                switch self {
                case .intoOwn: return Self.lookAndRename(source, old, target, new)
                case .intoShared: return Self.linkAndUnlink(source, old, target, new)
                }
            }
        }
    }

    private static func lookAndRename(
        _ source: Int32, _ old: UnsafePointer<CChar>, _ target: Int32, _ new: UnsafePointer<CChar>
    ) -> Int32 {
        var status = stat()
        if fstatat(target, new, &status, AT_SYMLINK_NOFOLLOW) == 0 { return EEXIST }
        if errno != ENOENT { return errno }
        return renameat(source, old, target, new) == 0 ? 0 : errno
    }

    private static func linkAndUnlink(
        _ source: Int32, _ old: UnsafePointer<CChar>, _ target: Int32, _ new: UnsafePointer<CChar>
    ) -> Int32 {
        if linkat(source, old, target, new, 0) != 0 {
            let error = errno
            guard error == EEXIST, isSameFile(source, old, target, new) else { return error }
        }
        return unlinkat(source, old, 0) == 0 ? 0 : errno
    }

    private static func isSameFile(
        _ source: Int32, _ old: UnsafePointer<CChar>, _ target: Int32, _ new: UnsafePointer<CChar>
    ) -> Bool {
        var (first, second) = (stat(), stat())
        return fstatat(source, old, &first, AT_SYMLINK_NOFOLLOW) == 0
            && fstatat(target, new, &second, AT_SYMLINK_NOFOLLOW) == 0
            && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}

extension SiteFault {
    /// A system call that failed just now: reads `errno`.
    static func last(_ code: Code, _ operation: String, _ path: String) -> SiteFault {
        of(errno, code, operation, path)
    }

    /// A system call that failed with `error`.
    static func of(
        _ error: Int32, _ code: Code, _ operation: String, _ path: String
    ) -> SiteFault {
        let message =
            switch code {
            case .inboxUnreadable: "the inbox cannot be read"
            case .notCopied: "the file cannot be copied to the state folder"
            default: "the file cannot be moved out of the inbox"
            }
        return SiteFault(
            code, message, cause: FileError(operation: operation, path: path, code: error))
    }
}
