import OrderedJSON

/// The forms a field's text can have (`skypay-api.md §1`, abbreviations).
public enum FieldForm: Sendable, Equatable {
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
    /// One of the channels of the action.
    case channel
    /// Digits; a JSON number will do.
    case digits
    /// A whole number within bounds; a JSON number will do.
    case count(ClosedRange<Int>)
    /// A calendar date, `yyyy-MM-dd`.
    case date
    /// DT: `yyyy-MM-dd HH:mm:ss`, GMT+8.
    case dateTime
    /// A company's prefix, `SKY98`: letters and digits.
    case companyCode
    /// One of these words, letter by letter (in callbacks in any letter case).
    case oneOf([String])
    /// Some of these words, each once, with single spaces between.
    case listOf([String])
    /// Always "".
    case empty
    /// In callbacks: whatever number the provider uses, within the length.
    case providersNumber
    /// In callbacks: a time, with `T` or space and 0–9 fraction digits, or a date.
    case providersTime
    /// In callbacks: digits, perhaps a point and decimals.
    case providersAmount
    /// In callbacks: any text.
    case anything

    /// Whether a JSON number may stand for the text.
    public var takesNumber: Bool {
        switch self {
        case .channel, .digits, .count: true
        default: false
        }
    }

    /// The form in words; the channels of `.channel` are the table's to tell.
    public var summary: String {
        switch self {
        case .text: "text without control characters"
        case .controlNumber: "the configured prefix (2–5 characters), then digits; 13–15 in all"
        case .name: "`Last,First,Middle,Suffix`; last and first required"
        case .phone: "11 digits from `08` or `09`"
        case .amount: "`3900.00`: 1–10 digits, point, 2 decimals; greater than zero"
        case .account: "wallet: as `phone`; bank: letters, digits, hyphens"
        case .channel: "one of the action's channels; string or number"
        case .digits: "digits; string or number"
        case .count(let range):
            "whole number \(range.lowerBound)–\(range.upperBound); string or number"
        case .date: "`yyyy-MM-dd`"
        case .dateTime: "`yyyy-MM-dd HH:mm:ss`"
        case .companyCode: "letters and digits, `SKY98`"
        case .oneOf(let words): "one of " + words.map { "`\($0)`" }.joined(separator: ", ")
        case .listOf(let words):
            "some of " + words.map { "`\($0)`" }.joined(separator: ", ") + ", single spaces between"
        case .empty: "empty"
        case .providersNumber: "the provider's number"
        case .providersTime: "time"
        case .providersAmount: "digits, perhaps with decimals"
        case .anything: "text"
        }
    }
}

/// What a check knows besides the text.
struct FieldContext {
    /// The table the field stands in.
    let table: ActionTable
    /// The values of the row, by the table's order.
    let values: [JSONValue?]
    /// The row's channel, when the action has it.
    let channel: PayoutChannel?
    /// The configured prefix of control numbers, when there is one.
    let controlNumberPrefix: String?
    /// The provider's lists, as far as they are known.
    let catalogs: Catalogs?

    /// The text of another field of the row.
    func text(of field: String) -> String? {
        table.index(of: field).flatMap { values[$0]?.scalarText }
    }
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
        if self == .anything { return nil }
        let bytes = Array(text.utf8)
        if let fault = Self.controlCharacterFault(text) { return fault }
        switch self {
        case .anything: return nil
        case .text, .providersNumber: return Self.textFault(bytes)
        case .controlNumber: return Self.controlNumberFault(bytes, context.controlNumberPrefix)
        case .name: return Self.nameFault(text)
        case .phone: return Self.phoneFault(bytes)
        case .amount: return Self.amountFault(text, bytes)
        case .account:
            guard let channel = context.channel else { return nil }
            return channel.isWallet ? Self.phoneFault(bytes) : Self.bankAccountFault(bytes)
        case .channel: return Self.channelFault(text, context.table)
        case .digits: return Self.digitsFault(bytes)
        case .count(let range): return Self.countFault(text, bytes, range)
        case .date: return Self.dateFault(text)
        case .dateTime: return Self.dateTimeFault(text)
        case .companyCode: return Self.companyCodeFault(bytes)
        case .oneOf(let words): return Self.wordFault(text, words, context.table)
        case .listOf(let words): return Self.listFault(text, words)
        case .empty: return FormFault(FieldFaultCode.notAllowed, "must be empty; remove it")
        case .providersTime: return Self.providersTimeFault(text)
        case .providersAmount: return Self.providersAmountFault(bytes)
        }
    }
}
