import AuditLog
import DurableFiles
import Foundation
import Glibc

/// Compares the ledger of an open site with one made anew from the log, and records what was found
/// as `ledger.checked`. The site goes on meanwhile: the ledger is copied in one read transaction, and
/// the work is done on a thread of low priority.
struct SelfCheck: Sendable {
    let site: RunnerSite
    /// Bytes free where a path lies.
    var free: @Sendable (_ path: String) -> Int64? = { DurableFiles.freeBytes($0) }

    /// Makes the check.
    /// - Returns: why nothing more may be done; nil when the ledger agrees.
    /// - Throws: `CancellationError` after a stop, and what kept the check from being made (no room,
    ///   another check at work): nothing is recorded then.
    func perform(_ source: CheckRecord.Source, until stop: StopRequest) async throws -> String? {
        let author = site.journal.author
        let draft: EventDraft
        do {
            let standing = try await compare(until: stop)
            guard let comparison = standing.comparison else {
                throw InvariantViolation("the open ledger cannot be compared: \(standing)")
            }
            draft = CheckRecord.draft(comparison, source, by: author)
        } catch let violation as InvariantViolation {
            draft = CheckRecord.draft(impossible: violation.description, source, by: author)
        } catch let error as FileError {
            // A private copy that is gone; anything else may be better in an hour.
            guard error.code == ENOENT else { throw error }
            draft = CheckRecord.draft(impossible: error.description, source, by: author)
        } catch let error as AuditLogError {
            guard error.code == .damaged else { throw error }
            draft = CheckRecord.draft(impossible: error.description, source, by: author)
        }
        // A crash here: the check is made again.
        try await site.journal.record([draft])
        return try site.journal.ledger.lastCheck()?.refusal
    }

    private func compare(until stop: StopRequest) async throws -> LedgerStanding {
        let folder = site.folder
        let room = RebuildRoom(
            keepFreeBytes: site.configuration.intake.keepFreeBytes, free: free)
        let rows = AcceptedRows(planner: site.planner, store: site.store).source
        return try await LowPriority.run {
            let rebuild = try LedgerRebuild(folder, room: room, rows: rows)
            let standing = try rebuild.compare { _ in
                if stop.isRequested { throw CancellationError() }
            }
            try rebuild.clear()
            return standing
        }
    }
}

/// A thread of its own for long blocking work that must not be in anybody's way.
enum LowPriority {
    /// Nice value of the thread.
    private static let nice: Int32 = 10

    /// Runs `work` there.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                // Linux keeps a nice value for each thread; 0 names the calling one.
                _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, nice)
                continuation.resume(with: Result { try work() })
            }
        }
    }
}
