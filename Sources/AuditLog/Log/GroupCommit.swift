/// Commits what waits, many calls at once: their events are staged while others still come, then made
/// durable by one sync. On the writer's thread.
///
/// A caller is answered once its events are durable. When a write fails, all of its callers get the
/// error, and so does everybody after them.
struct GroupCommit {
    /// After so many commits others get their turn (`checkpoint`, `seal`).
    static let commitsOfATurn = 64

    private let core: LogCore
    private let queue: CommitQueue
    private var progress = CommitQueue.Progress()
    private var staged: [Call] = []

    /// A call and the events it became.
    private struct Call {
        let entry: CommitQueue.Entry
        let events: [Event]
    }

    init(_ core: LogCore, _ queue: CommitQueue) { (self.core, self.queue) = (core, queue) }

    /// Commits until nothing waits (false), or until others shall have their turn (true). Nothing is
    /// staged when it returns.
    mutating func run() -> Bool {
        var commits = 0
        while commits < Self.commitsOfATurn {
            switch queue.next(progress) {
            case .stage(let entries): stage(entries)
            case .commit:
                commit()
                commits += 1
            case .stop:
                tend()
                return false
            }
        }
        commit()
        tend()
        return true
    }

    private mutating func stage(_ entries: [CommitQueue.Entry]) {
        // Once for every commit: a segment may grow past its limit by one of them.
        if staged.isEmpty { tend() }
        for entry in entries {
            do throws(AuditLogError) {
                staged.append(Call(entry: entry, events: try core.stage(entry.drafts)))
                progress.stagedCalls += 1
                progress.stagedEvents += entry.drafts.count
            } catch {
                entry.fail(error)
            }
        }
    }

    private mutating func commit() {
        if staged.isEmpty { return }
        do throws(AuditLogError) {
            try core.commit()
            queue.noteSize(core.size)
            for call in staged { call.entry.continuation.resume(returning: .success(call.events)) }
        } catch {
            for call in staged { call.entry.fail(error) }
        }
        progress = CommitQueue.Progress(answeredCalls: staged.count)
        staged.removeAll(keepingCapacity: true)
    }

    /// A failure stops the core, which then refuses whatever comes.
    private func tend() { if core.needsTending { try? core.tend() } }
}
