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
    private let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var core: LogCore?

    init(on executor: (any SerialExecutor)? = nil) {
        self.executor = executor ?? FileWorkExecutor()
    }

    func open(
        _ layout: LogLayout, _ keys: KeyLayout, _ options: OpenOptions, _ clock: any AuditClock,
        _ files: any LogFiles
    ) throws(AuditLogError) -> (size: UInt64, description: LogDescription) {
        let core = try LogCore(layout, keys, options: options, clock: clock, files: files)
        self.core = core
        return (core.size, core.description)
    }

    /// Commits what waits until nothing does; one call at a time is under way. Now and then other
    /// calls of this actor have their turn.
    func commitWaiting(_ queue: CommitQueue) async {
        while commit(queue) { await Task.yield() }
    }

    /// False when nothing waits.
    private func commit(_ queue: CommitQueue) -> Bool {
        guard let core else { return false }
        var commits = GroupCommit(core, queue)
        return commits.run()
    }

    func checkpoint() throws(AuditLogError) -> SignedCheckpoint { try opened().checkpoint() }

    func seal() throws(AuditLogError) -> SignedCheckpoint {
        let core = try opened()
        try core.rotate()
        return try core.checkpoint()
    }

    /// After everything that waits. The lock goes with the core, also when the log has stopped.
    func close(_ queue: CommitQueue) throws(AuditLogError) {
        while commit(queue) {}
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
