import GRDB
import SkyPay

extension Ledger {
    /// Payouts and transfers sent since then of which nobody knows whether SkyPay has them.
    /// - Parameter start: unix seconds.
    func amountInDoubt(sentSince start: Int64) throws -> Amount {
        try lookUp { database in
            let inDoubt = "(state = 'unknown' OR state = 'held' AND possiblySent)"
            let centavos = try ["rows", "requests"].map { table in
                // The first condition of each has an index: few rows are open.
                let condition =
                    table == "rows" ? LedgerSchema.rowIsOpen : "family = 'transfer'"
                return try Int64.fetchOne(
                    database,
                    kept: """
                        SELECT COALESCE(SUM(amount), 0) FROM \(table)
                        WHERE state IN ('unknown', 'held') AND \(condition) AND \(inDoubt)
                        AND lastSentAt >= ?
                        """,
                    arguments: [start]) ?? 0
            }
            return centavos.map(Amount.init(centavos:)).reduce(.zero, +)
        }
    }
}
