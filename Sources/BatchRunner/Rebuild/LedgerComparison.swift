import GRDB
public import OrderedJSON

/// A ledger beside one that was made anew from the audit log up to the same event.
public struct LedgerComparison: Sendable, Equatable {
    /// One table's figures.
    public struct Table: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Rows by the log.
        public var rows: Int
        /// Rows and columns that differ.
        public var differences: Int
    }

    /// The number of events both are folded from, by the ledger's own word.
    public var events: UInt64
    /// Every table by name.
    public var tables: [Table] = []
    /// What differs, at most `maxListed` of each table.
    public var differences: [LedgerDifference] = []
    /// Why the ledger could not be read to its end; nil when it could.
    public var damage: String?

    /// Differences listed of one table at most; all are counted.
    static let maxListed = 100

    /// Row by row, column by column the same.
    public var agrees: Bool { damage == nil && count == 0 }
    /// Rows and columns that differ, over all tables.
    public var count: Int { tables.reduce(0) { $0 + $1.differences } }

    /// The machine-readable form.
    public var json: JSONObject {
        var object = summary
        object["differences"] = .array(differences.map(\.json))
        return object
    }

    /// Figures and no values: what an event may say.
    var summary: JSONObject {
        var object: JSONObject = [
            "events": .number(String(events)), "agrees": .boolean(agrees),
            "differing": .number(String(count)),
            "tables": .array(
                tables.map { table in
                    [
                        "table": .string(table.name), "rows": .number(String(table.rows)),
                        "differing": .number(String(table.differences)),
                    ]
                }),
        ]
        object["damage"] = damage.map { .string($0) }
        return object
    }

    /// Compares two closed ledgers.
    /// - Parameters:
    ///   - ledger: the file to be checked; nobody else may write it meanwhile.
    ///   - made: the file made anew from the log.
    static func compare(
        ledger: String, with made: String, events: UInt64
    ) throws -> LedgerComparison {
        var comparison = LedgerComparison(events: events)
        let database = try DatabaseQueue(path: made)
        try database.inDatabase { database in
            do {
                try database.execute(sql: "ATTACH DATABASE ? AS old", arguments: [ledger])
                try comparison.compare(database)
            } catch let error as DatabaseError where error.speaksOfDamage {
                comparison.damage = error.message ?? "\(error.resultCode)"
            }
        }
        try database.close()
        return comparison
    }

    private mutating func compare(_ database: Database) throws {
        let names = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM main.sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name
                """)
        for name in ["sqlite_master"] + names {
            let shape = try ComparedTable(database, name)
            guard let shape else { continue }
            let found = try shape.differences(database, atMost: Self.maxListed)
            differences += found.listed
            tables.append(
                Table(name: name, rows: try shape.rows(database), differences: found.count))
        }
        // Rows may be right and an index over them wrong, and decisions read by indexes.
        let word = try String.fetchOne(database, sql: "PRAGMA old.integrity_check(1)")
        if let word, word != "ok" { damage = PersonalData.freeText(word) }
    }
}

extension DatabaseError {
    /// True when it is the file that is broken, not what was asked of it.
    var speaksOfDamage: Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(resultCode)
    }
}
