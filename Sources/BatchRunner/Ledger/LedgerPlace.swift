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
    /// What belongs to this ledger and not to what it tells: no snapshot carries it.
    static let names = [nextName, lastName]

    init(_ database: Database) throws {
        next = try KeyFold.value(database, Self.nextName).flatMap(UInt64.init) ?? 0
        lastSHA256 = try KeyFold.value(database, Self.lastName)
    }

    /// Behind a snapshot of everything below `next`.
    init(behindSnapshotAt next: UInt64) { self.next = next }

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
