import Dispatch
import Locks

/// Makes the archive of a full segment on a thread of its own, while events are still added to the
/// segment: compressing 32 MiB anew takes seconds, and nobody who appends shall wait for them. What it
/// writes lies aside and means nothing until the writer puts it in place.
final class ArchiveAhead: Sendable {
    let archive: ArchiveInProgress
    private let queue: DispatchQueue
    private let state = Locked(State())

    private struct State {
        var isWorking = false
        var failure: AuditLogError?
    }

    /// - Parameter queue: where the archive is made; nil gives it a thread of its own.
    init(_ archive: ArchiveInProgress, on queue: DispatchQueue? = nil) {
        self.archive = archive
        self.queue = queue ?? DispatchQueue(label: "auditlog.sealing", qos: .utility)
    }

    /// False while its thread uses the archive.
    var isDone: Bool { state.withLock { !$0.isWorking } }

    /// Nothing more can come of it; `wait` says why.
    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// Begins to take in members up to a byte where one ends; only when done with what was before.
    func take(upTo end: Int64) {
        state.withLock { $0.isWorking = true }
        queue.async { [self] in
            var failure: AuditLogError?
            do throws(AuditLogError) {
                try archive.take(upTo: end)
            } catch {
                failure = error
            }
            state.withLock { $0 = State(isWorking: false, failure: failure) }
        }
    }

    /// Waits until it is done, and gives out the archive.
    func wait() throws(AuditLogError) -> ArchiveInProgress {
        queue.sync {}
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return archive
    }

    /// Makes its thread end soon, and waits for that.
    func cancel() {
        archive.cancel()
        queue.sync {}
    }
}
