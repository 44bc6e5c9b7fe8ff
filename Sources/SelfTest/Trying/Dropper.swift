import DurableFiles
import Glibc

/// Puts files into the inbox as clients do: renamed when whole, linked as OpenSSH's rename does where
/// it may not overwrite, or in two pieces under the final name. Owns the list of what was dropped.
final class Dropper {
    /// A file of which only the first piece is there.
    private struct Unfinished {
        var place: Int
        var rest: [UInt8]
        var due: ContinuousClock.Instant
    }

    /// A file that follows another.
    private struct Following {
        var file: MadeFile.Later
        var due: ContinuousClock.Instant
    }

    private let folders: TrialFolders
    private var numbers: SeededNumbers
    private var maker: BatchMaker
    private var unfinished: [Unfinished] = []
    private var following: [Following] = []
    private var callbacks = 0
    private(set) var dropped: [DroppedFile] = []

    init(_ folders: TrialFolders, seed: UInt64) {
        self.folders = folders
        numbers = SeededNumbers(seed ^ 0xD201)
        maker = BatchMaker(seed: seed)
    }

    /// Drops the next batch, or its first piece.
    func dropBatch() throws(SelfTestError) {
        let (file, contested) = maker.next()
        for place in dropped.indices {
            for row in dropped[place].rows.indices
            where contested.contains(dropped[place].rows[row].number) {
                dropped[place].rows[row].promise = .contested
            }
        }
        // Copies of a file know what the file knows.
        var known = file.known
        if let first = dropped.first(where: { $0.sha256 == known.sha256 }) {
            known.rows = first.rows
        }
        dropped.append(known)
        let now = ContinuousClock.now
        following += file.later.map {
            Following(file: $0, due: now + .milliseconds($0.milliseconds))
        }
        let path = folders.inbox + "/" + known.name
        switch numbers.below(4) {
        case 0:
            let cut = 1 + numbers.below(file.bytes.count - 1)
            try write(path, Array(file.bytes[..<cut]))
            let pause = numbers.below(600)
            unfinished.append(
                Unfinished(
                    place: dropped.count - 1, rest: Array(file.bytes[cut...]),
                    due: .now + .milliseconds(pause)))
        case 1: try put(path, file.bytes, byLink: true)
        default: try put(path, file.bytes, byLink: false)
        }
    }

    /// True while a file lacks its second piece.
    var hasUnfinished: Bool { !unfinished.isEmpty }

    /// True while something is still to be dropped.
    var hasMore: Bool { hasUnfinished || !following.isEmpty }

    /// Brings what is due: second pieces, messages of counters, and the provider's reports, sometimes
    /// twice.
    func work() throws(SelfTestError) {
        let now = ContinuousClock.now
        for piece in unfinished where piece.due <= now { try finish(piece) }
        let due = following.filter { $0.due <= now }
        following.removeAll { $0.due <= now }
        for next in due {
            dropped.append(next.file.known)
            try put(folders.inbox + "/" + next.file.known.name, next.file.bytes, byLink: false)
        }
        for name in Self.reports(folders.callbacks) {
            let path = folders.callbacks + "/" + name
            guard let bytes = Listing.bytes(path) else { continue }
            unlink(path)
            for _ in 0..<(numbers.oneIn(6) ? 2 : 1) {
                callbacks += 1
                let target = "report-\(callbacks).txt"
                dropped.append(
                    DroppedFile(name: target, kind: .callback, sha256: SHA256Text.of(bytes)))
                try put(folders.inbox + "/" + target, bytes, byLink: false)
            }
        }
    }

    /// The provider's reports that wait, whole. One that a kill of the provider cut off stays hidden for
    /// good.
    static func reports(_ folder: String) -> [String] {
        Listing.names(folder).filter { !$0.hasPrefix(".") }
    }

    private func finish(_ piece: Unfinished) throws(SelfTestError) {
        let path = folders.inbox + "/" + dropped[piece.place].name
        // The runner may hold a lease: then the next look tries again, as the kernel asks.
        let descriptor = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == EWOULDBLOCK { return }
            throw SelfTestError(
                "\(path): a file in two pieces is gone before its second: \(Self.reason)")
        }
        defer { close(descriptor) }
        try Self.write(descriptor, piece.rest, path)
        unfinished.removeAll { $0.place == piece.place }
    }

    private func put(_ path: String, _ bytes: [UInt8], byLink: Bool) throws(SelfTestError) {
        let part = path + ".part"
        try write(part, bytes)
        if byLink {
            if link(part, path) == 0 {
                unlink(part)
                return
            }
            // No links here: the page tells.
        }
        guard rename(part, path) == 0 else { throw SelfTestError("\(path): \(Self.reason)") }
    }

    private func write(_ path: String, _ bytes: [UInt8]) throws(SelfTestError) {
        // No program started meanwhile may inherit it: who has a file open for writing is waited for.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SelfTestError("\(path): \(Self.reason)") }
        defer { close(descriptor) }
        try Self.write(descriptor, bytes, path)
    }

    private static func write(
        _ descriptor: Int32, _ bytes: [UInt8], _ path: String
    ) throws(SelfTestError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SelfTestError("\(path): \(reason)") }
            offset += written
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
