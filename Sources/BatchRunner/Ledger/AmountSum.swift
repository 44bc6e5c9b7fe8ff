import GRDB
import SkyPay

/// A sum of amounts over any number of files, exact. One file's rows come to 10^16 pesos at most, which is
/// an `Amount`; ten such files in one state are more than 64 bits hold, for SQLite's SUM too, and no
/// command takes rows out of the ledger again.
struct AmountSum: Sendable, Hashable, Comparable {
    /// The sum in centavos.
    let centavos: Int128

    /// Nothing.
    static let zero = AmountSum(centavos: 0)

    init(centavos: Int128) { self.centavos = centavos }

    init(_ amount: Amount) { self.init(centavos: Int128(amount.centavos)) }

    /// As amounts are written: `1500.00`, a negative one with a minus sign.
    var text: String {
        let magnitude = centavos.magnitude
        let cents = magnitude % 100
        return (centavos < 0 ? "-" : "") + "\(magnitude / 100)." + (cents < 10 ? "0" : "")
            + "\(cents)"
    }

    static func + (left: AmountSum, right: AmountSum) -> AmountSum {
        AmountSum(centavos: left.centavos + right.centavos)
    }

    static func + (left: AmountSum, right: Amount) -> AmountSum { left + AmountSum(right) }

    static func - (left: AmountSum, right: AmountSum) -> AmountSum {
        AmountSum(centavos: left.centavos - right.centavos)
    }

    static func < (left: AmountSum, right: AmountSum) -> Bool { left.centavos < right.centavos }
}

// SQLite sums whole units and what is left of them apart: neither overflows before there are a thousand
// million rows, whatever amounts they have.
extension AmountSum {
    private static let unitCentavos: Int64 = 1_000_000_000

    /// The columns of a statement that sum the amounts in `column`, to be read as `name`.
    static func columns(of column: String, as name: String) -> String {
        """
        COALESCE(SUM(\(column) / \(unitCentavos)), 0) AS \(name)Units,
            COALESCE(SUM(\(column) % \(unitCentavos)), 0) AS \(name)Rest
        """
    }

    /// Reads what `columns(of:as:)` asked for.
    init(_ row: Row, _ name: String) {
        let units: Int64 = row[name + "Units"]
        let rest: Int64 = row[name + "Rest"]
        self.init(centavos: Int128(units) * Int128(Self.unitCentavos) + Int128(rest))
    }
}

/// Rows and money in one state.
struct StateTotal: Sendable, Equatable {
    var rows = 0
    var amount = AmountSum.zero
}

extension StateTotal {
    init(rows: Int, amount: Amount) { self.init(rows: rows, amount: AmountSum(amount)) }

    /// The columns of a statement that counts rows and sums their money.
    static let columns = "COUNT(*) AS rows, " + AmountSum.columns(of: "amount", as: "amount")

    /// Reads what `columns` asked for.
    init(_ row: Row) { self.init(rows: row["rows"], amount: AmountSum(row, "amount")) }

    /// Rows and money of both.
    static func + (left: StateTotal, right: StateTotal) -> StateTotal {
        StateTotal(rows: left.rows + right.rows, amount: left.amount + right.amount)
    }
}
