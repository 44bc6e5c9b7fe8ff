import GRDB
public import OrderedJSON
import SkyPay

/// One payout about which SkyPay's report and the ledger do not say the same.
public struct ReportDifference: Sendable, Equatable {
    /// What it is, in a word that scripts may rely on.
    public enum Kind: String, Sendable {
        /// SkyPay has a payout no file of this site asked for.
        case notOurs = "not-ours"
        /// The ledger says SkyPay took it, and no report has it.
        case notReported = "not-reported"
        /// Another amount.
        case amount
        /// One side says paid, the other says it is not, and will not be.
        case outcome
        /// SkyPay has it, and the ledger does not know yet: the next queries settle it.
        case open
        /// More than one row under its number.
        case twice
    }

    /// Which payout.
    public var controlNumber: String
    /// What differs.
    public var kind: Kind
    /// What the ledger says.
    public var ledger: String
    /// What SkyPay's report says.
    public var skypay: String

    /// The machine-readable form.
    public var json: JSONValue {
        [
            "controlNumber": .string(controlNumber), "kind": .string(kind.rawValue),
            "ledger": .string(ledger), "skypay": .string(skypay),
        ]
    }
}

/// SkyPay's payouts of one day beside the ledger's, in a database of its own: neither side has to
/// fit into memory.
final class ReportComparison {
    private let database: DatabaseQueue
    private let day: String

    /// - Parameters:
    ///   - ledger: the ledger's file; it is only read.
    ///   - day: `yyyy-MM-dd`, GMT+8.
    init(ledger: String, day: String) throws {
        self.day = day
        // An empty path is a file that SQLite removes with the connection.
        database = try DatabaseQueue(path: "", configuration: Ledger.settings())
        try database.inDatabase { database in
            try database.execute(sql: "ATTACH DATABASE ? AS ledger", arguments: [ledger])
            try database.execute(
                sql: """
                    CREATE TABLE report (number TEXT NOT NULL, day TEXT NOT NULL,
                        amount INTEGER, paid INTEGER NOT NULL);
                    CREATE INDEX reportByNumber ON report (number);
                    """)
        }
    }

    /// Takes a row of a report.
    func add(_ row: ReportRow) throws {
        let created = row.createDate.map { PhilippineTime.canonical(wire: $0) } ?? ""
        try database.write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT INTO report (number, day, amount, paid) VALUES (?, ?, ?, ?)")
            try statement.execute(arguments: [
                row.number, String(created.prefix(Self.dayCharacters)), row.amount?.centavos,
                row.payTime != nil,
            ])
        }
    }

    /// Of a time on the wire, `yyyy-MM-dd HH:mm:ss`.
    private static let dayCharacters = 10

    /// Rows and money of the day by SkyPay's report, and of the same payouts by the ledger.
    func totals() throws -> (skypay: StateTotal, ledger: StateTotal) {
        try database.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT COUNT(*) AS rows, \(AmountSum.columns(of: "t.amount", as: "amount")),
                        COUNT(r.amount) AS ours,
                        \(AmountSum.columns(of: "r.amount", as: "ourAmount"))
                    FROM report AS t LEFT JOIN ledger.rows AS r
                        ON r.controlNumber = t.number AND r.state != 'rejected'
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
                    SELECT t.number, COUNT(*) AS times, MAX(t.paid) AS paid, MIN(t.amount) AS least,
                        MAX(t.amount) AS most, COUNT(t.amount) AS amounts, r.state, r.amount
                    FROM report AS t LEFT JOIN ledger.rows AS r
                        ON r.controlNumber = t.number AND r.state != 'rejected'
                    WHERE t.number IN (SELECT number FROM report WHERE day = ?)
                    GROUP BY t.number ORDER BY t.number
                    """, arguments: [day])
            while let row = try cursor.next() {
                if let difference = ReportedPayout(row).difference { give(difference) }
            }
            try missing(database, give)
        }
    }

    /// Payouts first or last sent on the day that SkyPay took, by the ledger, and does not report on
    /// this day or one beside it. Not those found after an older state was put back, without an attempt
    /// or "sent" when that was noticed (`doubted`): when they were sent is not known.
    private func missing(_ database: Database, _ give: (ReportDifference) -> Void) throws {
        guard let micros = PhilippineTime.unixMicroseconds(wire: day + " 00:00:00") else { return }
        let start = micros / 1_000_000
        let restored = try String.fetchOne(
            database, sql: "SELECT value FROM ledger.meta WHERE name = ?",
            arguments: [Restoration.name]
        ).flatMap { try Restoration($0)?.at }
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT controlNumber, state, amount FROM ledger.rows
                WHERE state IN ('accepted', 'paid') AND attempts > 0
                    AND lastSentAt >= ? AND lastSentAt < ? AND lastSentAt IS NOT ?
                    AND NOT EXISTS (SELECT 1 FROM report WHERE number = controlNumber)
                ORDER BY controlNumber
                """, arguments: [start, start + Self.daySeconds, restored])
        while let row = try cursor.next() {
            let amount = Amount(centavos: row["amount"])
            give(
                ReportDifference(
                    controlNumber: row["controlNumber"], kind: .notReported,
                    ledger: "\(row["state"] as String), PHP \(amount.text)", skypay: "nothing"))
        }
    }

    private static let daySeconds: Int64 = 86_400
}

/// One number of the report beside its row in the ledger.
private struct ReportedPayout {
    let number: String
    let times: Int
    let isPaid: Bool
    /// Nil where an amount could not be read, or rows name several.
    let amount: Amount?
    let state: String?
    let ours: Amount?

    init(_ row: Row) {
        number = row["number"]
        times = row["times"]
        isPaid = row["paid"]
        let least: Int64? = row["least"]
        let most: Int64? = row["most"]
        let amounts: Int = row["amounts"]
        let isOne = least == most && amounts == times
        amount = isOne ? least.map { Amount(centavos: $0) } : nil
        state = row["state"]
        ours = (row["amount"] as Int64?).map { Amount(centavos: $0) }
    }

    var difference: ReportDifference? {
        guard let kind else { return nil }
        let money = amount.map { "PHP \($0.text)" } ?? "amounts that differ or cannot be read"
        return ReportDifference(
            controlNumber: number, kind: kind,
            ledger: state.map { "\($0), PHP \(ours?.text ?? "?")" } ?? "nothing",
            skypay: (times > 1 ? "\(times) rows, " : "") + (isPaid ? "paid, " : "not paid, ")
                + money)
    }

    private var kind: ReportDifference.Kind? {
        guard let state else { return .notOurs }
        if times > 1 { return .twice }
        if amount == nil || amount != ours { return .amount }
        switch state {
        case "paid", "settled": return isPaid ? nil : .outcome
        case "accepted": return isPaid ? .open : nil
        // SkyPay reports these too, without a time of payment.
        case "failed", "cancelled": return isPaid ? .outcome : nil
        case "unknown", "intended", "suspended", "held": return .open
        default: return .outcome
        }
    }
}
