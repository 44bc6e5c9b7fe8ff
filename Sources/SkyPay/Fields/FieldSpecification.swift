/// What one field of a request must look like; a row of the field table.
public struct FieldSpecification: Sendable {
    /// When the field must be there.
    public enum Requirement: Sendable {
        /// In every row.
        case always
        /// In rows to a bank.
        case bank
        /// Never.
        case never
        /// In the request, but not in a row: the configuration has a default.
        case defaulted
    }

    /// Where the field may be.
    public enum Scope: Sendable {
        /// Any channel.
        case any
        /// Only rows to a bank (channel 5).
        case bank
        /// Only rows to a wallet (channels 6, 8 and 15).
        case wallet
    }

    /// The wire name.
    public let name: String
    /// The greatest length, in UTF-16 units (as the provider counts).
    public let maxLength: Int
    /// When it must be there.
    public let required: Requirement
    /// Where it may be.
    public let scope: Scope
    /// What its text must look like.
    public let form: FieldForm

    init(
        _ name: String, _ maxLength: Int, _ required: Requirement, _ scope: Scope = .any,
        _ form: FieldForm = .text
    ) {
        self.name = name
        self.maxLength = maxLength
        self.required = required
        self.scope = scope
        self.form = form
    }
}

/// The channels `payoutQueue` serves (`skypay-api.md §5`).
public enum PayoutChannel: Int, Sendable, CaseIterable {
    /// A bank account; the bank in `bankNo`.
    case bank = 5
    /// GCash.
    case gcash = 6
    /// Paymaya.
    case paymaya = 8
    /// GrabPay.
    case grabPay = 15

    /// Whether the account is a wallet, named by its phone number.
    public var isWallet: Bool { self != .bank }

    /// The channel's name for people.
    public var name: String {
        switch self {
        case .bank: "Bank"
        case .gcash: "GCash"
        case .paymaya: "Paymaya"
        case .grabPay: "GrabPay"
        }
    }

    /// The channel of a wire value, a string or a number; nil for every other value.
    public init?(wire text: String) {
        guard let code = Int(text), String(code) == text else { return nil }
        self.init(rawValue: code)
    }
}
