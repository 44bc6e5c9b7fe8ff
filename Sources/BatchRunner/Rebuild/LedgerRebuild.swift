import AuditLog
import DurableFiles
import GRDB

/// How the ledger of a site stands against its audit log.
enum LedgerStanding: Sendable, Equatable {
    /// There is none: the next start folds it.
    case absent
    /// Another version of the program made it, and the log has what it knows: the next start drops it and
    /// folds it anew.
    case otherVersion
    /// It holds events that the log does not have: not the ledger is wrong, the log was put back.
    case ahead(ledger: UInt64, log: UInt64)
    case compared(LedgerComparison)

    /// Nothing is wrong with it.
    var isSound: Bool {
        switch self {
        case .absent, .otherVersion: true
        case .ahead: false
        case .compared(let comparison): comparison.agrees
        }
    }

    /// The row-by-row comparison, where there was one.
    var comparison: LedgerComparison? {
        if case .compared(let comparison) = self { comparison } else { nil }
    }
}

/// A ledger made anew beside the old one, from the audit log and the private copies alone
/// (docs/ARCHITECTURE.md, I10).
///
/// Everything happens in two files beside the ledger, which a crash leaves and the next rebuild
/// removes: a copy of the ledger as it stands at one event, taken in one read transaction also beside
/// a running daemon, and the new one, folded up to that event. The ledger itself is only read.
/// Whatever fails takes both files with it: left on a full disk they would keep it full.
struct LedgerRebuild: Sendable {
    private let folder: SiteFolder
    private let room: RebuildRoom
    private let rows: Ledger.RowSource
    // Two rebuilds at once would take each other's files.
    private let lock: FolderLock

    /// The ledger made anew.
    var made: String { folder.ledger + ".new" }
    private var copy: String { folder.ledger + ".copy" }

    /// Takes the lock and clears what a crash left.
    /// - Throws: `CommandFailure` 75 while another rebuild or check is at work.
    init(
        _ folder: SiteFolder, room: RebuildRoom, rows: @escaping Ledger.RowSource
    ) throws {
        self.folder = folder
        self.room = room
        self.rows = rows
        guard let lock = try FolderLock(path: folder.ledger + ".lock") else {
            throw CommandFailure(.siteHeld, "another check of the ledger is at work: wait for it")
        }
        self.lock = lock
        try clear()
    }

    /// Makes a new ledger up to the event the old one is at, and compares the two.
    /// - Throws: `RebuildRoom.Shortage` where the disk has no room for that, or has it no longer; what
    ///   `progress` throws.
    func compare(progress: (UInt64) throws -> Void) throws -> LedgerStanding {
        guard DurableFiles.exists(folder.ledger) else { return .absent }
        return try orClear {
            let reader = try AuditReader(directory: folder.audit)
            try room.ask(for: folder.ledger, isCut: reader.firstRetained > 0)
            return try compareWithCopy { events in
                try room.askAgain(beside: folder.ledger)
                try progress(events)
            }
        }
    }

    private func compareWithCopy(
        progress: (UInt64) throws -> Void
    ) throws -> LedgerStanding {
        let place: LedgerPlace
        do {
            switch try takeCopy() {
            case .expects(let found): place = found
            case .empty: return .absent
            case .otherVersion: return .otherVersion
            case .ahead(let ledger, let log): return .ahead(ledger: ledger, log: log)
            }
        } catch let error as DatabaseError where error.speaksOfDamage {
            var damaged = LedgerComparison(events: 0)
            damaged.damage = error.message ?? "\(error.resultCode)"
            return .compared(damaged)
        }
        let reached = try fold(upTo: place.next, progress: progress)
        // A log that was put back grows with every start that is refused: not numbers count.
        if reached.next < place.next || reached.isOfAnotherLog(than: place) {
            return .ahead(ledger: place.next, log: reached.next)
        }
        return .compared(
            try LedgerComparison.compare(ledger: copy, with: made, events: reached.next))
    }

    /// Folds the new ledger up to the end of the log; only while the caller holds the site.
    func complete(progress: (UInt64) throws -> Void) throws {
        _ = try orClear { try fold(upTo: nil, progress: progress) }
    }

