import GRDB
import SkyPay

/// A finding with the row it is about.
struct StoredFinding: Sendable {
    var row: RowKey
    var sequence: UInt64
    var outcome: String
    var previous: String
    var description: String
    var source: String
    var time: String
    var reference: String?
    /// The line its row begins on, from 1.
    var line: Int
    var item: Int?
    var location: RowLocation
    var number: String?
    var amount: Amount?

    init(_ row: Row) {
        self.row = RowKey(fileID: row["fileId"], row: row["row"])
        sequence = UInt64(row["sequence"] as Int64)
        outcome = row["outcome"]
        previous = row["previous"]
        description = row["description"]
        source = row["source"]
        time = row["time"]
        reference = row["reference"]
        line = row["line"]
        item = row["item"]
        location = RowLocation(offset: row["offset"], length: row["length"])
        number = row["number"]
        amount = (row["amount"] as Int64?).map { Amount(centavos: $0) }
    }
}

/// Which findings one correction tells.
struct CorrectionScope: Sendable, Equatable {
    /// The correction of its file, from 1.
    var number: Int
    /// The last finding of its file that is told in it; nil where the ledger knows which they are.
    var through: UInt64?
}

// What senders know a row as: the state it stands in, until something contradicts that; from then on
// what the last such finding says. A finding about what was held is no contradiction: how it went on
// from there is told in its regular place.
extension LedgerQueries {
    /// A payout.
    static func told(_ database: Database, _ row: StoredRow) throws -> PayoutState {
        let state = row.record.state
        guard state.isFinal, let outcome = try lastContradiction(database, row.key) else {
            return state
        }
        return PayoutState(rawValue: outcome) ?? state
    }

    /// The same of an order, in the words of responses.
    static func told(_ database: Database, _ request: StoredRequest) throws -> String {
        let state = request.record.state
        guard state.isFinal, let outcome = try lastContradiction(database, request.key) else {
            return state.word(for: request.action)
        }
        return outcome
    }

    private static func lastContradiction(
        _ database: Database, _ row: RowKey
    ) throws -> String? {
        try String.fetchOne(
            database,
            kept: """
                SELECT outcome FROM findings WHERE fileId = ? AND row = ? AND contradicts
                ORDER BY sequence DESC LIMIT 1
                """, arguments: [row.fileID, row.row])
    }
}

// Questions about findings.
extension Ledger {
    /// What its sender knows a payout as.
    func told(_ row: StoredRow) throws -> PayoutState {
        try lookUp { try LedgerQueries.told($0, row) }
    }

    /// What its sender knows an order as, in the words of responses.
    func told(_ request: StoredRequest) throws -> String {
        try lookUp { try LedgerQueries.told($0, request) }
    }

    /// Files whose result is told and about which more was found since.
    func filesWithCorrectionDue() throws -> [StoredFile] { try files(where: Self.correctionDue) }

    /// From the few findings that are not told to their files: asked at every look, and the other way
    /// round it would go through every file that ever came.
    static let correctionDue = """
        resultPrepared = 1 AND fileId IN (SELECT fileId FROM findings WHERE correction IS NULL)
        ORDER BY claimSequence
        """

    /// The next correction of a file: all that is not told yet.
    func nextCorrection(of fileID: String) throws -> CorrectionScope {
        try database.read { database in
            let last = try Int.fetchOne(
                database, kept: "SELECT MAX(correction) FROM findings WHERE fileId = ?",
                arguments: [fileID])
            let through = try Int64.fetchOne(
                database,
                kept: "SELECT MAX(sequence) FROM findings WHERE fileId = ? AND correction IS NULL",
                arguments: [fileID])
            return CorrectionScope(
                number: (last ?? 0) + 1, through: through.map { UInt64($0) })
        }
    }

    /// Corrections that are promised and whose CSV twins are not.
    func correctionsWithoutTable() throws -> [(fileID: String, number: Int)] {
        try lookUp { database in
            try Row.fetchAll(
                database,
                kept: """
                    SELECT DISTINCT fileId, correction FROM findings
                    WHERE correction IS NOT NULL AND hasTable = 0 ORDER BY fileId, correction
                    """
            ).map { ($0["fileId"], $0["correction"]) }
        }
    }

    /// The findings of a correction after one of them, in the order in which they were made.
    func findings(
        of fileID: String, in scope: CorrectionScope, after sequence: UInt64, limit: Int
    ) throws -> [StoredFinding] {
        try lookUp { database in
            try Row.fetchAll(
                database,
                kept: """
                    SELECT f.*, COALESCE(p.line, r.line) AS line, COALESCE(p.item, r.item) AS item,
                        COALESCE(p.offset, r.offset) AS offset,
                        COALESCE(p.length, r.length) AS length,
                        COALESCE(p.controlNumber, r.number) AS number,
                        COALESCE(p.amount, r.amount) AS amount
                    FROM findings AS f
                        LEFT JOIN rows AS p ON p.fileId = f.fileId AND p.row = f.row
                        LEFT JOIN requests AS r ON r.fileId = f.fileId AND r.row = f.row
                    WHERE f.fileId = ?1 AND f.sequence > ?2
                        AND (f.correction = ?3 OR f.correction IS NULL AND f.sequence <= ?4)
                    ORDER BY f.sequence LIMIT ?5
                    """,
                arguments: [
                    fileID, Int64(sequence), scope.number, scope.through.map { Int64($0) }, limit,
                ]
            ).map(StoredFinding.init)
        }
    }

    /// The latest finding about a row; nil when there is none.
    func latestFinding(about row: RowKey) throws -> (outcome: String, time: String)? {
        try lookUp { database in
            try Row.fetchOne(
                database,
                kept: """
                    SELECT outcome, time FROM findings WHERE fileId = ? AND row = ?
                    ORDER BY sequence DESC LIMIT 1
                    """, arguments: [row.fileID, row.row]
            ).map { ($0["outcome"], $0["time"]) }
        }
    }

    /// How often something final was contradicted so far.
    func contradictions() throws -> Int {
        try lookUp {
            try Int.fetchOne($0, kept: "SELECT COUNT(*) FROM findings WHERE contradicts") ?? 0
        }
    }
}
