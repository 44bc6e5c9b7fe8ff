import GRDB
import SkyPay

extension LedgerQueries {
    static func request(_ database: Database, _ key: RowKey) throws -> StoredRequest? {
        let statement = try database.cachedStatement(
            sql: "\(StoredRequest.select) WHERE fileId = ? AND row = ? AND state != 'rejected'")
        return try Row.fetchOne(statement, arguments: [key.fileID, key.row])
            .map(StoredRequest.init)
    }
}

// Questions about rows that are no payouts.
extension Ledger {
    /// The taken request of a file.
    func request(_ key: RowKey) throws -> StoredRequest? {
        try lookUp { try LedgerQueries.request($0, key) }
    }

    /// Requests in a state that may have to be sent, after `place`, in the order in which they came; the
    /// caller asks `nextStep` of each. An order waits until it is known that its payout is at SkyPay, and
    /// until an earlier order about the same payout is answered.
    func requestsToSend(
        in state: RequestState, after place: RequestPlace?, limit: Int
    ) throws -> [StoredRequest] {
        try requests(
            Self.requestsToSendSQL,
            [state.rawValue, place?.claimSequence ?? 0, place?.row ?? 0, limit])
    }

    /// One seek in the index of what may be sent, which has it in this order.
    static let requestsToSendSQL = """
        \(StoredRequest.select) AS r
        WHERE r.state = ? AND \(RequestTables.mayBeSent) AND r.family != 'statusEnquiry'
            AND NOT (r.state = 'unknown' AND r.family = 'order')
            AND (r.claimSequence, r.row) > (?, ?)
            AND (r.family != 'order' OR NOT EXISTS (
                SELECT 1 FROM rows AS p WHERE p.controlNumber = r.number
                    AND p.state != 'rejected' AND p.state IN ('unsent', 'intended', 'suspended', 'unknown')))
            AND (r.family != 'order' OR NOT EXISTS (
                SELECT 1 FROM requests AS q WHERE q.number = r.number AND q.family = 'order'
                    AND q.state != 'rejected'
                    AND (q.claimSequence, q.row) < (r.claimSequence, r.row)
                    AND q.state IN ('unsent', 'intended', 'suspended', 'unknown')))
        ORDER BY r.claimSequence, r.row LIMIT ?
        """

    /// Everything open that is about this payout and takes note of a query: orders sent and not
    /// settled, and senders' questions.
    func requestsAbout(_ number: String) throws -> [StoredRequest] {
        try requests(
            """
            \(StoredRequest.select) WHERE number = ? AND state != 'rejected' AND (
                family = 'order' AND (state IN ('unknown', 'accepted', 'held')
                    OR state IN ('failed', 'confirmed') AND queryAsked)
                OR family = 'statusEnquiry' AND state = 'unsent')
            ORDER BY claimSequence, row
            """, [number])
    }

    /// Orders about this payout that a callback may speak of: those open or held, one that was not
    /// carried out as far as anybody knew, unless a later one of its kind may be meant, and an amendment
    /// that was, unless another may be. In the order in which they came.
    func openOrders(about number: String) throws -> [StoredRequest] {
        try requests(
            """
            \(StoredRequest.select) AS r WHERE number = ? AND state != 'rejected'
                AND family = 'order'
                AND (state IN ('intended', 'suspended', 'unknown', 'accepted')
                    OR state = 'held' AND possiblySent
                    OR state = 'failed' AND NOT EXISTS (
                        SELECT 1 FROM requests AS q WHERE q.number = r.number
                            AND q.state != 'rejected' AND q.action = r.action
                            AND (q.claimSequence, q.row) > (r.claimSequence, r.row))
                    OR state = 'confirmed' AND action = 'amendTransactionV2' AND NOT EXISTS (
                        SELECT 1 FROM requests AS q WHERE q.number = r.number
                            AND q.state != 'rejected' AND q.action = r.action
                            AND (q.claimSequence, q.row) != (r.claimSequence, r.row)
                            AND (q.state IN ('intended', 'suspended', 'unknown', 'accepted', 'held')
                                OR (q.claimSequence, q.row) > (r.claimSequence, r.row))))
            ORDER BY claimSequence, row
            """, [number])
    }

    /// When a bar code's reference was first asked for (unix seconds): SkyPay gives the same reference
    /// to who asks again within its validity, and its time does not begin anew.
    func firstAsked(_ row: StoredRequest, withinSeconds: Int64) throws -> Int64 {
        let own = row.record.firstSentAt ?? 0
        return try lookUp {
            try Int64.fetchOne(
                $0,
                kept: """
                    SELECT MIN(firstSentAt) FROM requests
                    WHERE number = ? AND reference = ? AND family = 'barCode'
                        AND state != 'rejected' AND firstSentAt > ? AND firstSentAt <= ?
                    """, arguments: [row.number, row.reference, own - withinSeconds, own])
        } ?? own
    }