    /// Why it failed is told, not that clearing did too: the next rebuild clears once more.
    private func orClear<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch {
            try? clear()
            throw error
        }
    }

    /// Removes both files.
    func clear() throws {
        for path in [made, copy] {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try DurableFiles.remove(path + suffix)
            }
        }
    }

    /// Puts the new ledger in the place of the old one, which is kept under another name.
    ///
    ///     old: its write-ahead log folded in → link(kept) → fsync(folder) → unlink(-wal, -shm)
    ///     new: fsync → rename over the old → fsync(folder)
    ///
    /// A crash before the rename leaves the old ledger, one after it the new one. The old one's
    /// write-ahead log goes first: SQLite must never find it beside the new ledger.
    /// - Returns: the name of the kept one; nil when there was none.
    func replace(keptAs name: String) throws -> String? {
        try orClear { try putInPlace(keptAs: name) }
    }

    private func putInPlace(keptAs name: String) throws -> String? {
        FailPoint.reach(.ledgerMade)
        let kept = try keep(name)
        FailPoint.reach(.ledgerKept)
        try AppendFile(path: made).sync()
        try DurableFiles.putInPlace(made, folder.ledger)
        FailPoint.reach(.ledgerReplaced)
        return kept
    }

    private func keep(_ name: String) throws -> String? {
        guard DurableFiles.exists(folder.ledger) else { return nil }
        // A ledger too broken for that is kept with its write-ahead log as they are.
        try? Ledger.foldWriteAheadLog(folder.ledger)
        let names = (1...Self.maxKeptOfOneSecond).map { $0 == 1 ? name : "\(name)~\($0)" }
        let free = names.first { !DurableFiles.exists("\(folder.state)/\($0)") }
        let chosen = free ?? name
        let kept = "\(folder.state)/\(chosen)"
        for suffix in ["", "-wal"] where DurableFiles.exists(folder.ledger + suffix) {
            try DurableFiles.link(folder.ledger + suffix, to: kept + suffix)
        }
        for suffix in ["-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
        return chosen
    }

    /// A replacement that was killed may have kept one under the same second's name.
    private static let maxKeptOfOneSecond = 100

    private func fold(
        upTo end: UInt64?, progress: (UInt64) throws -> Void
    ) throws -> LedgerPlace {
        let ledger = try Ledger(path: made)
        try withoutActuallyEscaping(progress) { progress in
            _ = try LogFolding(audit: folder.audit, rows: rows, progress: progress)
                .fold(into: ledger, upTo: end)
        }
        let place = try ledger.place()
        try ledger.close()
        return place
    }

    private enum Copied {
        /// How far it has followed the log.
        case expects(LedgerPlace)
        /// A first start has made the file and not yet its tables, or was killed between.
        case empty
        case otherVersion
        /// It is of another version, or made in the place of one, that knows what the log does not have.
        case ahead(ledger: UInt64, log: UInt64)
    }

    /// Copies the ledger in one read transaction.
    private func takeCopy() throws -> Copied {
        try DurableFiles.createOnce(copy, [])
        let source = try DatabaseQueue(path: folder.ledger, configuration: Ledger.settings())
        let target = try DatabaseQueue(path: copy)
        try source.backup(to: target)
        try source.close()
        let found = try target.inDatabase(copied)
        try target.close()
        return found
    }

    private func copied(_ database: Database) throws -> Copied {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version")
        if version == 0 { return .empty }
        guard version == LedgerSchema.version else {
            return try aheadOfLog(LedgerPlace.furthest(database)) ?? .otherVersion
        }
        let (place, earlier) = (try LedgerPlace(database), try LedgerPlace.earlier(database))
        guard let earlier else { return .expects(place) }
        if let ahead = try aheadOfLog(earlier) { return ahead }
        // A start was stopped before it folded, or while it did. What is made anew here has no such place.
        if place.next == 0 { return .otherVersion }
        try LedgerPlace.forgetEarlier(database)
        return .expects(place)
    }

    /// Nil while the log has what a ledger at this place followed.
    private func aheadOfLog(_ place: LedgerPlace?) throws -> Copied? {
        let reader = try AuditReader(directory: folder.audit)
        guard let place, try !place.isReached(in: reader) else { return nil }
        return .ahead(ledger: place.next, log: reader.signedEvents)
    }
}
