import GRDB
import SkyPay

/// Rows and money in one state.
struct StateTotal: Sendable, Equatable {
    var rows = 0
    var amount = Amount.zero
}

// Questions about rows.
extension Ledger {
    /// Rows that may have to be sent, after `key`, in the order of files and lines; the caller asks
    /// `nextStep` of each.
    func rowsToSend(after key: RowKey?, limit: Int) throws -> [StoredRow] {
        try rows(
            where: """
                (state = 'unsent' OR (state = 'unknown' AND timesNotFound >= ?))
                AND (fileId, row) > (?, ?) ORDER BY fileId, row LIMIT ?
                """,
            [
                PayoutPolicy.notFoundBeforeResend, key?.fileID ?? "", key?.row ?? 0, limit,
            ])
    }

    /// Rows whose query may be due, the longest unasked first; the caller asks `nextStep` of each.
    func rowsToAsk(now: Int64, policy: PayoutPolicy, limit: Int) throws -> [StoredRow] {
        try rows(
            where: """
                state IN ('unknown', 'accepted') AND lastSentAt + ? <= ?
                AND (queryAsked OR lastQueriedAt IS NULL OR lastQueriedAt + ? <= ?)
                AND (queryAsked OR state = 'accepted' OR timesNotFound < ?)
                ORDER BY COALESCE(lastQueriedAt, 0), fileId, row LIMIT ?
                """,
            [
                policy.queryAfterSeconds, now, policy.queryEverySeconds, now,
                PayoutPolicy.notFoundBeforeResend, limit,
            ])
    }

    /// Rows held that may have been sent, whose turn has come, and final rows that a callback
    /// contradicts; the longest unasked first. The caller asks `nextStep` of each.
    func settledRowsToAsk(now: Int64, policy: PayoutPolicy, limit: Int) throws -> [StoredRow] {
        let disputed = try rows(
            where: """
                queryAsked = 1 AND state IN ('held', 'refused', 'paid', 'failed', 'cancelled')
                AND lastSentAt + ? <= ? ORDER BY fileId, row LIMIT ?
                """, [policy.queryAfterSeconds, now, limit])
        let held = try rows(
            where: """
                state = 'held' AND possiblySent AND queryAsked = 0 AND lastSentAt + ?1 <= ?3
                AND COALESCE(lastQueriedAt, lastSentAt) + ?2 <= ?3
                ORDER BY COALESCE(lastQueriedAt, 0), fileId, row LIMIT ?4
                """,
            [policy.queryAfterSeconds, policy.heldQueryEverySeconds, now, limit])
        return disputed + held
    }

    /// Unknown rows whose day is over, or that may not be sent again.
    func rowsToHold(now: Int64, policy: PayoutPolicy, limit: Int) throws -> [StoredRow] {
        try rows(
            where: """
                state = 'unknown' AND ((timesNotFound < ?1 AND unknownSince + ?2 <= ?3)
                    OR (timesNotFound >= ?1 AND NOT ?4))
                ORDER BY fileId, row LIMIT ?5
                """,
            [
                PayoutPolicy.notFoundBeforeResend, PayoutPolicy.unknownLimitSeconds, now,
                policy.resendAfterQuery, limit,
            ])
    }

    /// Rows in a state, at most `limit`.
    func rows(in state: PayoutState, limit: Int) throws -> [StoredRow] {
        try rows(where: "state = ? ORDER BY fileId, row LIMIT ?", [state.rawValue, limit])
    }

    /// The taken row of a file.
    func row(_ key: RowKey) throws -> StoredRow? {
        try database.read { try LedgerQueries.row($0, key) }
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
        try database.read { database in
            let condition = fileID == nil ? "" : "WHERE fileId = ?"
            let found = try Row.fetchAll(
                database,
                sql: """
                    SELECT state, COUNT(*) AS rows, COALESCE(SUM(amount), 0) AS amount
                    FROM rows \(condition) GROUP BY state
                    """,
                arguments: fileID.map { [$0] } ?? [])
            return Dictionary(
                uniqueKeysWithValues: found.map { row in
                    let total = StateTotal(
                        rows: row["rows"], amount: Amount(centavos: row["amount"]))
                    return (row["state"] as String, total)
                })
        }
    }

    /// The earliest time (unix seconds) at which a query is due; nil when none is to come.
    func nextQueryTime(policy: PayoutPolicy, unknownOnly: Bool) throws -> Int64? {
        let states = unknownOnly ? "('unknown')" : "('unknown', 'accepted')"
        return try database.read {
            try Int64.fetchOne(
                $0,
                sql: """
                    SELECT MIN(MAX(lastSentAt + ?,
                        CASE WHEN queryAsked THEN 0 ELSE COALESCE(lastQueriedAt + ?, 0) END))
                    FROM rows WHERE state IN \(states)
                        AND (queryAsked OR state = 'accepted' OR timesNotFound < ?)
                    """,
                arguments: [
                    policy.queryAfterSeconds, policy.queryEverySeconds,
                    PayoutPolicy.notFoundBeforeResend,
                ])
        }
    }

    private func rows(
        where condition: String, _ arguments: StatementArguments
    ) throws -> [StoredRow] {
        try database.read {
            try Row.fetchAll($0, sql: "SELECT * FROM rows WHERE " + condition, arguments: arguments)
                .map(StoredRow.init)
        }
    }
}
