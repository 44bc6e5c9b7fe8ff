import Dispatch
import Locks

/// Work done by several threads at once whose results are taken in order.
enum ReadingWorkers {
    /// Results that may wait for an earlier one: as many as the pieces of a full open segment, so that
    /// nobody is idle while the last sealed one before it is read. They are small, and what is ahead
    /// took others no longer to read than the one waited for.
    private static let ahead = 32
    private static let tickMilliseconds = 100

    /// Does `work` on every item and gives each result to `take`, in order, on this thread. `tick`
    /// is called about ten times a second meanwhile. At most 32 results wait.
    static func run<Item: Sendable, Result: Sendable>(
        _ items: [Item], workers: Int, work: @escaping @Sendable (Item) -> Result,
        tick: () -> Void, take: (Result) -> Void
    ) {
        let shared = SharedWork<Result>(items.count, ahead: max(ahead, 2 * workers))
        let queue = DispatchQueue(label: "auditlog.reading", attributes: .concurrent)
        for _ in 0..<min(max(1, workers), items.count) {
            queue.async {
                while let number = shared.begin() { shared.end(number, work(items[number])) }
            }
        }
        for number in items.indices {
            while shared.ready[number].wait(timeout: .now() + .milliseconds(tickMilliseconds))
                == .timedOut
            { tick() }
            if let result = shared.take(number) { take(result) }
        }
        tick()
    }
}

/// What the threads of `ReadingWorkers` share.
private final class SharedWork<Result: Sendable>: Sendable {
    private let next = Locked(0)
    private let results = Locked<[Int: Result]>([:])
    /// Open places for results not yet taken.
    private let room: DispatchSemaphore
    let ready: [DispatchSemaphore]

    init(_ count: Int, ahead: Int) {
        room = DispatchSemaphore(value: ahead)
        ready = (0..<count).map { _ in DispatchSemaphore(value: 0) }
    }

    /// The next item, once there is room for its result; nil when there is none left.
    func begin() -> Int? {
        room.wait()
        let number = next.withLock { next in
            defer { next += 1 }
            return next
        }
        if number < ready.count { return number }
        // Leave the room to the other workers, who wait to learn that there is nothing left.
        room.signal()
        return nil
    }

    func end(_ number: Int, _ result: Result) {
        results.withLock { $0[number] = result }
        ready[number].signal()
    }

    func take(_ number: Int) -> Result? {
        room.signal()
        return results.withLock { $0.removeValue(forKey: number) }
    }
}
