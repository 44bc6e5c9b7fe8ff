import AuditLog
import DurableFiles
import Glibc

/// What commands find that only read a site. That they see nothing says nothing about what was sent: only
/// where there is neither a ledger nor an audit log was nothing ever run.
struct SiteLooking: Sendable {
    let folder: SiteFolder
    private let maxBehind: UInt64

    /// Events by which the ledger may be behind the log and still tell how things stand, if all of them
    /// are the log's own (openings, closings, accesses); more are not looked at.
    static let maxBehind: UInt64 = 4_096

    /// - Throws: `CommandFailure` (usage) where there is no such folder.
    init(_ folder: SiteFolder, maxBehind: UInt64 = Self.maxBehind) throws {
        self.folder = folder
        self.maxBehind = maxBehind
        guard try isThere(folder.root), DurableFiles.isFolder(folder.root) else {
            throw CommandFailure(
                .usage, "\(folder.root) is not a folder; give the site's folder with --root")
        }
    }

    /// The ledger; nil where nothing was ever run here.
    /// - Throws: `CommandFailure`: usage where this user may not look, 20 where a start has to make the
    ///   ledger first.
    func ledger() throws -> Ledger? {
        let ledger: Ledger
        do {
            ledger = try Ledger(reading: folder.ledger)
        } catch LedgerAbsence.notReachable(let error) {
            throw failure(error)
        } catch let absence as LedgerAbsence {
            if absence == .notThere, try !wasBegun() { return nil }
            throw later("\(absence)")
        }
        // The log first: a daemon goes on meanwhile, and its ledger would seem to lack what is newest.
        let reader = try? AuditReader(directory: folder.audit)
        let size = try? reader?.publishedCheckpoint().size
        let next = try place(of: ledger, following: size ?? 0)
        // While a start folds the log into a new ledger, or after one that could not, what was paid stands
        // there as never sent.
        if let reader, let size, size > next,
            size > next + maxBehind || holdsNews(reader, from: next)
        {
            throw later("the ledger knows \(next) of the \(size) events of the audit log")
        }
        if try ledger.earlierPlace() != nil {
            throw later(
                "the ledger of another version is gone, and this one does not know as much yet")
        }
        return ledger
    }

    /// How far the ledger has followed the log. Whoever works here may have signed what it is just
    /// folding: for that moment it is waited.
    private func place(of ledger: Ledger, following size: UInt64) throws -> UInt64 {
        for _ in 1..<Self.looks {
            let next = try ledger.nextSequence()
            let isClose = size > next && size <= next + maxBehind
            guard isClose, FolderLock.isHeld(path: folder.lock) else { return next }
            usleep(Self.microsecondsBetweenLooks)
        }
        return try ledger.nextSequence()
    }

    /// A group of events is folded in less than these take together.
    private static let looks = 10
    private static let microsecondsBetweenLooks: UInt32 = 100_000

    private struct News: Error {}

    /// True where the log has more than its own events from `sequence` on, or cannot be read.
    private func holdsNews(_ reader: AuditReader, from sequence: UInt64) -> Bool {
        do {
            try reader.forEach(from: sequence) { event in
                if !event.type.utf8.starts(with: "auditlog.".utf8) { throw News() }
            }
            return false
        } catch {
            return true
        }
    }

    /// As `AuditLog.exists`, and a log that this user may not look at is not taken for none.
    func hasLog() throws -> Bool { try isThere(folder.audit + "/checkpoint") }

    /// A log without a checkpoint is being made, or is damaged: something was run all the same.
    private func wasBegun() throws -> Bool {
        if try hasLog() { return true }
        return try isThere(folder.audit + "/log.json")
    }

    /// Whether something lies at a path of the site.
    /// - Throws: `CommandFailure` where nobody can tell.
    func isThere(_ path: String) throws -> Bool {
        do throws(FileError) {
            return try DurableFiles.isThere(path)
        } catch {
            throw failure(error)
        }
    }

    private func later(_ what: String) -> CommandFailure {
        let next =
            FolderLock.isHeld(path: folder.lock)
            ? "the run or daemon that works here is making it, or is of another version: ask again "
                + "in a while, or with that version"
            : "the next run or daemon start makes it from the audit log: ask then"
        return CommandFailure(.rowsOpen, "\(what); \(next)")
    }

    /// Whoever may not look is told whom to ask as; anything else stops as everywhere.
    private func failure(_ error: FileError) -> CommandFailure {
        guard error.code == EACCES || error.code == EPERM else { return CommandFailure(error) }
        let refusal = "\(error.path) may not be read by \(ResolveCommand.userName)"
        guard let owner = FileStatus(path: folder.state)?.owner, owner != geteuid() else {
            return CommandFailure(.usage, refusal + ": check the owner and mode of the folders")
        }
        let name = ResolveCommand.name(of: owner)
        return CommandFailure(
            .usage, "\(refusal): ask as \(name), such as with `sudo -u \(name) batchrunner …`")
    }
}
