import CLinux
import DurableFiles
import Glibc

/// Tries everything the runner asks of a file system (docs/ARCHITECTURE.md, `DurableFiles`, `Intake`),
/// in a folder of its own. Each trial leaves nothing behind.
struct FileSystemProbe {
    let folder: String

    private static let syncTrials = 20
    /// A sync that takes no longer than this never reaches a disk.
    private static let incredibleSyncMicroseconds = 20

    /// - Throws: `SelfTestError` when not even a file can be made.
    func facts() throws(SelfTestError) -> FileSystemFacts {
        let place = folder + "/probe"
        defer { DurableFiles.removeTree(place) }
        do {
            try DurableFiles.makeFolder(place)
            try DurableFiles.replace(place + "/file", Array("probe".utf8))
        } catch {
            throw SelfTestError("\(error)")
        }
        var space = statvfs()
        let number = clinux_file_system_kind(place)
        guard number >= 0, statvfs(place, &space) == 0 else {
            throw SelfTestError("\(place): statfs failed: \(Self.reason)")
        }
        return FileSystemFacts(
            kind: Self.kind(number),
            freeBytes: UInt64(space.f_bavail) * UInt64(space.f_frsize),
            facts: [
                renaming(place), withoutLinks(place), locks(place), folderSync(place),
                syncing(place), leases(place), links(place), notices(place), times(place),
                names(place), immutable(place),
            ])
    }

    private static var reason: String { String(cString: strerror(errno)) }

    /// Names of the kinds a site may meet (statfs(2)).
    private static func kind(_ number: Int64) -> String {
        let names: [Int64: String] = [
            0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x2FC1_2FC1: "zfs",
            0x0102_1994: "tmpfs", 0x794C_7630: "overlayfs", 0x6969: "NFS", 0xFF53_4D42: "CIFS",
            0xFE53_4D42: "SMB", 0x6573_5546: "FUSE", 0xF2F5_2010: "f2fs", 0x0102_1997: "9p",
            0x4D44: "FAT", 0x5346_544E: "NTFS",
        ]
        return names[number] ?? "kind 0x" + String(number, radix: 16)
    }

    private func opened(_ path: String, _ flags: Int32) -> Int32 {
        open(path, flags | O_CLOEXEC, 0o600)
    }

    // MARK: What a site needs

    private func renaming(_ place: String) -> FileSystemFact {
        var fact = FileSystemFact(
            name: "rename without replacing", answer: .no,
            remark: "a response could overwrite another", isNeeded: true)
        let (first, second) = (place + "/first", place + "/second")
        for path in [first, second] { close(opened(path, O_WRONLY | O_CREAT)) }
        let refused =
            clinux_rename_noreplace(AT_FDCWD, first, AT_FDCWD, second) != 0 && errno == EEXIST
        unlink(second)
        let done = clinux_rename_noreplace(AT_FDCWD, first, AT_FDCWD, second) == 0
        if refused && done {
            fact.answer = .yes
            fact.remark = "a response never overwrites another"
        }
        return fact
    }

    private func withoutLinks(_ place: String) -> FileSystemFact {
        var fact = FileSystemFact(
            name: "opening without following links", answer: .no,
            remark: "the kernel has no openat2 (5.6 or newer is needed)", isNeeded: true)
        symlink("file", place + "/link")
        let plain = clinux_open_without_links(AT_FDCWD, place + "/file", O_RDONLY | O_CLOEXEC, 0)
        let linked = clinux_open_without_links(AT_FDCWD, place + "/link", O_RDONLY | O_CLOEXEC, 0)
        if plain >= 0 && linked < 0 {
            fact.answer = .yes
            fact.remark = "a link in the inbox leads nowhere"
        }
        for descriptor in [plain, linked] where descriptor >= 0 { close(descriptor) }
        return fact
    }

    private func locks(_ place: String) -> FileSystemFact {
        var fact = FileSystemFact(
            name: "locks between programs", answer: .no,
            remark: "two runners could work on one site", isNeeded: true)
        let first = opened(place + "/lock", O_RDWR | O_CREAT)
        let second = opened(place + "/lock", O_RDWR)
        defer {
            close(first)
            close(second)
        }
        let isTaken = clinux_lock_whole_file(first) == 0
        let isRefused = clinux_lock_whole_file(second) != 0
        if isTaken && isRefused {
            fact.answer = .yes
            fact.remark = "a second runner is turned away"
        }
        return fact
    }

    private func folderSync(_ place: String) -> FileSystemFact {
        let works = (try? DurableFiles.syncFolder(place)) != nil
        return FileSystemFact(
            name: "syncing folders", answer: works ? .yes : .no,
            remark: works
                ? "names are durable, not only bytes" : "a name could be lost with the power",
            isNeeded: true)
    }

    private func syncing(_ place: String) -> FileSystemFact {
        var fact = FileSystemFact(
            name: "syncing bytes", answer: .no, remark: "fdatasync failed", isNeeded: true)
        let descriptor = opened(place + "/sync", O_WRONLY | O_CREAT)
        defer { close(descriptor) }
        var microseconds: [Int64] = []
        for _ in 0..<Self.syncTrials {
            let start = ContinuousClock.now
            guard write(descriptor, "x", 1) == 1, fdatasync(descriptor) == 0 else { return fact }
            let taken = (ContinuousClock.now - start).components
            microseconds.append(taken.attoseconds / 1_000_000_000_000)
        }
        let middle = microseconds.sorted()[Self.syncTrials / 2]
        fact.answer = middle < Self.incredibleSyncMicroseconds ? .partly : .yes
        fact.remark =
            fact.answer == .yes
            ? "\(middle) µs each, the middle of \(Self.syncTrials)"
            : "\(middle) µs each: nothing waits for a disk, so a power loss loses what is new"
        return fact
    }
}
