import Foundation
import Glibc

/// Watches the inbox and its sub-folders with inotify, only to wake the next scan sooner. Lost
/// events, a full queue or no inotify at all cost time, never a file: the caller scans anyway.
final class InboxWatcher: Sendable {
    private let watch: InboxWatch?
    private let signal = WakeSignal()

    /// True when inotify works here; without it the inbox is only scanned.
    var isWatching: Bool { watch != nil }

    /// Starts watching; without inotify, or when that is not wanted, `waitForChange` just waits.
    /// Letting go of the watcher ends its thread.
    init(inbox: String, isWatched: Bool = true) {
        watch = isWatched ? InboxWatch(inbox: inbox, signal: signal) : nil
        if let watch { Thread.detachNewThread { watch.run() } }
    }

    deinit { watch?.end() }

    /// Waits until something changed, for `timeout` at most, or until cancelled; a change that came
    /// since the last wait counts. True for a change. One waiter at a time.
    func waitForChange(atMost timeout: Duration, clock: some Clock<Duration>) async -> Bool {
        await signal.wait(atMost: timeout, clock: clock)
    }

    /// Wakes the waiter as a change would.
    func wake() { signal.signal() }
}

/// The inotify queue and the pipe that ends its thread; both close when watcher and thread end.
final class InboxWatch: Sendable {
    private let inbox: String
    private let signal: WakeSignal
    private let queue: Int32
    private let endReader: Int32
    private let endWriter: Int32

    private static let queueBytes = 65_536
    /// wd, mask, cookie, length of the name: four 32-bit numbers before each name.
    private static let headerBytes = 16

    /// Nil without inotify.
    init?(inbox: String, signal: WakeSignal) {
        let queue = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard queue >= 0 else { return nil }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            close(queue)
            return nil
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.inbox = inbox
        self.signal = signal
        self.queue = queue
        endReader = ends[0]
        endWriter = ends[1]
        guard Self.add(queue, inbox, flags: 0) else { return nil }
        watchSubfolders()
    }

    deinit {
        close(queue)
        close(endReader)
        close(endWriter)
    }

    func end() {
        var byte: UInt8 = 0
        _ = write(endWriter, &byte, 1)
    }

    /// The thread: sleeps in poll until something happens in the inbox or `end` is called.
    func run() {
        while true {
            var waiting = [
                pollfd(fd: queue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: endReader, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&waiting, nfds_t(waiting.count), -1)
            if count < 0, errno == EINTR { continue }
            if count < 0 || waiting[1].revents != 0 { return }
            // Anything but readable means that the queue is gone; scanning goes on without.
            guard waiting[0].revents & Int16(POLLIN) != 0 else { return }
            if drain() { watchSubfolders() }
            signal.signal()
        }
    }

    /// Empties the queue; true when a folder may have come, or events were lost.
    private func drain() -> Bool {
        var foldersChanged = false
        var events = [UInt8](repeating: 0, count: Self.queueBytes)
        while true {
            let got = read(queue, &events, events.count)
            if got <= 0 { return foldersChanged }
            var offset = 0
            events.withUnsafeBytes { bytes in
                while offset + Self.headerBytes <= got {
                    let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    let name = bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
                    if mask & UInt32(IN_ISDIR) != 0 || mask & UInt32(IN_Q_OVERFLOW) != 0 {
                        foldersChanged = true
                    }
                    offset += Self.headerBytes + Int(name)
                }
            }
        }
    }

    /// Adds what is not watched yet; watching twice is the same watch, and the kernel drops the
    /// watches of folders that go away.
    private func watchSubfolders() {
        guard let folder = try? OpenFolder(site: inbox),
            let names = try? folder.names(limit: InboxScanner.maxEntries)
        else { return }
        for name in names where NameRules.isSender(name) && !NameRules.isIgnored(name) {
            guard let text = name.text,
                FileStatus(name, in: folder.descriptor)?.kind == .folder
            else { continue }
            _ = Self.add(queue, "\(inbox)/\(text)", flags: UInt32(IN_DONT_FOLLOW))
        }
    }

    private static func add(_ queue: Int32, _ path: String, flags: UInt32) -> Bool {
        let events = UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_CLOSE_WRITE)
        return inotify_add_watch(queue, path, events | UInt32(IN_ONLYDIR) | flags) >= 0
    }
}
