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

    /// Also tells whether `signWhenDue` has something to do: callers are answered before it.
    func commit(
        _ drafts: [PreparedDraft]
    ) throws(AuditLogError) -> (events: [Event], isSigningDue: Bool) {
        let core = try opened()
        let events = try core.commit(drafts)
        return (events, core.isSigningDue)
    }

    func signWhenDue() throws(AuditLogError) { try opened().signWhenDue() }

    func checkpoint() throws(AuditLogError) -> SignedCheckpoint { try opened().checkpoint() }

    func seal() throws(AuditLogError) -> SignedCheckpoint {
        let core = try opened()
        try core.rotate()
        return try core.checkpoint()
    }

    /// The lock goes with the core, also when the log has stopped.
    func close() throws(AuditLogError) -> UInt64 {
        let core = try opened()
        self.core = nil
        try core.close()
        return core.size
    }

    private func opened() throws(AuditLogError) -> LogCore {
        guard let core else { throw AuditLogError(.closed, "the log was closed") }
        return core
    }
}
