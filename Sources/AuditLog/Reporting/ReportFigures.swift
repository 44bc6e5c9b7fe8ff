/// Events of one type and outcome.
struct TypeFigure {
    var type: String
    var isFailure: Bool
    var events: UInt64 = 0
    /// Those whose amount was added.
    var amounts: UInt64 = 0
    var sum: Int128 = 0
}

/// An hour of a day, or a day of a month.
struct BucketFigure {
    var events: UInt64 = 0
    var failures: UInt64 = 0
    var transactions: UInt64 = 0
    var sum: Int128 = 0
}

/// One failed event, cut to what a table shows.
struct FailureFigure {
    var sequence: UInt64
    var time: String
    var type: String
    var subject: String
    var reason: String
}

/// Something the report could not add, told instead of dropped.
struct OddFigure {
    var sequence: UInt64
    var message: String
}

/// One entry of the log's own history, or a gap in it.
struct TimelineFigure {
    enum Kind { case routine, notable, trouble, gap }

    var sequence: UInt64
    var time: String
    var kind: Kind
    var type: String
    var text: String
}

/// Counted transactions.
struct TransactionFigure {
    var count: UInt64 = 0
    var sum: Int128 = 0
    var reversedCount: UInt64 = 0
    var reversedSum: Int128 = 0
    /// Further counted events of a transaction counted already.
    var repeats: UInt64 = 0
}

/// A party whose total of one banking day is over the threshold.
struct CoveredFigure {
    var party: String
    var label: String
    var day: String
    var totals: TransactionFigure
    var firstTime: String
    var lastTime: String
    var listed: [CoveredTransaction] = []
}

/// One transaction of a covered party.
struct CoveredTransaction {
    var name: String
    var sequence: UInt64
    var time: String
    var amount: Int64
    var reversedBy: String?
}

/// What lists of a report hold at most; counts beside them are always whole.
enum ReportLimits {
    /// Failed events listed.
    static let failures = 200
    /// Distinct types and outcomes counted apart; further ones share a row.
    static let types = 500
    /// Odd values listed.
    static let odd = 50
    /// Entries of the timeline: notable ones, and openings, closings and accesses.
    static let notableEntries = 300
    static let routineEntries = 60
    /// Covered parties listed, the largest sums first.
    static let coveredParties = 1_000
    /// Transactions listed for one of them, and for all.
    static let coveredTransactions = 1_000
    static let allCoveredTransactions = 20_000
    /// Characters of one cell.
    static let cellCharacters = 300
    /// Silence told as a gap, in seconds.
    static let gapSeconds = 3_600
    /// Transactions held in memory at once (about 20 MiB); more are counted in several readings.
    static let transactionsAtOnce = 390_000
    /// Parties over the threshold held in memory at once; a report with more says so.
    static let partiesAtOnce = 50_000
}
