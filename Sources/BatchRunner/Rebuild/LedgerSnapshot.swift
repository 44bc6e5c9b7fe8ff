import AuditLog
import GRDB
import OrderedJSON

/// The ledger as it stands, carried in the log before the segments it was folded from go
/// (docs/decisions/0031-snapshots.md).
///
///     ledger.snapshot-part 1 … n → ledger.snapshot → a checkpoint over it → the old segments go
///
/// The text is one line of JSON for each table (its name and columns), followed by one for each row
/// (the values in that order), cut into parts wherever one is full. Parts hold it as hexadecimal
/// digits: the ledger's numbers and texts would have to be proved to look like no card number each by
/// itself, and digits between letters never do. A crash in between leaves parts that no
/// `ledger.snapshot` speaks of; they mean nothing.
struct LedgerSnapshot {
    /// Bytes of the text in one part: twice as many digits, and an event has 65,535 bytes at most.
    static let partBytes = 28_000
    /// Parts that become durable together.
    private static let groupParts = 32
    /// Rows read at once.
    private static let pageRows = 500

    let journal: Journal

    /// Records it; nothing else may be recorded meanwhile. The caller holds the site.
    func record(progress: (Int) -> Void) async throws {
        let ledger = journal.ledger
        let asOf = try ledger.nextSequence()
        var writing = Writing(author: journal.author)
        var tables: JSONObject = [:]
        for table in try SnapshotTable.all(ledger) {
            try await add([table.heading], to: &writing)
            var (rows, after) = (0, [DatabaseValue]())
            while true {
                let page = try ledger.lookUp {
                    try table.page($0, after: after, limit: Self.pageRows)
                }
                guard let last = page.last else { break }
                after = last.key
                rows += page.count
                try await add(page.map(\.line), to: &writing)
                progress(rows)
            }
            tables[table.name] = .number(String(rows))
        }
        writing.end()
        try await journal.record(writing.drafts)
        try await journal.record(
            .ledgerSnapshot,
            data: [
                "from": .number(String(asOf)), "schema": .number(String(LedgerSchema.version)),
                "parts": .number(String(writing.parts)), "bytes": .number(String(writing.bytes)),
                "sha256": .string(writing.hash.text()), "tables": .object(tables),
            ])
        _ = try await journal.checkpoint()
    }

    private func add(_ lines: [[UInt8]], to writing: inout Writing) async throws {
        for line in lines { writing.add(line) }
        guard writing.drafts.count >= Self.groupParts else { return }
        try await journal.record(writing.drafts)
        writing.drafts = []
    }

    private struct Writing {
        let author: EventAuthor
        var drafts: [EventDraft] = []
        var hash = RunningHash()
        var parts = 0
        var bytes = 0
        private var waiting: [UInt8] = []

        init(author: EventAuthor) { self.author = author }

        mutating func add(_ line: [UInt8]) {
            waiting += line
            waiting.append(0x0A)
            while waiting.count >= partBytes {
                make(Array(waiting.prefix(partBytes)))
                waiting.removeFirst(partBytes)
            }
        }

        mutating func end() {
            if !waiting.isEmpty { make(waiting) }
            waiting = []
        }

        private mutating func make(_ piece: [UInt8]) {
            hash.update(piece)
            parts += 1
            bytes += piece.count
            drafts.append(
                author.draft(
                    .ledgerSnapshotPart,
                    data: [
                        "part": .number(String(parts)), "text": .string(HexText.of(piece)),
                    ]))
        }
    }
}

/// One table, read in the order of its key.
struct SnapshotTable {
    let name: String
    private let key: [String]
    private let columns: [String]

    /// Every table of the ledger by name.
    static func all(_ ledger: Ledger) throws -> [SnapshotTable] {
        try ledger.database.read { database in
            try names(database).map { name in
                let columns = try Row.fetchAll(
                    database, sql: "SELECT name, pk FROM pragma_table_info(?) ORDER BY cid",
                    arguments: [name])
                let key = columns.filter { $0["pk"] > 0 }
                    .sorted { ($0["pk"] as Int) < ($1["pk"] as Int) }
                return SnapshotTable(
                    name: name, key: key.map { $0["name"] }, columns: columns.map { $0["name"] })
            }
        }
    }

    static func names(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name
                """)
    }

    /// Its first line.
    var heading: [UInt8] {
        let object: JSONObject = [
            "table": .string(name), "columns": .array(columns.map { .string($0) }),
        ]
        return JSONValue.object(object).bytes()
    }

    /// The next rows behind a key; none after the last.
    func page(
        _ database: Database, after: [DatabaseValue], limit: Int
    ) throws -> [(key: [DatabaseValue], line: [UInt8])] {
        let places = key.joined(separator: ", ")
        let marks = key.map { _ in "?" }.joined(separator: ", ")
        let behind = after.isEmpty ? "1" : "(\(places)) > (\(marks))"
        let own =
            name == "meta" ? "name NOT IN ('\(LedgerPlace.names.joined(separator: "', '"))')" : "1"
        let sql = """
            SELECT \(columns.joined(separator: ", ")) FROM "\(name)"
            WHERE \(own) AND \(behind) ORDER BY \(places) LIMIT \(limit)
            """
        let statement = try database.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: StatementArguments(after)).map { row in
            let values = columns.map { row[$0] as DatabaseValue }
            return (
                key.map { row[$0] as DatabaseValue },
                JSONValue.array(try values.map { try Self.json($0, name) }).bytes()
            )
        }
    }

    private static func json(_ value: DatabaseValue, _ table: String) throws -> JSONValue {
        switch value.storage {
        case .null: .null
        case .int64(let number): .number(String(number))
        case .string(let text): .string(text)
        case .double, .blob:
            throw InvariantViolation("the ledger's table \(table) holds a value of another kind")
        }
    }
}

/// Bytes as hexadecimal digits behind an `x`: a digit at the very front could begin a card number.
enum HexText {
    static func of(_ bytes: [UInt8]) -> String { "x" + SHA256Text.hexadecimal(bytes) }

    /// Nil for what is none.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.first == UInt8(ascii: "x"), digits.count % 2 == 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for place in stride(from: 1, to: digits.count, by: 2) {
            guard let high = value(digits[place]), let low = value(digits[place + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
