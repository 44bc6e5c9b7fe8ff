import GRDB
public import OrderedJSON
import SkyPay

/// Which of SkyPay's reports.
public enum ReportSubject: String, Sendable, CaseIterable {
    /// getReportPayout: what was paid out, at counters too.
    case payouts
    /// getReportCollection: what counters took in.
    case collections
}

extension ReportSubject {
    /// The question for it, by the days that count here: those on which SkyPay made a payout, and those
    /// on which a counter took money (docs/decisions/0024-reconcile.md).
    func query(from: String, through: String) -> ReportQuery {
        switch self {
        case .payouts: .payouts(from: from, through: through, dateType: "CreateDate")
        case .collections: .collections(from: from, through: through, dateType: "CollectedTime")
        }
    }

    /// The field that says the day, and what it says in a row.
    func time(of row: ReportRow) -> (field: String, text: String?) {
        switch self {
        case .payouts: ("createDate", row.createDate)
        case .collections: ("collectionTime", row.payTime)
        }
    }

    /// Whether a row says that the money moved.
    func isDone(_ row: ReportRow) -> Bool {
        switch self {
        case .payouts: row.payTime != nil
        case .collections: row.status.map { $0.lowercased() == "confirmed" } ?? true
        }
    }

    /// What registered a number of its.
    var registration: RegistrationKind { self == .payouts ? .payout : .collection }
}

/// One payout or collection about which SkyPay's report and the ledger do not say the same.
public struct ReportDifference: Sendable, Equatable {
    /// What it is, in a word that scripts may rely on.
    public enum Kind: String, Sendable {
        /// SkyPay has what no file of this site asked for or registered.
        case notOurs = "not-ours"
        /// The ledger says SkyPay took it, or a counter said so, and no report has it.
        case notReported = "not-reported"
        /// Another amount.
        case amount
        /// One side says paid, the other says it is not, and will not be.
        case outcome
        /// SkyPay has it, and the ledger does not know yet: the next queries settle it, or the message
        /// of the counter that asked about it.
        case open
        /// More than one row under its number.
        case twice
    }

    /// Which report.
    public var subject: ReportSubject
    /// Which payout, or which contract.
    public var controlNumber: String
    /// What differs.
    public var kind: Kind
    /// What the ledger says.
    public var ledger: String
    /// What SkyPay's report says.
    public var skypay: String

    /// The machine-readable form.
    public var json: JSONValue {
        [
            "report": .string(subject.rawValue), "controlNumber": .string(controlNumber),
            "kind": .string(kind.rawValue), "ledger": .string(ledger), "skypay": .string(skypay),
        ]
    }
}

/// One number of a report beside what the ledger has of it.
struct ReportedNumber {
    private let subject: ReportSubject
    private let number: String
    private let times: Int
    private let isDone: Bool
    /// Nil where an amount could not be read, or rows name several.
    private let amount: Amount?
    private let state: String?
    private let ours: Amount?

    init(_ row: Row, _ subject: ReportSubject) {
        self.subject = subject
        number = row["number"]
        times = row["times"]
        isDone = row["done"]
        let least: Int64? = row["least"]
        let most: Int64? = row["most"]
        let amounts: Int = row["amounts"]
        let isOne = least == most && amounts == times
        amount = isOne ? least.map { Amount(centavos: $0) } : nil
        state = row["state"]
        ours = (row["amount"] as Int64?).map { Amount(centavos: $0) }
    }

    /// Nil where both say the same.
    var difference: ReportDifference? {
        guard let kind else { return nil }
        let money = amount.map { "PHP \($0.text)" } ?? "amounts that differ or cannot be read"
        let done = subject == .payouts ? "paid" : "collected"
        return ReportDifference(
            subject: subject, controlNumber: number, kind: kind,
            ledger: state.map { "\($0), PHP \(ours?.text ?? "?")" } ?? "nothing",
            skypay: (times > 1 ? "\(times) rows, " : "") + (isDone ? "" : "not ") + done + ", "
                + money)
    }

    private var kind: ReportDifference.Kind? {
        guard let state else { return .notOurs }
        if times > 1 { return .twice }
        if amount == nil || amount != ours { return .amount }
        switch state {
        case "paid", "settled": return isDone ? nil : .outcome
        // A counter that was told 1000 may have acted, and its message not come yet.
        case "accepted", "inquired": return isDone ? .open : nil
        // SkyPay reports these too, without a time of payment.
        case "failed", "cancelled", "expired": return isDone ? .outcome : nil
        case "unknown", "intended", "suspended", "held": return .open
        default: return .outcome
        }
    }
}
