import GRDB
import SkyPay

extension Ledger {
    /// Payouts and transfers sent since then of which nobody knows whether SkyPay has them.
    /// - Parameter start: unix seconds.
    func amountInDoubt(sentSince start: Int64) throws -> AmountSum {
        try lookUp { database in
            let inDoubt = "(state = 'unknown' OR state = 'held' AND possiblySent)"
            let sums = try ["rows", "requests"].map { table in
                // The first condition of each has an index: few rows are open.
                let condition =
                    table == "rows" ? LedgerSchema.rowIsOpen : "family = 'transfer'"
                return try Row.fetchOne(
                    database,
                    kept: """
                        SELECT \(AmountSum.columns(of: "amount", as: "amount")) FROM \(table)
                        WHERE state IN ('unknown', 'held') AND \(condition) AND \(inDoubt)
                        AND lastSentAt >= ?
                        """,
                    arguments: [start]
                ).map { AmountSum($0, "amount") }
            }
            return sums.compactMap(\.self).reduce(AmountSum.zero, +)
        }
    }
}
