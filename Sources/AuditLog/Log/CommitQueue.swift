import Glibc
import Locks
import Synchronization

/// What waits to be recorded, in the order of the calls. Callers put in, the writer takes out: a lock
/// held for a few instructions, since one more change of threads for every event would cost more
/// than all else that is done for it.
final class CommitQueue: Sendable {
    /// The drafts of one call, and who waits for them.
    struct Entry: Sendable {
        let drafts: [PreparedDraft]
        let continuation: CheckedContinuation<Result<[Event], AuditLogError>, Never>

        func fail(_ error: AuditLogError) { continuation.resume(returning: .failure(error)) }
    }

    /// What became of an entry.
    enum Admission {
        /// It waits, and nobody works: the caller must wake the writer.
        case first
        /// It waits, and will be taken.
        case behindOthers
        /// The log takes nothing any more.
        case closed
    }

    /// How far the writer is with its commit.
    struct Progress {
        var stagedCalls = 0
        var stagedEvents = 0
        /// Calls answered by the last commit: whoever has more to record is back at once.
        var answeredCalls = 0
    }

    /// What the writer does next.
    enum Step {
        /// Add these to what is staged.
        case stage([Entry])
        /// Write what is staged.
        case commit
        /// Nothing waits; whoever adds an entry now is `first`.
        case stop
    }

    private struct State {
        var waiting: [Entry] = []
        var isWorked = false
        var isClosed = false
        var size: UInt64
    }

    /// How long a commit waits for one more of the callers just answered, in microseconds: a sync
    /// takes several times as long, and who comes too late waits for the whole of the next one.
    static let gatherMicroseconds: Int64 = 60
    /// How long the writer looks for the next entry before it stops, in microseconds: to be woken
    /// takes it about as long.
    static let lingerMicroseconds: Int64 = 100

    private let state: Locked<State>
    /// Entries that wait: what the writer looks at while it spins, so that callers find the lock free.
    private let waitingCount = Atomic(0)
    /// Events of one commit at most; a single call may hold more.
    private let limitEvents: Int

    /// For a log of `size` durable events.
    init(size: UInt64, limitEvents: Int) {
        state = Locked(State(size: size))
        self.limitEvents = limitEvents
    }

    /// Events that are durable.
    var size: UInt64 { state.withLock { $0.size } }

    func noteSize(_ size: UInt64) { state.withLock { $0.size = max($0.size, size) } }

    func add(_ entry: Entry) -> Admission {
        state.withLock { state in
            if state.isClosed { return .closed }
            state.waiting.append(entry)
            waitingCount.store(state.waiting.count, ordering: .relaxed)
            defer { state.isWorked = true }
            return state.isWorked ? .behindOthers : .first
        }
    }

    /// The writer's next step. It stages what comes while it comes, and commits once those who were
    /// answered last are back, or nobody comes any more.
    func next(_ progress: Progress) -> Step {
        if let entries = take(progress) { return .stage(entries) }
        if progress.stagedCalls == 0 {
            return awaitEntries(progress, Self.lingerMicroseconds).map(Step.stage) ?? stop()
        }
        if progress.stagedCalls >= progress.answeredCalls { return .commit }
        return awaitEntries(progress, Self.gatherMicroseconds).map(Step.stage) ?? .commit
    }

    /// Looks again and again. A single caller may be on this very processor: it is let run. Of many,
    /// some run elsewhere and are back in a moment; who let them run here would get the processor
    /// back only after all of them.
    private func awaitEntries(_ progress: Progress, _ microseconds: Int64) -> [Entry]? {
        let yields = progress.answeredCalls < 2 || Self.isUniprocessor
        let deadline = Self.now() + microseconds
        repeat {
            if yields { sched_yield() }
            if waitingCount.load(ordering: .relaxed) > 0, let entries = take(progress) {
                return entries
            }
        } while Self.now() < deadline
        return nil
    }

    private static let isUniprocessor = sysconf(Int32(_SC_NPROCESSORS_ONLN)) < 2

    private func stop() -> Step {
        state.withLock { state in
            // Somebody may have come in between.
            if !state.waiting.isEmpty { return .stage(take(&state, upTo: limitEvents)) }
            state.isWorked = false
            return .stop
        }
    }

    private func take(_ progress: Progress) -> [Entry]? {
        if progress.stagedEvents >= limitEvents { return nil }
        return state.withLock { state in
            if state.waiting.isEmpty { return nil }
            return take(&state, upTo: limitEvents - progress.stagedEvents)
        }
    }

    private func take(_ state: inout State, upTo limit: Int) -> [Entry] {
        var count = 0
        var events = 0
        while count < state.waiting.count {
            events += state.waiting[count].drafts.count
            if count > 0, events > limit { break }
            count += 1
        }
        defer {
            state.waiting.removeFirst(count)
            waitingCount.store(state.waiting.count, ordering: .relaxed)
        }
        return Array(state.waiting[..<count])
    }

    /// Takes nothing more; false when that was so before. What waits is still to be taken.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Of the monotonic clock, in microseconds.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
