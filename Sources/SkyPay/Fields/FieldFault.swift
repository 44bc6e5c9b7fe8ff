/// One thing wrong with one field of a row, and what to do about it.
public struct FieldFault: Sendable, Equatable {
    /// The wire name of the field (`skypay-api.md §2`).
    public let field: String
    /// One of `FieldFaultCode`; stable, programs may act on it.
    public let code: String
    /// What is wrong and what to do; never an account number or a phone number.
    public let message: String

    /// A fault of `field`.
    public init(field: String, code: String, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }
}

/// The codes a `FieldFault` can carry.
public enum FieldFaultCode {
    /// A required field is absent or empty.
    public static let missing = "missing"
    /// The JSON value is of a kind the field does not take.
    public static let wrongType = "wrong-type"
    /// Longer than the field allows.
    public static let tooLong = "too-long"
    /// Not of the field's form.
    public static let pattern = "pattern"
    /// Nobody knows this field.
    public static let unknownField = "unknown-field"
    /// The field stands twice in one row.
    public static let duplicateField = "duplicate-field"
    /// The field may not stand here: another channel's, or added by the program itself.
    public static let notAllowed = "not-allowed"
    /// Ten digits from 9: a spreadsheet took a phone number for a number.
    public static let leadingZeroLost = "leading-zero-lost"
    /// `9.17E+09`: a spreadsheet shortened a number.
    public static let scientificNotation = "scientific-notation"
    /// A comma where the point belongs.
    public static let decimalComma = "decimal-comma"
    /// Thousands are set apart.
    public static let grouping = "grouping"
    /// A plus or minus sign.
    public static let sign = "sign"
    /// The amount is zero.
    public static let zeroAmount = "zero-amount"
    /// A channel the action does not serve.
    public static let unknownChannel = "unknown-channel"
    /// The control number does not begin with the configured prefix.
    public static let prefix = "prefix"
    /// A control character or line break inside a text.
    public static let controlCharacter = "control-character"
    /// The end of a span of days is before its start.
    public static let order = "order"
    /// A code that the provider's list does not have.
    public static let unknownCode = "unknown-code"
}
