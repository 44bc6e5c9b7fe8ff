import GRDB
import SkyPay

/// Rows of one pace whose time has come, by what they were last sent or asked about at.
struct AskingRange: Sendable {
    var pace: AskingPace
    /// Not later than this (unix seconds).
    var latest: Int64
    /// Later than this, where another group has the earlier ones.
    var after: Int64 = .min

    /// One seek in the index over `askPace` and `askSince`, which has them in this order.
    static let sql = """
        \(StoredRow.select) WHERE askPace = ? AND askSince <= ? AND askSince > ?
        ORDER BY askSince, fileId, row LIMIT ?
        """

    /// The earliest of a pace: the first entry of its part of the index.
    static let earliestSQL = "SELECT MIN(askSince) FROM rows WHERE askPace = ?"
}

extension AskingGroup {
    /// Where its rows stand in the index, at `now` (unix seconds).
    func ranges(now: Int64, _ policy: PayoutPolicy) -> [AskingRange] {
        func range(_ pace: AskingPace) -> AskingRange {
            AskingRange(pace: pace, latest: now - policy.seconds(pace))
        }
        switch self {
        case .inTurn:
            // What callbacks bring forward and its turn has overtaken is asked like any other. What
            // is held comes last, so that it never keeps others waiting.
            let overtaken = AskingRange(pace: .forward, latest: now - policy.turnSeconds)
            return [range(.first), range(.turn), overtaken, range(.slow)]
        case .forward:
            var range = range(.forward)
            range.after = now - policy.turnSeconds
            return [range]
        case .again: return [range(.again)]
        }
    }
}

// Which rows may be asked about.
extension Ledger {
    /// Rows of a group that may be asked about at `now` (unix seconds), the longest due first, what is
    /// held after all others.
    func rowsToAsk(
        _ group: AskingGroup, now: Int64, policy: PayoutPolicy, limit: Int
    ) throws -> [StoredRow] {
        let found = try database.read { database in
            try group.ranges(now: now, policy).flatMap { range in
                try Row.fetchAll(
                    database.cachedStatement(sql: AskingRange.sql),
                    arguments: [range.pace.rawValue, range.latest, range.after, limit]
                ).map(StoredRow.init)
            }
        }
        func place(_ row: StoredRow) -> (isSlow: Int, due: Int64) {
            guard let turn = row.record.askingTurn else { return (1, .max) }
            return (turn.pace == .slow ? 1 : 0, turn.due(policy))
        }
        let ordered = found.enumerated().sorted {
            let (left, right) = (place($0.element), place($1.element))
            return (left.isSlow, left.due, $0.offset) < (right.isSlow, right.due, $1.offset)
        }
        return Array(ordered.lazy.map(\.element).prefix(limit))
    }

    /// The earliest time (unix seconds) at which a question about a payout is due; nil when none is to
    /// come.
    func nextQueryTime(policy: PayoutPolicy, unknownOnly: Bool) throws -> Int64? {
        let earliest = unknownOnly ? try earliestUnknown() : try earliestOfAll()
        return earliest.map { $0.since + policy.seconds($0.pace) }.min()
    }

    private func earliestOfAll() throws -> [AskingTurn] {
        try database.read { database in
            try AskingPace.allCases.compactMap { pace in
                try Int64.fetchOne(
                    database, kept: AskingRange.earliestSQL, arguments: [pace.rawValue]
                ).map { AskingTurn(pace: pace, since: $0) }
            }
        }
    }

    private func earliestUnknown() throws -> [AskingTurn] {
        try lookUp { database in
            try Row.fetchAll(
                database,
                kept: """
                    SELECT askPace, MIN(askSince) AS since FROM rows
                    WHERE state = 'unknown' AND askPace IS NOT NULL GROUP BY askPace
                    """
            ).compactMap { row in
                AskingPace(rawValue: row["askPace"]).map {
                    AskingTurn(pace: $0, since: row["since"])
                }
            }
        }
    }
}
