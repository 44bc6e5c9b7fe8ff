import GRDB
import SkyPay

/// The ledger's table of registrations: folded from accepted `registerPayout` and
/// `registerCollection` batches and from the callbacks about them. Numbers and money only; what a
/// counter is told about people is read from the private copy when it is told.
enum RegistrationTable {
    /// Makes the table; part of the ledger's schema.
    static let schema = """
        CREATE TABLE registrations (
            kind TEXT NOT NULL, number TEXT NOT NULL, fileId TEXT NOT NULL, row INTEGER NOT NULL,
            amount INTEGER NOT NULL, expiresAt INTEGER, state TEXT NOT NULL,
            inquiries INTEGER NOT NULL DEFAULT 0, lastInquiredAt INTEGER, payment TEXT,
            PRIMARY KEY (kind, number)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX registrationsByRow ON registrations (fileId, row);
        CREATE INDEX registrationsEnding ON registrations (expiresAt)
            WHERE expiresAt IS NOT NULL AND state IN ('registered', 'inquired');
        """

    /// What stands under a number; nil for nothing.
    static func find(
        _ database: Database, _ kind: RegistrationKind, number: String
    ) throws -> Registration? {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM registrations WHERE kind = ? AND number = ?")
        return try Row.fetchOne(statement, arguments: [kind.rawValue, number])
            .flatMap(registration)
    }

    /// What a row of a batch registered; nil for rows of other batches and refused ones.
    static func find(_ database: Database, _ key: RowKey) throws -> Registration? {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM registrations WHERE fileId = ? AND row = ?")
        return try Row.fetchOne(statement, arguments: [key.fileID, key.row])
            .flatMap(registration)
    }

    static func registration(_ row: Row) -> Registration? {
        guard let kind = RegistrationKind(rawValue: row["kind"]),
            let state = CounterState(rawValue: row["state"])
        else { return nil }
        return Registration(
            kind: kind, number: row["number"],
            row: RowKey(fileID: row["fileId"], row: row["row"]),
            amount: Amount(centavos: row["amount"]), expiresAt: row["expiresAt"],
            record: CounterRecord(
                state: state, inquiries: row["inquiries"], lastInquiredAt: row["lastInquiredAt"],
                payment: row["payment"]))
    }
}

// Questions about registrations.
extension Ledger {
    /// What stands under a control or contract number; nil for nothing.
    func registration(_ kind: RegistrationKind, number: String) throws -> Registration? {
        try database.read { try RegistrationTable.find($0, kind, number: number) }
    }

    /// What a row registered; nil when it registered nothing.
    func registration(_ key: RowKey) throws -> Registration? {
        try database.read { try RegistrationTable.find($0, key) }
    }

    /// Registrations to be recorded as expired at `now` (unix seconds), at most `limit`.
    func registrationsToExpire(at now: Int64, limit: Int) throws -> [Registration] {
        try database.read { database in
            try Row.fetchAll(
                database,
                kept: """
                    SELECT * FROM registrations
                    WHERE expiresAt IS NOT NULL AND state IN ('registered', 'inquired')
                        AND expiresAt <= ?1
                        AND (state = 'registered' OR COALESCE(lastInquiredAt, 0) + ?2 <= ?1)
                    ORDER BY expiresAt, fileId, row LIMIT ?3
                    """,
                arguments: [now, Registration.openInquirySeconds, limit]
            ).compactMap(RegistrationTable.registration)
        }
    }

    /// Registrations by kind and state, over the whole site.
    func registrationCounts() throws -> [RegistrationKind: [CounterState: Int]] {
        try database.read { database in
            var counts: [RegistrationKind: [CounterState: Int]] = [:]
            for row in try Row.fetchAll(
                database,
                kept: "SELECT kind, state, COUNT(*) AS rows FROM registrations GROUP BY kind, state"
            ) {
                guard let kind = RegistrationKind(rawValue: row["kind"]),
                    let state = CounterState(rawValue: row["state"])
                else { continue }
                counts[kind, default: [:]][state] = row["rows"]
            }
            return counts
        }
    }
}
