import CSimulation
import Glibc

/// What a power loss may take back. Files lie on a real file system in memory; what has been done to
/// them and not synced is kept here, newest last, and undone when the power goes.
///
/// Of one file's unsynced writes, those before some point stay, the one at it may be torn, or its
/// length stays and its bytes are zeros. Names made, changed or removed since the last sync of any of
/// their folders stay up to some point and are undone behind it: file systems that journal keep the
/// order of names. Both at once, so a name can survive its contents and the other way round.
struct SimulatedDisk {
    /// An unsynced write or cut: how to take it back.
    private struct Change {
        var offset: Int64
        var before: [UInt8]
        var lengthBefore: Int64
        var lengthAfter: Int64
    }

    private struct Inode: Hashable {
        var device: UInt64
        var number: UInt64
    }

    private struct Dirty {
        /// A descriptor of our own: the file's name may be gone by then.
        var descriptor: Int32
        var changes: [Change] = []
    }

    private enum NameChange {
        case created(String)
        case madeFolder(String)
        case removed(String, saved: String)
        case renamed(String, to: String, saved: String?)

        var folders: [String] {
            switch self {
            case .created(let path), .madeFolder(let path), .removed(let path, _):
                [SimulatedDisk.folder(of: path)]
            case .renamed(let from, let to, _):
                [SimulatedDisk.folder(of: from), SimulatedDisk.folder(of: to)]
            }
        }

        var saved: String? {
            switch self {
            case .removed(_, let saved): saved
            case .renamed(_, _, let saved): saved
            default: nil
            }
        }
    }

    /// Where what names pointed to is kept until nothing can bring it back.
    private let keep: String
    private var kept = 0
    private var dirty: [Inode: Dirty] = [:]
    private var names: [NameChange] = []

    /// - Parameter keep: a folder on the same file system, outside the simulated one.
    init(keep: String) { self.keep = keep }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    // MARK: What is done

    /// A write is about to happen.
    mutating func willWrite(_ descriptor: Int32, at given: Int64, count: Int64) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        var offset = given
        if offset < 0 {
            let flags = fcntl(descriptor, F_GETFL)
            offset =
                flags & O_APPEND != 0
                ? Int64(status.st_size) : Int64(lseek(descriptor, 0, SEEK_CUR))
        }
        note(descriptor, status, from: offset, to: offset + count)
    }

    /// A cut, or a growth by zeros, is about to happen.
    mutating func willTruncate(_ descriptor: Int32, to length: Int64) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        note(
            descriptor, status, from: length, to: max(length, Int64(status.st_size)), after: length)
    }

    private mutating func note(
        _ descriptor: Int32, _ status: stat, from: Int64, to end: Int64, after: Int64? = nil
    ) {
        let inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        if dirty[inode] == nil {
            let own = open("/proc/self/fd/\(descriptor)", O_RDWR | O_CLOEXEC)
            guard own >= 0 else { return }
            dirty[inode] = Dirty(descriptor: own)
        }
        guard let own = dirty[inode]?.descriptor else { return }
        let length = Int64(status.st_size)
        var before = [UInt8](repeating: 0, count: Int(max(0, min(end, length) - from)))
        if !before.isEmpty { _ = pread(own, &before, before.count, off_t(from)) }
        dirty[inode]?.changes.append(
            Change(
                offset: from, before: before, lengthBefore: length,
                lengthAfter: after ?? max(end, length)))
    }

    /// A file's bytes are on disk, or a folder's names: and with them all names changed before.
    mutating func didSync(_ descriptor: Int32, path: String) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            if let last = names.lastIndex(where: { $0.folders.contains(path) }) {
                for change in names[...last] { forget(change.saved) }
                names.removeSubrange(...last)
            }
            return
        }
        let inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        if let file = dirty.removeValue(forKey: inode) { close(file.descriptor) }
    }

    mutating func didCreate(_ path: String) { names.append(.created(path)) }
    mutating func didMakeFolder(_ path: String) { names.append(.madeFolder(path)) }

    /// Keeps what a name points to before it goes; nil when there is nothing.
    mutating func save(_ path: String) -> String? {
        let saved = "\(keep)/\(kept)"
        kept += 1
        return link(path, saved) == 0 ? saved : nil
    }

    mutating func didRemove(_ path: String, saved: String?) {
        if let saved { names.append(.removed(path, saved: saved)) }
    }

    mutating func didRename(_ from: String, to path: String, saved: String?) {
        names.append(.renamed(from, to: path, saved: saved))
    }

    func forget(_ saved: String?) {
        if let saved { unlink(saved) }
    }

    // MARK: What a power loss leaves

    /// Everything since is durable: the process was killed, the machine was not.
    mutating func keepAll() {
        for file in dirty.values { close(file.descriptor) }
        dirty = [:]
        for change in names { forget(change.saved) }
        names = []
    }

    mutating func losePower(_ chance: inout Chance) {
        // In the order of inodes, which is the order they were made in.
        for (_, file) in dirty.sorted(by: { $0.key.number < $1.key.number }) {
            Self.lose(file, &chance)
            close(file.descriptor)
        }
        dirty = [:]
        let stay = chance.oneIn(3) ? names.count : chance.below(names.count + 1)
        for change in names[stay...].reversed() { undo(change) }
        for change in names[..<stay] { forget(change.saved) }
        names = []
    }

    private static func lose(_ file: Dirty, _ chance: inout Chance) {
        let changes = file.changes
        let stay = chance.oneIn(4) ? changes.count : chance.below(changes.count + 1)
        for change in changes[stay...].reversed() {
            var before = change.before
            _ = pwrite(file.descriptor, &before, before.count, off_t(change.offset))
            _ = ftruncate(file.descriptor, off_t(change.lengthBefore))
        }
        guard stay < changes.count, changes[stay].lengthAfter > changes[stay].lengthBefore else {
            return
        }
        // The first write that did not stay: perhaps its length did, with zeros for bytes.
        let grown = changes[stay].lengthAfter - changes[stay].lengthBefore
        if chance.oneIn(3) {
            let length = changes[stay].lengthBefore + Int64(chance.below(Int(grown) + 1))
            _ = ftruncate(file.descriptor, off_t(length))
        }
    }

    private func undo(_ change: NameChange) {
        switch change {
        case .created(let path): unlink(path)
        case .madeFolder(let path): rmdir(path)
        case .removed(let path, let saved):
            // Somebody else has that name by now: his came later, and he is not ours to undo.
            if access(path, F_OK) == 0 { unlink(saved) } else { rename(saved, path) }
        case .renamed(let from, let path, let saved):
            if access(from, F_OK) != 0 { rename(path, from) }
            if let saved { rename(saved, path) }
        }
    }
}
