/// The forms a field's text can have (`skypay-api.md §1`, abbreviations).
public enum FieldForm: Sendable {
    /// Free text without control characters, not blank.
    case text
    /// CN: prefix of 2–5 characters, then digits, 13–15 characters in all.
    case controlNumber
    /// NAME: `Last,First,Middle,Suffix`.
    case name
    /// PH: `^0[89]\d{9}$`.
    case phone
    /// AMT: 1–10 digits, a point, 2 decimals, greater than zero.
    case amount
    /// PH for wallets, letters, digits and hyphens for banks.
    case account
    /// One of the channels of `payoutQueue`.
    case channel
    /// Digits; a JSON number will do.
    case digits
    /// A calendar date, `yyyy-MM-dd`.
    case date

    /// Whether a JSON number may stand for the text.
    public var takesNumber: Bool {
        switch self {
        case .channel, .digits: true
        default: false
        }
    }

    /// The form in words.
    public var summary: String {
        switch self {
        case .text: "text without control characters"
        case .controlNumber: "the configured prefix (2–5 characters), then digits; 13–15 in all"
        case .name: "`Last,First,Middle,Suffix`; last and first required"
        case .phone: "11 digits from `08` or `09`"
        case .amount: "`3900.00`: 1–10 digits, point, 2 decimals; greater than zero"
        case .account: "wallet: as `phone`; bank: letters, digits, hyphens"
        case .channel: "5, 6, 8 or 15; string or number"
        case .digits: "digits; string or number"
        case .date: "`yyyy-MM-dd`"
        }
    }
}

/// What a check knows besides the text.
struct FieldContext {
    /// The row's channel, when it is one of ours.
    let channel: PayoutChannel?
    /// The configured prefix of control numbers, when there is one.
    let controlNumberPrefix: String?
}

/// A code and a message; the field's name is added by who asked.
struct FormFault {
    let code: String
    let message: String

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension FieldForm {
    /// What is wrong with a text; nil when nothing is. The text is not empty.
    func fault(in text: String, _ context: FieldContext) -> FormFault? {
        let bytes = Array(text.utf8)
        if let fault = Self.controlCharacterFault(text) { return fault }
        switch self {
        case .text: return Self.textFault(bytes)
        case .controlNumber: return Self.controlNumberFault(bytes, context.controlNumberPrefix)
        case .name: return Self.nameFault(text)
        case .phone: return Self.phoneFault(bytes)
        case .amount: return Self.amountFault(text, bytes)
        case .account:
            guard let channel = context.channel else { return nil }
            return channel.isWallet ? Self.phoneFault(bytes) : Self.bankAccountFault(bytes)
        case .channel: return Self.channelFault(text)
        case .digits: return Self.digitsFault(bytes)
        case .date: return Self.dateFault(text)
        }
    }
}
