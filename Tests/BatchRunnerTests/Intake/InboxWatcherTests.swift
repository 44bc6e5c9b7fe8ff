import DurableFiles
import Foundation
import Glibc
import Testing

@testable import BatchRunner

@Suite("Watching the inbox", .timeLimit(.minutes(10)))
struct InboxWatcherTests {
    /// A clock whose sleeps last until the task is cancelled: only a signal can end a wait.
    struct EndlessClock: Clock {
        typealias Instant = ContinuousClock.Instant
        var now: Instant { ContinuousClock.now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            let (stream, _) = AsyncStream<Void>.makeStream()
            for await _ in stream {}
        }
    }

    /// A clock on which any time has passed already.
    struct HastyClock: Clock {
        typealias Instant = ContinuousClock.Instant
        var now: Instant { ContinuousClock.now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
    }

    static func watcher(_ temporary: TemporarySite) -> InboxWatcher {
        InboxWatcher(inbox: temporary.site.inbox)
    }

    @Test(
        "a file dropped into the inbox or a folder of it wakes the waiter",
        arguments: ["a", "acme/a"])
    func wakes(_ path: String) async throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        let watcher = Self.watcher(temporary)
        try #require(watcher.isWatching)
        try temporary.drop(path, "x")
        #expect(await watcher.waitForChange(atMost: .seconds(1), clock: EndlessClock()))
    }

    @Test("a folder made later is watched too")
    func newFolder() async throws {
        let temporary = try TemporarySite()
        let watcher = Self.watcher(temporary)
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        // The watch is in place before the wake that tells of the folder.
        #expect(await watcher.waitForChange(atMost: .seconds(1), clock: EndlessClock()))
        try temporary.drop("acme/a", "x")
        #expect(await watcher.waitForChange(atMost: .seconds(1), clock: EndlessClock()))
    }

    @Test("without a change the wait ends when its time is up")
    func timeIsUp() async throws {
        let temporary = try TemporarySite()
        let watcher = Self.watcher(temporary)
        for _ in 1...3 {
            #expect(await !watcher.waitForChange(atMost: .seconds(5), clock: HastyClock()))
        }
    }

    @Test("without inotify the wait ends by time, and a wake still works")
    func withoutInotify() async throws {
        let watcher = InboxWatcher(inbox: "/nowhere")
        #expect(!watcher.isWatching)
        #expect(await !watcher.waitForChange(atMost: .seconds(5), clock: HastyClock()))
        watcher.wake()
        #expect(await watcher.waitForChange(atMost: .seconds(5), clock: EndlessClock()))
    }

    @Test("cancelling ends the wait, however it is timed")
    func cancelled() async {
        let signal = WakeSignal()
        for _ in 1...100 {
            let task = Task { await signal.wait(atMost: .seconds(5), clock: EndlessClock()) }
            task.cancel()
            #expect(await !task.value)
        }
    }

    @Test("a signal given before the wait is not lost, and counts once")
    func pending() async {
        let signal = WakeSignal()
        signal.signal()
        signal.signal()
        #expect(await signal.wait(atMost: .seconds(5), clock: EndlessClock()))
        #expect(await !signal.wait(atMost: .seconds(5), clock: HastyClock()))
    }

    @Test("after a queue that overflowed, folders whose news were lost are watched all the same")
    func overflow() async throws {
        let temporary = try TemporarySite()
        let inbox = temporary.site.inbox
        let text = try DurableFiles.read("/proc/sys/fs/inotify/max_queued_events")
        let limit = Int(String(decoding: text, as: UTF8.self).filter(\.isNumber)) ?? 0
        try #require(limit > 0 && limit <= Self.mostEvents)
        let signal = WakeSignal()
        let watch = try #require(InboxWatch(inbox: inbox, signal: signal))
        try temporary.drop("a", "x")
        // Two names in turn: the kernel keeps one of two events that are the same.
        for index in 0...limit {
            let name = "\(inbox)/link-\(index % 2)"
            try #require(link("\(inbox)/a", name) == 0 && unlink(name) == 0)
        }
        // The queue is full: nobody is told of this folder.
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        Thread.detachNewThread { watch.run() }
        defer { watch.end() }
        #expect(await signal.wait(atMost: .seconds(1), clock: EndlessClock()))
        try temporary.drop("acme/b", "x")
        #expect(await signal.wait(atMost: .seconds(1), clock: EndlessClock()))
    }

    /// More are not worth the time of a test.
    private static let mostEvents = 1 << 20
}
