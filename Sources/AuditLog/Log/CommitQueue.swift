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

    private struct State {
        var waiting: [Entry] = []
        var isWorked = false
        var isClosed = false
        var size: UInt64
    }

    private let state: Locked<State>
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
            defer { state.isWorked = true }
            return state.isWorked ? .behindOthers : .first
        }
    }

    /// The entries of the next commit; nil, and nobody works any more, when none wait.
    func take() -> [Entry]? {
        state.withLock { state in
            guard let first = state.waiting.first else {
                state.isWorked = false
                return nil
            }
            var count = 1
            var events = first.drafts.count
            while count < state.waiting.count,
                events + state.waiting[count].drafts.count <= limitEvents
            {
                events += state.waiting[count].drafts.count
                count += 1
            }
            defer { state.waiting.removeFirst(count) }
            return Array(state.waiting[..<count])
        }
    }

    /// Takes nothing more; false when that was so before. What waits is still to be taken.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
}
