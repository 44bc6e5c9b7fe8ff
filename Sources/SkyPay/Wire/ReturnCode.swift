/// A `responseCode`, a string on the wire. Unknown codes are kept (`skypay-api.md §4`).
public struct ReturnCode: RawRepresentable, Sendable, Hashable {
    /// The text on the wire.
    public let rawValue: String

    /// A code as it came.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// 1000.
    public static let success = ReturnCode(rawValue: "1000")
    /// -1000: decrypt or parse failure.
    public static let contextNotValid = ReturnCode(rawValue: "-1000")
    /// -1001: invalid account number (payouts) or verification error.
    public static let invalidAccountOrVerification = ReturnCode(rawValue: "-1001")
    /// -1002: no such service function.
    public static let functionIncorrect = ReturnCode(rawValue: "-1002")
    /// -1008: the control number is in use.
    public static let controlNumberExists = ReturnCode(rawValue: "-1008")
    /// -1009: unpredictable exception.
    public static let unpredictableException = ReturnCode(rawValue: "-1009")
    /// -1010: store failure.
    public static let storeFailure = ReturnCode(rawValue: "-1010")
    /// -1011: missing parameter.
    public static let missingParameter = ReturnCode(rawValue: "-1011")
    /// -1012: control number invalid or expired.
    public static let controlNumberInvalid = ReturnCode(rawValue: "-1012")
    /// -1013: back-end exception.
    public static let backEndException = ReturnCode(rawValue: "-1013")
    /// -1014: prefix of the control number incorrect.
    public static let prefixIncorrect = ReturnCode(rawValue: "-1014")
    /// -1015: contract number invalid, or already collected.
    public static let contractNumberInvalid = ReturnCode(rawValue: "-1015")
    /// -1016: insufficient balance.
    public static let insufficientBalance = ReturnCode(rawValue: "-1016")
    /// -1017: contract completed.
    public static let contractCompleted = ReturnCode(rawValue: "-1017")
    /// -1020: bank city incorrect.
    public static let bankCityIncorrect = ReturnCode(rawValue: "-1020")
    /// -1021: bank number incorrect.
    public static let bankNumberIncorrect = ReturnCode(rawValue: "-1021")
    /// -1022: invalid account number.
    public static let invalidAccountNumber = ReturnCode(rawValue: "-1022")
    /// -1026: has been paid.
    public static let alreadyPaid = ReturnCode(rawValue: "-1026")
    /// -1027: balance limit exceeded.
    public static let balanceLimitExceeded = ReturnCode(rawValue: "-1027")
    /// -1028: more than 5 transactions per day.
    public static let tooManyTransactions = ReturnCode(rawValue: "-1028")
    /// -1032: this address is not on the white list.
    public static let addressNotListed = ReturnCode(rawValue: "-1032")
    /// -9999: service not available.
    public static let serviceNotAvailable = ReturnCode(rawValue: "-9999")

    /// Every code the contract names, with its summary.
    public static let table: [(code: ReturnCode, summary: String)] = [
        (success, "Success"),
        (contextNotValid, "post context not valid (decrypt or parse failure)"),
        (
            invalidAccountOrVerification,
            "invalid account number (payouts) / verification error (callbacks)"
        ),
        (functionIncorrect, "service function incorrect"),
        (controlNumberExists, "control number already exists"),
        (unpredictableException, "unpredictable exception"),
        (storeFailure, "store failure"),
        (missingParameter, "missing parameter"),
        (controlNumberInvalid, "control number invalid or expired"),
        (backEndException, "back-end exception"),
        (prefixIncorrect, "prefix of control number incorrect"),
        (
            contractNumberInvalid,
            "contract number invalid (inquiry) / already collected (collect)"
        ),
        (insufficientBalance, "insufficient balance"),
        (contractCompleted, "contract completed"),
        (bankCityIncorrect, "bank city incorrect"),
        (bankNumberIncorrect, "bank number incorrect"),
        (invalidAccountNumber, "invalid account number"),
        (alreadyPaid, "has been paid"),
        (balanceLimitExceeded, "balance limit exceeded"),
        (tooManyTransactions, "more than 5 transactions per day"),
        (addressNotListed, "IP not whitelisted"),
        (serviceNotAvailable, "service not available / connection error"),
    ]

    private static let summaries = Dictionary(
        uniqueKeysWithValues: table.map { ($0.code, $0.summary) })

    /// What the code says, in words.
    public var summary: String {
        if let known = Self.summaries[self] { return known }
        let digits = rawValue.utf8
        let isPartners = digits.count == 4 && digits.first == 0x32 && Int(rawValue) != nil
        return isPartners ? "partner-defined" : "a code this program does not know"
    }
}

/// What an answer to payoutQueue or payoutQueueV2 means for money (`skypay-api.md §4`, table).
public enum PayoutMeaning: String, Sendable, CaseIterable {
    /// Queued; the final state comes later.
    case queued
    /// Refused before money moved.
    case refused
    /// Refused, no funds.
    case insufficientBalance
    /// Not processed; perhaps this installation is misconfigured.
    case misconfigured
    /// -1001: refused, or, ten in a row, perhaps misconfigured.
    case invalidAccountOrVerification
    /// -1008: ours if this repeats an unknown send, somebody else's otherwise.
    case numberInUse
    /// Nobody knows: ask, never resend blindly.
    case unknown
}

extension ReturnCode {
    /// What this code means for the money of the row it answers. Every code not named is unknown.
    public var payoutMeaning: PayoutMeaning {
        switch self {
        case .success: .queued
        case .missingParameter, .prefixIncorrect, .bankCityIncorrect, .bankNumberIncorrect,
            .invalidAccountNumber, .balanceLimitExceeded, .tooManyTransactions:
            .refused
        case .insufficientBalance: .insufficientBalance
        case .contextNotValid, .functionIncorrect, .addressNotListed: .misconfigured
        case .invalidAccountOrVerification: .invalidAccountOrVerification
        case .controlNumberExists: .numberInUse
        default: .unknown
        }
    }

    /// True where an answer with this code shows that SkyPay opened the request and read it. -1000 says
    /// that it did not; -1032 may come from a front that looks at addresses before anything is opened;
    /// -9999 and every other code that tells nothing about money tells nothing about keys either.
    public var showsReading: Bool {
        switch self {
        case .contextNotValid, .addressNotListed: false
        default: payoutMeaning != .unknown
        }
    }
}
