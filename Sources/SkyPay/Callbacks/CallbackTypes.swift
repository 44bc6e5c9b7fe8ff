/// What a `payoutQueuePayout` reports (`skypay-api.md §3`).
public enum PayType: Int, Sendable, CaseIterable {
    /// 1: waits at a store.
    case uploaded = 1
    /// 2: paid.
    case paid = 2
    /// 3: cancelled.
    case cancelled = 3
    /// 4: failed.
    case failed = 4
    /// 5: amended.
    case amended = 5
    /// 6: could not be amended.
    case amendFailed = 6
}

/// SkyPay reports what became of a payout. A report is not a proof: ECB messages can be spliced,
/// so a query has to agree before money is booked.
public struct PayoutResult: Sendable, Equatable {
    /// The payout, anything up to 50 characters.
    public let controlNumber: String
    /// What is reported.
    public let payType: PayType
    /// When it happened, as it came.
    public let dealTime: String
    /// Why it failed, when it did.
    public let failDescription: String?
    /// ML's reference, with payType 1 and 5.
    public let referenceNumber: String?
}

/// SkyPay reports a movement on one of the partner's accounts.
public struct FinanceNotification: Sendable, Equatable {
    /// Direction of the movement.
    public enum SignType: String, Sendable {
        /// More money.
        case recharge
        /// Less money.
        case reduce
    }

    /// `transctionDate` (the misspelling is the wire name), as it came; nil when absent.
    public let transactionDate: String?
    /// Five characters, `SKY98`.
    public let companyPrefix: String
    /// The company's name; nil when absent.
    public let companyName: String?
    /// The account concerned.
    public let accountNo: String
    /// Where money came from; nil when "".
    public let sourceAccountNo: String?
    /// Where money went; nil when "".
    public let beneficiaryAccountNo: String?
    /// 1 top-up · 2 collection settlement to top-up · 3 transfer between accounts · 4 collection
    /// settlement · 5 withdrawal from the collection account · 6 from the payout account.
    public let statementType: Int
    /// Direction.
    public let signType: SignType
    /// The amount as its text came.
    public let amount: String
    /// `PHP`.
    public let currency: String
    /// Unique for one account.
    public let referenceNumber: String
}

/// Why a callback cannot be taken.
public struct CallbackError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault.
    public enum Code: Sendable {
        /// No `action`, or none SkyPay has.
        case notACallback
        /// A field is missing.
        case missing
        /// A field has a value nobody knows.
        case invalid
    }

    /// What kind of fault.
    public let code: Code
    /// The wire name of the field.
    public let field: String

    /// What is wrong; nothing of the content.
    public var description: String {
        switch code {
        case .notACallback: "the field \(field) names no callback of SkyPay"
        case .missing: "the callback has no \(field)"
        case .invalid: "the callback's \(field) has a value that is not in SkyPay's contract"
        }
    }
}
