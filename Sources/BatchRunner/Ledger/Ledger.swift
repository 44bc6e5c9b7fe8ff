import AuditLog
import DurableFiles
import GRDB
import OrderedJSON

/// The index over the audit log that decisions read. Written by the journal alone, one transaction
/// per group of durable events, together with the sequence number applied: after a crash it may be
/// behind the log, never ahead, and replaying what it lacks is the whole of recovery. Ahead it can only
/// be of a log that was put back, or that a disk lost: `LogFolding` refuses that.
final class Ledger: Sendable {
    let database: any DatabaseWriter
    private let path: String

    /// Gives out the planned rows of an accepted batch from its private copy.
    typealias RowSource =
        @Sendable (
            _ file: StoredFile, _ usedBefore: (TakenNumber) throws -> Bool,
            _ each: (PlannedRow) throws -> Void
        ) throws -> PlanTotals

    /// Opens (and makes, when absent) the ledger at `path`.
    init(path: String) throws {
        self.path = path
        // Its write-ahead log takes the mode of the file.
        if !DurableFiles.exists(path) { try DurableFiles.createOnce(path, []) }
        database = try DatabasePool(path: path, configuration: Self.settings())
        try database.write { try LedgerSchema.prepare($0) }
    }

    /// Opens a ledger for reading only.
    /// - Throws: `LedgerAbsence` where there is none to read.
    init(reading path: String) throws {
        self.path = path
        var settings = Self.settings()
        settings.readonly = true
        try LedgerAbsence.refuse(path)
        database = try Self.openQuietly(path, settings)
        let version = try database.read { try Int.fetchOne($0, kept: "PRAGMA user_version") }
        guard version == LedgerSchema.version else {
            // A first start makes the file before its tables.
            throw version == 0 ? LedgerAbsence.notThere : LedgerAbsence.otherVersion
        }
    }

    /// Folds its write-ahead log in and ends its use. A pool closes its readers last, and a reader
    /// cannot fold; so a connection that can is opened and closed once more.
    func close() throws {
        try database.close()
        try Self.foldWriteAheadLog(path)
    }

    /// Folds the write-ahead log of a ledger nobody has open into it; the log's files go.
    static func foldWriteAheadLog(_ path: String) throws {
        let last = try DatabaseQueue(path: path, configuration: settings())
        _ = try last.write { try Int.fetchOne($0, kept: "PRAGMA user_version") }
        try last.close()
    }

    /// Opens for reading without leaving anything behind: SQLite makes files beside a database it
    /// only reads, unless it is told that nobody writes. Beside a running daemon somebody does.
    private static func openQuietly(
        _ path: String, _ settings: GRDB.Configuration
    ) throws -> DatabaseQueue {
        let plain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#%".utf8.contains($0) }
        if plain, !DurableFiles.exists(path + "-wal"),
            let quiet = try? DatabaseQueue(
                path: "file:\(path)?immutable=1", configuration: settings)
        {
            return quiet
        }
        return try DatabaseQueue(path: path, configuration: settings)
    }

    static func settings() -> GRDB.Configuration {
        var settings = GRDB.Configuration()
        settings.label = "ledger"
        settings.busyMode = .timeout(10)
        return settings
    }

    /// The answer to one question, one statement: SQLite takes it from one state of the ledger by itself,
    /// and a transaction around it would cost more than most answers. Several that must agree with each
    /// other are asked in a `database.read`.
    func lookUp<Answer>(_ question: (Database) throws -> Answer) throws -> Answer {
        try database.unsafeRead(question)
    }

    /// The sequence number of the next event to apply: everything below it is folded in.
    func nextSequence() throws -> UInt64 { try place().next }

    /// How far it has followed the log. Number and hash are of one moment: apart they would tell of a log
    /// that never was, and a mark keeps them.
    func place() throws -> LedgerPlace { try database.read { try LedgerPlace($0) } }

    /// How far the ledger had that this one is made in the place of, by another version's rules; nil once
    /// this one knows as much.
    func earlierPlace() throws -> LedgerPlace? {
        try database.read { try LedgerPlace.earlier($0) }
    }

    /// Folds events in their order. Those already applied are passed over, unless they are `new`: the log
    /// has just given them their numbers, so that a ledger that knows such numbers has them from another
    /// log, and would miss what these tell.
    func apply(_ events: [Event], areNew: Bool = false, rows: @escaping RowSource) throws {
        try database.write { database in
            var place = try LedgerPlace(database)
            for event in events {
                if event.sequence < place.next {
                    guard areNew else { continue }
                    throw InvariantViolation(place.isAhead(of: event.sequence))
                }
                try LedgerFold(database: database, rows: rows).apply(event)
                place.pass(event)
            }
            try place.save(database)
        }
    }

    static func nextSequence(_ database: Database) throws -> UInt64 {
        try LedgerPlace(database).next
    }
}
