import GRDB

/// The columns a record is read from, in the order in which they are asked for: each is found by its
/// place. GRDB would look for its name among all of them, for every column of every row, and that took
/// longer than SQLite's answer.
protocol StoredColumn: RawRepresentable<Int>, CaseIterable {}

extension StoredColumn {
    /// `fileId, row, …`, for a `SELECT` from one table.
    static var list: String { allCases.map { "\($0)" }.joined(separator: ", ") }

    /// `r.fileId, r.row, …`, for a `SELECT` from several.
    static func list(of table: String) -> String {
        allCases.map { "\(table).\($0)" }.joined(separator: ", ")
    }
}

extension Row {
    subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: some StoredColumn
    ) -> Value { self[column.rawValue] }
}
