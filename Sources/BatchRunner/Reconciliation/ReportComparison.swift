import GRDB
import OrderedJSON
import SkyPay

/// A row that keeps its report from being compared.
struct ReportFault: Error {
    /// What is wrong with it, in words.
    let reason: String
}

/// A report of SkyPay's of one day beside the ledger, in a database of its own: neither side has to
/// fit into memory.
final class ReportComparison {
    private let subject: ReportSubject
    private let database: DatabaseQueue
    private let day: String

    /// - Parameters:
    ///   - ledger: the ledger's file; it is only read.
    ///   - day: `yyyy-MM-dd`, GMT+8.
    init(_ subject: ReportSubject, ledger: String, day: String) throws {
        self.subject = subject
        self.day = day
        // An empty path is a file that SQLite removes with the connection.
        database = try DatabaseQueue(path: "", configuration: Ledger.settings())
        try database.inDatabase { database in
            try database.execute(sql: "ATTACH DATABASE ? AS ledger", arguments: [ledger])
            try database.execute(
                sql: """
                    CREATE TABLE report (number TEXT NOT NULL, day TEXT NOT NULL,
                        amount INTEGER, done INTEGER NOT NULL);
                    CREATE INDEX reportByNumber ON report (number);
                    """)
        }
    }

    /// Whether there is anything of this site's to compare in these days. A collection needs a
    /// registration that was there by then and had not ended before: nothing of ours hangs on what
    /// counters take in for others.
    func isNeeded(from first: String, through last: String) throws -> Bool {
        guard subject == .collections else { return true }
        return try database.read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM \(Self.registrations)
                        JOIN ledger.files AS b ON b.fileId = g.fileId
                        WHERE g.kind = ? AND substr(b.receivedAt, 1, 10) <= ?
                            AND (r.final IS NULL OR \(Self.lastDay) >= ?))
                    """, arguments: [subject.registration.rawValue, last, first]) ?? false
        }
    }

    /// Takes a row of the report.
    /// - Throws: `ReportFault` for a row without a number or a readable day: its money would be in no
    ///   sum and it in no difference.
    func add(_ object: JSONObject) throws {
        guard let row = ReportRow(object) else {
            throw ReportFault(reason: "a row without a number")
        }
        let (field, time) = subject.time(of: row)
        let day = String((time ?? "").prefix(Self.dayCharacters))
        guard PhilippineTime.isDate(day) else {
            throw ReportFault(reason: "a row without a readable \(field)")
        }
        try database.write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT INTO report (number, day, amount, done) VALUES (?, ?, ?, ?)")
            try statement.execute(arguments: [
                row.number, day, row.amount?.centavos, subject.isDone(row),
            ])
        }
    }

    /// Of a time on the wire, `yyyy-MM-dd HH:mm:ss`.
    private static let dayCharacters = 10

    /// What the ledger has under the number of a row, as `r`.
    private var ours: String {
        switch subject {
        case .payouts: "ledger.rows AS r ON r.controlNumber = t.number AND r.state != 'rejected'"
        case .collections:
            "ledger.registrations AS r ON r.kind = 'collection' AND r.number = t.number"
        }
    }

    /// Where it stands there. That a counter was told to pay a row out stands in its registration alone.
    private var state: String {
        switch subject {
        case .payouts:
            """
            COALESCE((SELECT g.state FROM ledger.registrations AS g
                WHERE g.fileId = r.fileId AND g.row = r.row AND g.state = 'inquired'), r.state)
            """
        case .collections: "r.state"
        }
    }

    /// Rows and money of the day by SkyPay's report, and of the same numbers by the ledger.
    func totals() throws -> (skypay: StateTotal, ledger: StateTotal) {
        try database.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT COUNT(*) AS rows, \(AmountSum.columns(of: "t.amount", as: "amount")),
                        COUNT(r.amount) AS ours,
                        \(AmountSum.columns(of: "r.amount", as: "ourAmount"))
                    FROM report AS t LEFT JOIN \(ours)
                    WHERE t.day = ?
                    """, arguments: [day])
            guard let row else { return (StateTotal(), StateTotal()) }
            return (
                StateTotal(row),
                StateTotal(rows: row["ours"], amount: AmountSum(row, "ourAmount"))
            )
        }
    }

    /// Gives out every difference, by control number.
    func differences(_ give: (ReportDifference) -> Void) throws {
        try database.read { database in
            let cursor = try Row.fetchCursor(
                database,
                sql: """
                    SELECT t.number, COUNT(*) AS times, MAX(t.done) AS done, MIN(t.amount) AS least,
                        MAX(t.amount) AS most, COUNT(t.amount) AS amounts, \(state) AS state,
                        r.amount
                    FROM report AS t LEFT JOIN \(ours)
                    WHERE t.number IN (SELECT number FROM report WHERE day = ?)
                    GROUP BY t.number ORDER BY t.number
                    """, arguments: [day])
            while let row = try cursor.next() {
                if let difference = ReportedNumber(row, subject).difference { give(difference) }
            }
            if subject == .payouts { try notSent(database, give) }
            try notBooked(database, give)
        }
    }

    /// Payouts first or last sent on the day that SkyPay took, by the ledger, and does not report on
    /// this day or one beside it. Not those found after an older state was put back, without an attempt
    /// or "sent" when that was noticed (`doubted`): when they were sent is not known.
    private func notSent(_ database: Database, _ give: (ReportDifference) -> Void) throws {
        guard let micros = PhilippineTime.unixMicroseconds(wire: day + " 00:00:00") else { return }
        let start = micros / 1_000_000
        let restored = try String.fetchOne(
            database, sql: "SELECT value FROM ledger.meta WHERE name = ?",
            arguments: [Restoration.name]
        ).flatMap { try Restoration($0)?.at }
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT controlNumber AS number, state AS said, amount FROM ledger.rows
                WHERE state IN ('accepted', 'paid') AND attempts > 0
                    AND lastSentAt >= ? AND lastSentAt < ? AND lastSentAt IS NOT ?
                    AND NOT EXISTS (SELECT 1 FROM report WHERE number = controlNumber)
                ORDER BY controlNumber
                """, arguments: [start, start + Self.daySeconds, restored])
        while let row = try cursor.next() { give(notReported(row)) }
    }

    /// What counters said on the day that they paid or took, and SkyPay does not report on this day or
    /// one beside it. By the day on which the message came, by our clock: the time in it is anybody's
    /// word, and a forged one must not choose a day at which nobody looks any more.
    private func notBooked(_ database: Database, _ give: (ReportDifference) -> Void) throws {
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT g.number, 'settled ' || substr(r.finalAt, 1, 10) AS said, g.amount
                FROM \(Self.registrations)
                WHERE g.kind = ? AND g.state = 'settled' AND \(Self.lastDay) = ?
                    AND NOT EXISTS (SELECT 1 FROM report WHERE number = g.number)
                ORDER BY g.number
                """, arguments: [subject.registration.rawValue, day])
        while let row = try cursor.next() { give(notReported(row)) }
    }

    /// Registrations as `g`, their rows as `r`, and as `m` the file of the message that settled them.
    private static let registrations = """
        ledger.registrations AS g
            JOIN ledger.rows AS r ON r.fileId = g.fileId AND r.row = g.row
            LEFT JOIN ledger.callbacks AS c ON c.key = g.payment
            LEFT JOIN ledger.files AS m ON m.fileId = c.fileId
        """
    /// The day on which one ended; nothing for one that is open.
    private static let lastDay = "substr(COALESCE(m.receivedAt, r.finalAt), 1, 10)"

    private func notReported(_ row: Row) -> ReportDifference {
        let amount = Amount(centavos: row["amount"])
        return ReportDifference(
            subject: subject, controlNumber: row["number"], kind: .notReported,
            ledger: "\(row["said"] as String), PHP \(amount.text)", skypay: "nothing")
    }

    private static let daySeconds: Int64 = 86_400
}
