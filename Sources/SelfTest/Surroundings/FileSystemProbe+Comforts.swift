import CLinux
import Glibc

/// What a site can do without, and how it fares then.
extension FileSystemProbe {
    func leases(_ place: String) -> FileSystemFact {
        let descriptor = open(place + "/file", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        _ = clinux_lease_signal_ignored(descriptor)
        let isHeld = clinux_set_lease(descriptor, 1) == 0
        let reason = String(cString: strerror(errno))
        if isHeld { _ = clinux_set_lease(descriptor, 0) }
        return FileSystemFact(
            name: "leases", answer: isHeld ? .yes : .no,
            remark: isHeld
                ? "a file that somebody still writes is left alone"
                : "\(reason): the settle time alone decides when a file is whole")
    }

    func links(_ place: String) -> FileSystemFact {
        let isMade = link(place + "/file", place + "/twin") == 0
        unlink(place + "/twin")
        return FileSystemFact(
            name: "second names (hard links)", answer: isMade ? .yes : .no,
            remark: isMade
                ? "uploads that link and unlink work"
                : "`rebuild --replace` cannot keep the ledger before it")
    }

    func notices(_ place: String) -> FileSystemFact {
        let descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        defer { if descriptor >= 0 { close(descriptor) } }
        var isTold = false
        if descriptor >= 0, inotify_add_watch(descriptor, place, UInt32(IN_CREATE)) >= 0 {
            close(open(place + "/noticed", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
            var buffer = [UInt8](repeating: 0, count: 4_096)
            isTold = read(descriptor, &buffer, buffer.count) > 0
        }
        return FileSystemFact(
            name: "notice of new files (inotify)", answer: isTold ? .yes : .no,
            remark: isTold
                ? "files are seen at once; what other machines write is found by scanning"
                : "files are found by scanning alone, every intake.scanSeconds")
    }

    func times(_ place: String) -> FileSystemFact {
        var wanted = [timespec(), timespec()]
        for index in wanted.indices {
            wanted[index].tv_sec = 1_700_000_001
            wanted[index].tv_nsec = 123_456_789
        }
        var status = stat()
        let path = place + "/file"
        guard utimensat(AT_FDCWD, path, &wanted, 0) == 0, lstat(path, &status) == 0 else {
            return FileSystemFact(
                name: "time stamps", answer: .no, remark: "they cannot be set or read")
        }
        let isExact =
            status.st_mtim.tv_sec == 1_700_000_001 && status.st_mtim.tv_nsec == 123_456_789
        return FileSystemFact(
            name: "time stamps", answer: isExact ? .yes : .partly,
            remark: isExact
                ? "to the nanosecond"
                : "coarse: keep intake.settleSeconds at 2 or more")
    }

    func names(_ place: String) -> FileSystemFact {
        // 200 bytes are the longest name a file may be dropped under; its responses add to it.
        let long = place + "/" + String(repeating: "n", count: 230)
        let isLong = make(long)
        let isFolded = make(place + "/Case") && access(place + "/cASE", F_OK) == 0
        for name in [long, place + "/Case"] { unlink(name) }
        return FileSystemFact(
            name: "names", answer: !isLong ? .no : isFolded ? .partly : .yes,
            remark: !isLong
                ? "long names are refused: files with long names stay unanswered"
                : isFolded
                    ? "A and a are one: two files may have one name" : "long, and A is not a")
    }

    func immutable(_ place: String) -> FileSystemFact {
        let descriptor = open(place + "/file", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let isSet = clinux_set_immutable(descriptor, 1) == 0
        if isSet { _ = clinux_set_immutable(descriptor, 0) }
        return FileSystemFact(
            name: "files nobody can change", answer: isSet ? .yes : .no,
            remark: isSet
                ? "sealed segments of the log can be locked"
                : "not allowed to this user, or not here: `auditlog verify` finds changes all the same"
        )
    }

    private func make(_ path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }
}
