import Dispatch

/// A thread of its own for blocking file work, so that fdatasync holds up nobody else.
final class FileWorkExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "auditlog.writer")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// Owner of the open log; every step runs on its own thread, one after the other.
actor LogWriter {
    private let executor = FileWorkExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var core: LogCore?

    func open(
        _ layout: LogLayout, _ keys: KeyLayout, _ options: OpenOptions, _ clock: any AuditClock,
        _ files: any LogFiles
    ) throws(AuditLogError) -> (size: UInt64, description: LogDescription) {
        let core = try LogCore(layout, keys, options: options, clock: clock, files: files)
        self.core = core
        return (core.size, core.description)
    }

    /// Commits what waits until nothing does; one call at a time is under way.
    func commitWaiting(_ queue: CommitQueue) async {
        while let group = queue.take() {
            commit(group, queue)
            if group.count > 1 { await Self.letOthersRun() }
        }
    }

    /// Goes to the end of the line in which the callers just answered stand, so that those with
    /// another event are in the next commit and not a sync behind it.
    @concurrent private static func letOthersRun() async { await Task.yield() }

    /// Callers are answered once their events are durable, and before a checkpoint is signed.
    private func commit(_ group: [CommitQueue.Entry], _ queue: CommitQueue) {
        do throws(AuditLogError) {
            let core = try opened()
            let events = try core.commit(group.flatMap(\.drafts))
            queue.noteSize(core.size)
            Self.answer(group, events)
            // A failure stops the core, which then refuses the next commit.
            try? core.signWhenDue()
        } catch {
            for entry in group { entry.fail(error) }
        }
    }

    private static func answer(_ group: [CommitQueue.Entry], _ events: [Event]) {
        var start = 0
        for entry in group {
            let end = start + entry.drafts.count
            entry.continuation.resume(returning: .success(Array(events[start..<end])))
            start = end
        }
    }

    func checkpoint() throws(AuditLogError) -> SignedCheckpoint { try opened().checkpoint() }

    func seal() throws(AuditLogError) -> SignedCheckpoint {
        let core = try opened()
        try core.rotate()
        return try core.checkpoint()
    }

    /// After everything that waits. The lock goes with the core, also when the log has stopped.
    func close(_ queue: CommitQueue) throws(AuditLogError) {
        while let group = queue.take() { commit(group, queue) }
        let core = try opened()
        self.core = nil
        try core.close()
        queue.noteSize(core.size)
    }

    func opened() throws(AuditLogError) -> LogCore {
        guard let core else { throw AuditLogError(.closed, "the log was closed") }
        return core
    }
}
