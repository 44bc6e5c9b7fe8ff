import SkyPay

/// One row with its verdict: sent when it has no faults.
struct PlannedRow: Sendable {
    /// Its number in the file, from 1: what names it for ever.
    var number: Int
    /// The line it begins on, from 1.
    var line: Int
    var item: Int?
    var location: RowLocation
    var controlNumber: String?
    var amount: Amount?
    /// When a registration ends (unix seconds); nil for never, and for other rows.
    var expiresAt: Int64?
    var faults: [Fault]

    /// What stands in `rejectReason`: every fault of the row.
    var faultText: String {
        faults.map { fault in
            fault.field.map { "\($0): \(fault.message)" } ?? fault.message
        }.joined(separator: "; ")
    }
}

/// What a plan comes to.
struct PlanTotals: Sendable, Equatable {
    var total = StateTotal()
    var accepted = StateTotal()
    var rejected = StateTotal()
    /// Accepted rows and money by withdraw channel.
    var channels: [String: StateTotal] = [:]
    /// The first faults, at most `PlanLimits.maxListedFaults`.
    var faults: [Fault] = []
    /// Faults beyond those listed.
    var faultsLeftOut = 0
    /// SHA-256 over header and every row with its verdict: the same file under the same rules and
    /// ledger has the same hash, and an approval names it. What it covers: `PlanVersion`.
    var planHash = ""
}

/// Limits of planning.
enum PlanLimits {
    /// Faults an acknowledgement lists; the rejected file has all of them.
    static let maxListedFaults = 1_000
    /// Times a file may be taken up for judging; more means that it crashes the reader.
    static let maxJudgings = 3
}
