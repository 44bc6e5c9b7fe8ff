import GRDB

/// A table in the schemas `main` (made from the log) and `old` (the ledger to be checked), compared
/// inside SQLite: both lie in the order of their keys, so the memory needed does not grow with them.
struct ComparedTable {
    private let name: String
    private let key: [String]
    private let columns: [String]

    /// Nil when the ledger has no such table with that key: `sqlite_master` tells of it.
    init?(_ database: Database, _ name: String) throws {
        self.name = name
        if name == "sqlite_master" {
            key = ["type", "name"]
            columns = ["tbl_name", "sql"]
            return
        }
        let made = try Self.columns(database, "main", name)
        let present = Set(try Self.columns(database, "old", name).map(\.name))
        let key = made.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map(\.name)
        self.key = key
        columns = made.map(\.name).filter { !key.contains($0) && present.contains($0) }
        guard !key.isEmpty, key.allSatisfy(present.contains) else { return nil }
    }

    /// Rows by the log.
    func rows(_ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM main.\(quoted(name)) AS n WHERE \(counts("n"))")
            ?? 0
    }

    /// Everything that differs: all counted, the first listed.
    func differences(
        _ database: Database, atMost limit: Int
    ) throws -> (count: Int, listed: [LedgerDifference]) {
        var count = 0
        var listed: [LedgerDifference] = []
        func add(_ difference: @autoclosure () -> LedgerDifference) {
            count += 1
            if listed.count < limit { listed.append(difference()) }
        }
        for (here, there) in [("main", "old"), ("old", "main")] {
            let cursor = try Row.fetchCursor(database, sql: onlyIn(here, not: there))
            while let row = try cursor.next() {
                let isMissing = here == "main"
                add(
                    LedgerDifference(
                        table: name, key: text(row), ledger: isMissing ? nil : "a row",
                        log: isMissing ? "a row" : nil))
            }
        }
        guard !columns.isEmpty else { return (count, listed) }
        let cursor = try Row.fetchCursor(database, sql: changed)
        while let row = try cursor.next() {
            for (index, column) in columns.enumerated() {
                let made: DatabaseValue = row[key.count + 2 * index]
                let found: DatabaseValue = row[key.count + 2 * index + 1]
                guard !Self.isSame(made, found) else { continue }
                let shown = ShownValue.pair(found, made)
                add(
                    LedgerDifference(
                        table: name, key: text(row), column: column, ledger: shown.0,
                        log: shown.1))
            }
        }
        return (count, listed)
    }

    /// The same bytes. Swift takes two spellings of an accented letter for equal; a ledger may not.
    private static func isSame(_ one: DatabaseValue, _ other: DatabaseValue) -> Bool {
        if case .string(let first) = one.storage, case .string(let second) = other.storage {
            return first.utf8.elementsEqual(second.utf8)
        }
        return one == other
    }

    private static func columns(
        _ database: Database, _ schema: String, _ table: String
    ) throws -> [(name: String, place: Int)] {
        try Row.fetchAll(
            database, sql: "SELECT name, pk FROM pragma_table_info(?, ?) ORDER BY cid",
            arguments: [table, schema]
        ).map { ($0["name"], $0["pk"]) }
    }

    private func onlyIn(_ here: String, not there: String) -> String {
        """
        SELECT \(list("h", key)) FROM \(here).\(quoted(name)) AS h
        WHERE \(counts("h")) AND NOT EXISTS
            (SELECT 1 FROM \(there).\(quoted(name)) AS t WHERE \(matches("h", "t")))
        """
    }

    private var changed: String {
        let values = columns.map { "n.\(quoted($0)), o.\(quoted($0))" }.joined(separator: ", ")
        let differs = columns.map { "n.\(quoted($0)) IS NOT o.\(quoted($0))" }
        return """
            SELECT \(list("n", key)), \(values)
            FROM main.\(quoted(name)) AS n JOIN old.\(quoted(name)) AS o ON \(matches("n", "o"))
            WHERE \(counts("n")) AND (\(differs.joined(separator: " OR ")))
            """
    }

    /// SQLite's own tables (statistics, automatic indexes) come and go.
    private func counts(_ alias: String) -> String {
        name == "sqlite_master" ? "\(alias).name NOT LIKE 'sqlite_%'" : "1"
    }

    private func matches(_ one: String, _ other: String) -> String {
        key.map { "\(one).\(quoted($0)) = \(other).\(quoted($0))" }.joined(separator: " AND ")
    }

    private func list(_ alias: String, _ names: [String]) -> String {
        names.map { "\(alias).\(quoted($0))" }.joined(separator: ", ")
    }

    private func text(_ row: Row) -> String {
        key.enumerated().map { index, column in
            let value: DatabaseValue = row[index]
            let text =
                if case .string(let text) = value.storage { text } else { ShownValue.text(value) }
            return "\(column)=\(text)"
        }.joined(separator: " ")
    }

    private func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}
