import DurableFiles
import Locks
import Testing

@testable import AuditLog

@Suite("Group commit")
struct GroupCommitTests {
    @Test("A commit is made once those who were answered last are back, or when nobody comes")
    func gathering() async throws {
        let queue = CommitQueue(size: 0, limitEvents: 10)
        var progress = CommitQueue.Progress()
        try await Self.adding(to: queue, calls: 3) {
            guard case .stage(let entries) = queue.next(progress) else {
                Issue.record("what waits is staged first")
                return []
            }
            #expect(entries.count == 3)
            progress = CommitQueue.Progress(stagedCalls: 3, stagedEvents: 3, answeredCalls: 3)
            #expect(queue.next(progress).isCommit)
            // A fourth was answered and does not come back: it is not waited for without end.
            progress.answeredCalls = 4
            #expect(queue.next(progress).isCommit)
            return entries
        }
    }

    @Test("A commit holds no more events than allowed, but for a single call of more")
    func limit() async throws {
        let queue = CommitQueue(size: 0, limitEvents: 2)
        try await Self.adding(to: queue, calls: 3) {
            var taken: [CommitQueue.Entry] = []
            var progress = CommitQueue.Progress()
            if case .stage(let entries) = queue.next(progress) { taken += entries }
            #expect(taken.count == 2)
            progress = CommitQueue.Progress(stagedCalls: 2, stagedEvents: 2, answeredCalls: 9)
            #expect(queue.next(progress).isCommit)
            if case .stage(let entries) = queue.next(CommitQueue.Progress()) { taken += entries }
            #expect(taken.count == 3)
            return taken
        }
    }

    @Test("When nothing waits the writer stops, and whoever comes next wakes it")
    func stopping() async throws {
        let queue = CommitQueue(size: 0, limitEvents: 10)
        guard case .stop = queue.next(CommitQueue.Progress()) else {
            Issue.record("nothing waits")
            return
        }
        try await Self.adding(to: queue, calls: 1) {
            guard case .stage(let entries) = queue.next(CommitQueue.Progress()) else { return [] }
            return entries
        }
        #expect(queue.close())
        let result = await withCheckedContinuation { continuation in
            let entry = CommitQueue.Entry(drafts: [], continuation: continuation)
            guard case .closed = queue.add(entry) else {
                Issue.record("a closed queue takes nothing")
                return
            }
            entry.fail(AuditLogError(.closed, "closed"))
        }
        #expect(throws: AuditLogError.self) { try result.get() }
    }

    /// Adds calls of one event each, does `work` with them waiting, answers what it returns.
    private static func adding(
        to queue: CommitQueue, calls: Int, work: () -> [CommitQueue.Entry]
    ) async throws {
        let draft = LogFixture.draft(1)
        let prepared = PreparedDraft(draft: draft, tail: draft.tail)
        let (admissions, added) = AsyncStream.makeStream(of: CommitQueue.Admission.self)
        let results = await withTaskGroup(of: Result<[Event], AuditLogError>.self) { group in
            for _ in 0..<calls {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        let entry = CommitQueue.Entry(
                            drafts: [prepared], continuation: continuation)
                        added.yield(queue.add(entry))
                    }
                }
            }
            var firsts = 0
            var seen = 0
            for await admission in admissions {
                if case .first = admission { firsts += 1 }
                seen += 1
                if seen == calls { break }
            }
            #expect(firsts == 1)
            for entry in work() { entry.continuation.resume(returning: .success([])) }
            var results: [Result<[Event], AuditLogError>] = []
            for await result in group { results.append(result) }
            return results
        }
        #expect(results.count == calls)
    }

    @Test(
        "Callers who never stop do not keep others from a checkpoint or a seal",
        .timeLimit(.minutes(15)))
    func turns() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        let isDone = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    while !isDone.withLock({ $0 }) {
                        _ = try await log.append([LogFixture.draft(caller)])
                    }
                }
            }
            for _ in 0..<3 {
                let before = await log.size
                #expect(try await log.checkpoint().size >= before)
                #expect(try await log.seal().size > before)
            }
            isDone.withLock { $0 = true }
            try await group.waitForAll()
        }
        try await log.close()
        let report = Verifier(directory: fixture.log).verify()
        #expect(report.isIntact, "\(report.lines)")
    }

    @Test(
        "When the disk fails under many callers, exactly what was acknowledged is certain",
        arguments: [true, false])
    func failure(failsSync: Bool) async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let files = FailingFiles(failsSync: failsSync)
        let log = try await fixture.open(files: files)
        let acknowledged = await withTaskGroup(of: [Event].self) { group in
            for caller in 0..<16 {
                group.addTask {
                    var events: [Event] = []
                    for number in 0... {
                        do throws(AuditLogError) {
                            events += try await log.append([LogFixture.draft(number)])
                        } catch {
                            #expect(error.code == .stopped)
                            return events
                        }
                        if caller == 0, number == 50 { files.arm() }
                    }
                    return events
                }
            }
            var all: [Event] = []
            for await events in group { all += events }
            return all
        }
        files.disarm()
        #expect(acknowledged.count > 50)
        let published = try AuditReader(directory: fixture.log).publishedCheckpoint()
        #expect(published.size <= (acknowledged.map(\.sequence).max() ?? 0) + 1)
        await #expect(throws: AuditLogError.self) { try await log.close() }
        let again = try await fixture.open()
        try await again.close()
        let read = try fixture.events()
        for event in acknowledged { #expect(read[Int(event.sequence)] == event) }
        #expect(Verifier(directory: fixture.log).verify().isIntact)
    }
}

extension CommitQueue.Step {
    fileprivate var isCommit: Bool { if case .commit = self { true } else { false } }
}