    /// Held transfers whose notifications may be asked for now; the caller asks `nextStep` of each.
    func transfersToAsk(now: Int64, policy: PayoutPolicy, limit: Int) throws -> [StoredRequest] {
        try requests(
            """
            \(StoredRequest.select) WHERE state = 'held' AND family = 'transfer' AND possiblySent
                AND lastSentAt + ?1 <= ?4 AND COALESCE(lastQueriedAt
                    + CASE WHEN timesUnanswered > 0 THEN ?2 ELSE ?3 END, 0) <= ?4
            ORDER BY COALESCE(lastQueriedAt, 0), fileId, row LIMIT ?5
            """,
            [
                policy.queryAfterSeconds, policy.turnSeconds, policy.heldQueryEverySeconds, now,
                limit,
            ])
    }

    /// Unknown requests that may have to be given to a person; the caller asks `nextStep` of each.
    func requestsToHold(after key: RowKey?, limit: Int) throws -> [StoredRequest] {
        try requests(
            """
            \(StoredRequest.select) WHERE state = 'unknown' AND (fileId, row) > (?, ?)
            ORDER BY fileId, row LIMIT ?
            """, [key?.fileID ?? "", key?.row ?? 0, limit])
    }

    /// Requests in a state, at most `limit`.
    func requests(in state: RequestState, limit: Int) throws -> [StoredRequest] {
        try requests(
            "\(StoredRequest.select) WHERE state = ? ORDER BY fileId, row LIMIT ?",
            [state.rawValue, limit])
    }

    /// Requests of one file after row `number`, in order.
    func requests(of fileID: String, after number: Int, limit: Int) throws -> [StoredRequest] {
        try requests(
            "\(StoredRequest.select) WHERE fileId = ? AND row > ? ORDER BY row LIMIT ?",
            [fileID, number, limit])
    }

    /// What was ever asked or ordered about this payout, oldest first.
    func requests(about number: String) throws -> [StoredRequest] {
        try requests(
            """
            \(StoredRequest.select) WHERE number = ? AND state != 'rejected'
            ORDER BY claimSequence, row
            """, [number])
    }

    /// Requests and money by state (`rejected` included), over one file or all.
    func requestTotals(of fileID: String? = nil) throws -> [String: StateTotal] {
        try lookUp { database in
            let condition = fileID == nil ? "" : "WHERE fileId = ?"
            let found = try Row.fetchAll(
                database,
                kept: """
                    SELECT state, \(StateTotal.columns)
                    FROM requests \(condition) GROUP BY state
                    """,
                arguments: fileID.map { [$0] } ?? [])
            return Dictionary(
                uniqueKeysWithValues: found.map { ($0["state"] as String, StateTotal($0)) })
        }
    }

    /// Senders' questions about payouts that are not answered yet.
    func waitingStatusEnquiries() throws -> Int {
        try lookUp {
            try Int.fetchOne(
                $0,
                kept: """
                    SELECT COUNT(*) FROM requests
                    WHERE state = 'unsent' AND family = 'statusEnquiry'
                    """)
        } ?? 0
    }

    /// Transfers of this amount that are not refused: those open or held, and those made since a time
    /// (unix seconds); the latest first.
    /// - Parameter withFailed: also those sent since that a person called failed.
    func transfers(
        of amount: Amount?, since: Int64, withFailed: Bool = false
    ) throws -> [StoredRequest] {
        guard let amount else { return [] }
        return try requests(
            """
            \(StoredRequest.select) WHERE action = 'balanceTransfer' AND amount = ?1
                AND (state IN ('unsent', 'intended', 'suspended', 'unknown')
                    OR state = 'held' AND possiblySent
                    OR state = 'confirmed' AND lastSentAt >= ?2
                    OR ?3 AND state = 'failed' AND possiblySent AND lastSentAt >= ?2)
            ORDER BY claimSequence DESC, row DESC
            """, [amount.centavos, since, withFailed])
    }

    /// Rows and money of one file by what became of them, whatever its family, in the words of
    /// responses.
    func reportTotals(of file: StoredFile) throws -> [String: StateTotal] {
        guard let action = file.action, ActionFamily.of(action)?.isRequest == true else {
            return try totals(of: file.fileID)
        }
        let totals = try requestTotals(of: file.fileID)
        return Dictionary(
            uniqueKeysWithValues: totals.map { state, total in
                (RequestState(rawValue: state)?.word(for: action) ?? state, total)
            })
    }

    /// True while a request waits to be sent, asked about or settled.
    func hasOpenRequests() throws -> Bool {
        try lookUp {
            try Bool.fetchOne(
                $0,
                kept: """
                    SELECT EXISTS (SELECT 1 FROM requests
                        WHERE state IN ('unsent', 'unknown', 'accepted'))
                    """)
        } ?? false
    }

    func requests(
        _ sql: String, _ arguments: StatementArguments
    ) throws -> [StoredRequest] {
        try lookUp {
            try Row.fetchAll($0, kept: sql, arguments: arguments).map(StoredRequest.init)
        }
    }
}
