import AuditLog
import GRDB
import OrderedJSON

/// Begins an empty ledger with a snapshot the log carries, where the events it was folded from are gone.
struct SnapshotReading {
    let reader: AuditReader
    /// The first event that is still there.
    let first: UInt64
    /// Told between two pieces how many events the snapshot stands for; may throw.
    var progress: (UInt64) throws -> Void = { _ in }

    /// What a `ledger.snapshot` says of its parts.
    private struct Description {
        /// Everything below it is in the snapshot, and its parts come from there on.
        let from: UInt64
        let end: UInt64
        let schema: Int
        let parts: Int
        let sha256: String
        let tables: JSONObject

        init?(_ event: Event) {
            guard let from = event.data["from"]?.integerValue.flatMap(UInt64.init(exactly:)),
                let schema = event.data["schema"]?.integerValue,
                let parts = event.data["parts"]?.integerValue,
                let sha256 = event.data["sha256"]?.stringValue,
                let tables = event.data["tables"]?.objectValue
            else { return nil }
            self.from = from
            end = event.sequence
            self.schema = schema
            self.parts = parts
            self.sha256 = sha256
            self.tables = tables
        }
    }

    /// Loads the oldest snapshot that is whole, in one transaction: what came after it is folded from
    /// events, and so checks the most.
    func load(into ledger: Ledger, upTo end: UInt64?) throws {
        guard let snapshot = try oldest(), end.map({ snapshot.from <= $0 }) ?? true else {
            throw InvariantViolation(
                "the audit log begins at event \(first) and has no snapshot of the ledger\(until(end)): "
                    + "bring back its older segments; without them no ledger can be made")
        }
        guard LedgerSchema.readableSnapshots.contains(snapshot.schema) else {
            throw InvariantViolation(
                "audit event \(snapshot.end) is a snapshot of another version's ledger "
                    + "(\(snapshot.schema)), which this version cannot read: use that version")
        }
        try ledger.database.write { database in
            try load(snapshot, into: database)
            try LedgerSchema.complete(database)
            var place = LedgerPlace(behindSnapshotAt: snapshot.from)
            try place.save(database)
        }
    }

    private func until(_ end: UInt64?) -> String { end.map { " up to event \($0)" } ?? "" }

    /// The first event that a ledger made anew folds; nil where there is no snapshot to begin with.
    func beginning() throws -> UInt64? { try oldest()?.from }

    private func oldest() throws -> Description? {
        var query = AuditQuery()
        query.type = EventType.ledgerSnapshot.rawValue
        var found: Description?
        _ = try reader.search(query) { event in
            guard found == nil, let description = Description(event), description.from >= first
            else { return }
            found = description
        }
        return found
    }

    private func load(_ snapshot: Description, into database: Database) throws {
        var (parts, hash) = (0, RunningHash())
        var lines = SnapshotLines()
        var tables = TableRows(database: database, known: try SnapshotTable.names(database))
        do {
            try reader.forEach(from: snapshot.from) { event in
                if event.sequence >= snapshot.end { throw Enough() }
                guard event.type == EventType.ledgerSnapshotPart.rawValue else { return }
                parts += 1
                guard event.data["part"]?.integerValue == parts,
                    let piece = event.data["text"]?.stringValue.flatMap(HexText.bytes)
                else { throw Self.broken(event.sequence) }
                hash.update(piece)
                for line in lines.take(piece) { try tables.take(line, event.sequence) }
                try progress(snapshot.from)
            }
        } catch is Enough {}
        guard parts == snapshot.parts, hash.text() == snapshot.sha256, lines.isEmpty,
            tables.counts == snapshot.tables
        else { throw Self.broken(snapshot.end) }
    }

    private struct Enough: Error {}

    fileprivate static func broken(_ sequence: UInt64) -> InvariantViolation {
        InvariantViolation(
            "the snapshot of the ledger in the audit log cannot be read at event \(sequence): "
                + "`auditlog verify` tells whether the log is whole")
    }
}

/// Cuts pieces of text into its lines.
private struct SnapshotLines {
    private var rest: [UInt8] = []

    var isEmpty: Bool { rest.isEmpty }

    mutating func take(_ piece: [UInt8]) -> [[UInt8]] {
        var lines = (rest + piece).split(separator: 0x0A, omittingEmptySubsequences: false)
            .map(Array.init)
        rest = lines.popLast() ?? []
        return lines
    }
}

/// Puts lines of a snapshot into their tables.
private struct TableRows {
    let database: Database
    let known: [String]
    private(set) var counts: JSONObject = [:]
    private var statement: Statement?
    private var (table, width, rows) = ("", 0, 0)

    init(database: Database, known: [String]) {
        self.database = database
        self.known = known
    }

    mutating func take(_ line: [UInt8], _ sequence: UInt64) throws {
        let value = try? JSONValue(parsing: line)
        if let name = value?["table"]?.stringValue,
            let columns = value?["columns"]?.arrayValue?.compactMap(\.stringValue)
        {
            try begin(name, columns, sequence)
        } else if let values = value?.arrayValue, let statement {
            let stored = values.compactMap(Self.stored)
            guard stored.count == width, values.count == width else {
                throw SnapshotReading.broken(sequence)
            }
            try statement.execute(arguments: StatementArguments(stored))
            rows += 1
            counts[table] = .number(String(rows))
        } else {
            throw SnapshotReading.broken(sequence)
        }
    }

    private mutating func begin(
        _ name: String, _ columns: [String], _ sequence: UInt64
    ) throws {
        // Names are ours, but a statement is made of them.
        let isPlain = columns.allSatisfy { $0.utf8.allSatisfy(Self.isLetter) }
        guard known.contains(name), isPlain, !columns.isEmpty else {
            throw SnapshotReading.broken(sequence)
        }
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        statement = try database.makeStatement(
            sql: "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
        (table, width, rows) = (name, columns.count, 0)
        counts[name] = .number("0")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func stored(_ value: JSONValue) -> DatabaseValue? {
        switch value {
        case .null: .null
        case .string(let text): text.databaseValue
        case .number(let text): Int64(text)?.databaseValue
        case .boolean, .array, .object: nil
        }
    }
}
