import AuditLog
import GRDB
import OrderedJSON

/// Folds what happens to the password key into the ledger's table `meta`.
struct KeyFold {
    let database: Database

    static let recordName = "passwordKey"
    static let warningName = "keyWarning"

    func change(_ event: Event) throws {
        guard let record = KeyRecord(event.data) else {
            throw InvariantViolation("audit event \(event.sequence) names no key")
        }
        try store(record)
    }

    /// The previous key's time is over.
    func retire(_ event: Event) throws {
        guard var record = try Self.record(database) else { return }
        record.previous = nil
        record.previousUntil = nil
        try store(record)
    }

    func warn(_ event: Event) throws {
        try store(Self.warningName, JSONValue.object(event.data).text())
    }

    static func record(_ database: Database) throws -> KeyRecord? {
        guard let text = try value(database, recordName) else { return nil }
        return try JSONValue(parsing: Array(text.utf8)).objectValue.flatMap(KeyRecord.init)
    }

    static func value(_ database: Database, _ name: String) throws -> String? {
        try String.fetchOne(
            database, kept: "SELECT value FROM meta WHERE name = ?", arguments: [name])
    }

    private func store(_ record: KeyRecord) throws {
        try store(Self.recordName, JSONValue.object(record.json).text())
    }

    private func store(_ name: String, _ value: String) throws {
        try database.execute(
            kept: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [name, value])
    }
}

extension Ledger {
    /// What the log knows of the password key; nil before the first recorded change.
    func keyRecord() throws -> KeyRecord? { try database.read { try KeyFold.record($0) } }

    /// The last warning recorded, as its event's data; nil before the first.
    func lastKeyWarning() throws -> String? {
        try database.read { try KeyFold.value($0, KeyFold.warningName) }
    }
}
