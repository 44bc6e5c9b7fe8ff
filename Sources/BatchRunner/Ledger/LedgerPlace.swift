import AuditLog
import GRDB

/// How far a ledger has followed the audit log: a number alone would not tell a log that was put back
/// and has grown again from the one it followed.
struct LedgerPlace: Sendable, Equatable {
    /// The number of the next event to fold: everything below it is folded in.
    private(set) var next: UInt64 = 0
    /// SHA-256 of the last event folded; nil before the first, and behind a snapshot.
    private(set) var lastSHA256: String?
    // The last event of a group is hashed, not each.
    private var last: Event?

    static let nextName = "nextSequence"
    static let lastName = "lastEvent"
    private static let earlierNames = (next: "earlierNextSequence", last: "earlierLastEvent")
    /// What belongs to this ledger and not to what it tells: no snapshot carries it.
    static let names = [nextName, lastName, earlierNames.next, earlierNames.last]

    init(_ database: Database) throws {
        try self.init(database, Self.nextName, Self.lastName)
    }

    private init(_ database: Database, _ nextName: String, _ lastName: String) throws {
        next = try KeyFold.value(database, nextName).flatMap(UInt64.init) ?? 0
        lastSHA256 = try KeyFold.value(database, lastName)
    }

    /// Behind a snapshot of everything below `next`.
    init(behindSnapshotAt next: UInt64) { self.next = next }

    /// As a mark of the site keeps it.
    init(next: UInt64, lastSHA256: String?) {
        self.next = next
        self.lastSHA256 = lastSHA256
    }

    /// An event was folded.
    mutating func pass(_ event: Event) {
        next = event.sequence + 1
        last = event
    }

    /// Whether this is the event that was folded last.
    func isLast(_ event: Event) -> Bool {
        event.sequence + 1 == next
            && (lastSHA256 == nil || lastSHA256 == SHA256Text.of(event.bytes))
    }

    /// Whether the last events of two ledgers differ; false where one has none to show.
    func isOfAnotherLog(than other: LedgerPlace) -> Bool {
        guard let lastSHA256, let theirs = other.lastSHA256 else { return false }
        return lastSHA256 != theirs
    }

    /// In the transaction of the fold.
    mutating func save(_ database: Database) throws {
        if let last { lastSHA256 = SHA256Text.of(last.bytes) }
        last = nil
        try save(database, Self.nextName, String(next))
        if let lastSHA256 { try save(database, Self.lastName, lastSHA256) }
    }

    private func save(_ database: Database, _ name: String, _ value: String) throws {
        try database.execute(
            kept: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [name, value])
    }

    /// Why a log that goes on with `sequence` is not the one the ledger followed.
    func isAhead(of sequence: UInt64) -> String {
        "the ledger knows \(next) events, and the audit log goes on with event \(sequence) or has "
            + "others: the log was put back from a backup, or a disk lost what it had written. Nothing "
            + "is sent: restore audit/ and state/ of the same moment (docs/OPERATING.md, \"The ledger "
            + "knows more than the audit log\")"
    }
}

// A ledger of another version is dropped and folded anew, and with it would go the only knowledge that
// the log once had more than it has now. So its place stays until the new one has followed as far.
extension LedgerPlace {
    /// Where the ledger stood that this one is made in the place of; nil once this one knows as much.
    static func earlier(_ database: Database) throws -> LedgerPlace? {
        let place = try LedgerPlace(database, earlierNames.next, earlierNames.last)
        return place.next > 0 ? place : nil
    }

    /// The furthest place a ledger of any version knows of, its own or that of one before it. Before version
    /// 12 it is a number alone.
    static func furthest(_ database: Database) throws -> LedgerPlace? {
        guard try database.tableExists("meta") else { return nil }
        let own = try LedgerPlace(database)
        if let before = try earlier(database), before.next > own.next { return before }
        return own.next > 0 ? own : nil
    }

    /// Keeps it in the tables that are made in the place of its own, in the same transaction.
    func keepAsEarlier(_ database: Database) throws {
        try save(database, Self.earlierNames.next, String(next))
        if let lastSHA256 { try save(database, Self.earlierNames.last, lastSHA256) }
    }

    /// This ledger knows as much.
    static func forgetEarlier(_ database: Database) throws {
        for name in [earlierNames.next, earlierNames.last] {
            try database.execute(kept: "DELETE FROM meta WHERE name = ?", arguments: [name])
        }
    }

    /// The log did not reach so far. It grows with every start that is refused, and would come to a number:
    /// from here on no event is the one that was folded last.
    static func refuseEarlier(_ database: Database) throws {
        guard let place = try earlier(database), place.lastSHA256 == nil else { return }
        try place.save(database, earlierNames.last, "was not in the log")
    }

    /// Whether a log has the event that was folded last. One whose front is gone up to there has gone on
    /// since.
    func isReached(in reader: AuditReader) throws -> Bool {
        guard next > reader.firstRetained else { return true }
        guard let event = try reader.event(next - 1) else { return false }
        return isLast(event)
    }
}
