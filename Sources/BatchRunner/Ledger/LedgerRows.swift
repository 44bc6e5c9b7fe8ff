import GRDB
import SkyPay

// Questions about rows.
extension Ledger {
    /// Rows that may have to be sent, after `key`, in the order of files and lines; the caller asks
    /// `nextStep` of each.
    func rowsToSend(after key: RowKey?, limit: Int) throws -> [StoredRow] {
        // Each is a seek in an index of its own, wherever among a million rows they stand.
        let found = try [
            "state = 'unsent' AND \(LedgerSchema.rowIsOpen)", LedgerSchema.mayBeRepeated,
        ].flatMap { condition in
            try rows(
                where: "\(condition) AND (fileId, row) > (?, ?) ORDER BY fileId, row LIMIT ?",
                [key?.fileID ?? "", key?.row ?? 0, limit])
        }
        let ordered = found.sorted {
            ($0.key.fileID, $0.key.row) < ($1.key.fileID, $1.key.row)
        }
        return Array(ordered.prefix(limit))
    }

    /// Unknown rows whose day is over, or that may not be sent again.
    func rowsToHold(now: Int64, policy: PayoutPolicy, limit: Int) throws -> [StoredRow] {
        try rows(
            where: """
                state = 'unknown' AND \(LedgerSchema.rowIsOpen)
                AND ((timesNotFound < ?1 AND unknownSince + ?2 <= ?3)
                    OR (timesNotFound >= ?1 AND NOT ?4 AND attempts > 0))
                ORDER BY fileId, row LIMIT ?5
                """,
            [
                PayoutPolicy.notFoundBeforeResend, PayoutPolicy.unknownLimitSeconds, now,
                policy.resendAfterQuery, limit,
            ])
    }

    /// Rows in a state, at most `limit`.
    func rows(in state: PayoutState, limit: Int) throws -> [StoredRow] {
        // A final state has no index, and nobody asks for one.
        let condition = state.isFinal ? "" : "AND \(LedgerSchema.rowIsOpen)"
        return try rows(
            where: "state = ? \(condition) ORDER BY fileId, row LIMIT ?", [state.rawValue, limit])
    }

    /// The taken row of a file.
    func row(_ key: RowKey) throws -> StoredRow? {
        try lookUp { try LedgerQueries.row($0, key) }
    }

    /// The taken row with this control number.
    func row(controlNumber: String) throws -> StoredRow? {
        try rows(where: "controlNumber = ? AND state != 'rejected'", [controlNumber]).first
    }

    /// Rows of one file after row `number`, in order.
    func rows(of fileID: String, after number: Int, limit: Int) throws -> [StoredRow] {
        try rows(
            where: "fileId = ? AND row > ? ORDER BY row LIMIT ?", [fileID, number, limit])
    }

    /// Rows and money by state (`rejected` included), over one file or all.
    func totals(of fileID: String? = nil) throws -> [String: StateTotal] {
        try lookUp { database in
            let condition = fileID == nil ? "" : "WHERE fileId = ?"
            let found = try Row.fetchAll(
                database,
                kept: """
                    SELECT state, \(StateTotal.columns)
                    FROM rows \(condition) GROUP BY state
                    """,
                arguments: fileID.map { [$0] } ?? [])
            return Dictionary(
                uniqueKeysWithValues: found.map { ($0["state"] as String, StateTotal($0)) })
        }
    }

    func rows(
        where condition: String, _ arguments: StatementArguments
    ) throws -> [StoredRow] {
        try lookUp {
            try Row.fetchAll(
                $0, kept: "\(StoredRow.select) WHERE " + condition,
                arguments: arguments
            )
            .map(StoredRow.init)
        }
    }
}
