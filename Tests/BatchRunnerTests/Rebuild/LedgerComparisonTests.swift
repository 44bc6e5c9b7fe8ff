import GRDB
import Testing

@testable import BatchRunner

/// Two ledgers with two invented rows in every table.
@Suite("Comparing two ledgers")
struct LedgerComparisonTests {
    private let temporary: TemporarySite
    private let old: String
    private let made: String

    init() throws {
        temporary = try TemporarySite()
        old = temporary.site.resolve("state/old.sqlite")
        made = temporary.site.resolve("state/made.sqlite")
        for path in [old, made] {
            try Ledger(path: path).close()
            try Self.write(path) { database in
                for table in try Self.tables(database) {
                    for number in 1...2 { try Self.insert(number, into: table, database) }
                }
            }
        }
    }

    private static func write(_ path: String, _ work: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase(work)
        try queue.close()
    }

    private static func tables(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    }

    private static func columns(_ database: Database, _ table: String) throws -> [Row] {
        try Row.fetchAll(
            database, sql: "SELECT name, type, pk FROM pragma_table_info(?)", arguments: [table])
    }

    private static func insert(_ number: Int, into table: String, _ database: Database) throws {
        let columns = try columns(database, table)
        let names = columns.map { $0["name"] as String }
        let values = columns.map { column in
            (column["type"] as String) == "INTEGER" ? "\(number)" : "'text \(number)'"
        }
        try database.execute(
            sql: "INSERT INTO \(table) (\(names.joined(separator: ", "))) "
                + "VALUES (\(values.joined(separator: ", ")))")
    }

    private func compare() throws -> LedgerComparison {
        try LedgerComparison.compare(ledger: old, with: made, events: 7)
    }

    private func tables() throws -> [String] {
        var tables: [String] = []
        try Self.write(made) { tables = try Self.tables($0) }
        return tables
    }

    @Test("The same rows in all tables agree, and every table is looked at")
    func same() throws {
        let comparison = try compare()
        #expect(comparison.agrees && comparison.differences == [])
        #expect(comparison.events == 7)
        let tables = try tables()
        #expect(comparison.tables.map(\.name) == ["sqlite_master"] + tables)
        #expect(tables.count == 8)
        #expect(comparison.tables.dropFirst().map(\.rows) == tables.map { _ in 2 })
    }

    @Test("One altered column of one row in any table is found and named, and nothing else")
    func everyColumn() throws {
        for table in try tables() {
            var columns: [Row] = []
            try Self.write(old) { columns = try Self.columns($0, table) }
            let key = columns.filter { ($0["pk"] as Int) > 0 }.map { $0["name"] as String }
            for column in columns where (column["pk"] as Int) == 0 {
                let name: String = column["name"]
                let isNumber = (column["type"] as String) == "INTEGER"
                let place = "\(table).\(name)"
                for planted in [isNumber ? "9" : "'text 3'", "NULL"] {
                    let wasSet = try set(table, name, planted, where: key[0])
                    // Some columns are never empty.
                    if !wasSet { continue }
                    let comparison = try compare()
                    #expect(comparison.count == 1 && !comparison.agrees, "\(place)")
                    let found = try #require(comparison.differences.first)
                    #expect(found.table == table && found.column == name, "\(place)")
                    #expect(found.key.hasPrefix(key[0] + "="), "\(place)")
                    #expect(found.ledger != found.log, "\(place)")
                }
                _ = try set(table, name, isNumber ? "2" : "'text 2'", where: key[0])
            }
        }
        #expect(try compare().agrees)
    }

    /// Sets a column in the second row of the old ledger; false where the table refuses it.
    private func set(
        _ table: String, _ column: String, _ value: String, where key: String
    ) throws -> Bool {
        var isDone = true
        try Self.write(old) { database in
            do {
                try database.execute(
                    sql: "UPDATE \(table) SET \(column) = \(value) WHERE \(key) IN (2, 'text 2')")
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                isDone = false
            }
        }
        return isDone
    }

    @Test("A row too few and a row too many in any table are found")
    func wholeRows() throws {
        for table in try tables() {
            try Self.write(old) { database in
                let key = try Self.columns(database, table).first { ($0["pk"] as Int) > 0 }
                let name: String = try #require(key)["name"]
                try database.execute(sql: "DELETE FROM \(table) WHERE \(name) IN (1, 'text 1')")
                try Self.insert(5, into: table, database)
            }
            let found = try compare().differences.filter { $0.table == table }
            #expect(found.map { $0.ledger == nil } == [true, false], "\(table)")
            #expect(found.map { $0.log == nil } == [false, true], "\(table)")
            #expect(found.allSatisfy { $0.column == nil })
        }
        #expect(try compare().count == 16)
    }

    @Test("Another spelling of the same letters is a difference")
    func spelling() throws {
        for (path, text) in [(old, "e\u{301}"), (made, "\u{e9}")] {
            try Self.write(path) {
                try $0.execute(
                    sql: "UPDATE files SET name = ? WHERE fileId = 'text 1'", arguments: [text])
            }
        }
        #expect(try compare().differences.map(\.column) == ["name"])
    }

    @Test("Every difference is counted, the first are listed, account numbers masked")
    func many() throws {
        try Self.write(old) { database in
            for number in 3...202 { try Self.insert(number, into: "callbacks", database) }
            try database.execute(
                sql: "UPDATE rows SET lastDescription = 'sent to 1234567890 today' WHERE row = 1")
        }
        let comparison = try compare()
        #expect(comparison.count == 201)
        #expect(comparison.differences.count == LedgerComparison.maxListed + 1)
        let told = comparison.differences.last { $0.table == "rows" }
        #expect(told?.ledger == "\"sent to xxxxxx7890 today\"")
        #expect(told?.log == "\"text 1\"")
        let event = "\(comparison.summary)"
        #expect(!event.contains("text 1") && !event.contains("7890"))
    }

    @Test("A lost index, a broken index, a lost table and a file that is no database are found")
    func form() throws {
        try Self.write(old) { try $0.execute(sql: "DROP INDEX rowsByControlNumber") }
        #expect(try compare().differences.map(\.key) == ["type=index name=rowsByControlNumber"])
        try Self.write(old) { try $0.execute(sql: "DROP TABLE findings") }
        let keys = Set(try compare().differences.map(\.key))
        #expect(keys.contains("type=table name=findings"))
        try temporary.write("state/old.sqlite", String(repeating: "no database ", count: 400))
        let comparison = try compare()
        #expect(comparison.damage != nil && !comparison.agrees)
    }
}
