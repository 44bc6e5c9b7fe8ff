/// What is wrong with a file or one of its rows, where, and what to do about it.
public struct Fault: Sendable, Equatable {
    /// Line from 1, at the file's first line; nil when the fault has no place.
    public var line: Int?
    /// Column from 1, in bytes of that line, in CSV and JSON alike.
    public var column: Int?
    /// Item of a JSON batch from 1; nil in CSV and for the file as a whole.
    public var item: Int?
    /// SkyPay's wire name of the field, or the envelope's key.
    public var field: String?
    /// One of `FaultCode`, or a code of SkyPay's field rules.
    public var code: String
    /// What is wrong and what to do; account numbers are masked to the last four.
    public var message: String

    /// A fault at a place, or of the file as a whole when no place is given.
    public init(
        line: Int? = nil, column: Int? = nil, item: Int? = nil, field: String? = nil,
        code: String, message: String
    ) {
        self.line = line
        self.column = column
        self.item = item
        self.field = field
        self.code = code
        self.message = message
    }
}

/// The codes of faults found while reading a file; SkyPay's `FieldFaultCode` has those of the
/// field rules, and where both can find the same fault, the code is the same.
public enum FaultCode {
    /// Bytes that are not UTF-8.
    public static let encoding = "encoding"
    /// A damaged gzip stream, or bytes after it.
    public static let gzip = "gzip"
    /// A limit of `BatchLimits` is passed.
    public static let tooLarge = "too-large"
    /// A file that is neither CSV nor JSON of a known form, or JSON that is not well-formed.
    public static let syntax = "syntax"
    /// A CSV record out of its place, or of an unknown type.
    public static let record = "record"
    /// Quotes where RFC 4180 allows none.
    public static let quoting = "quoting"
    /// A row with more or fewer cells than columns.
    public static let cellCount = "cell-count"
    /// A column, field or key nobody knows.
    public static let unknownField = "unknown-field"
    /// A column, field or key that stands there twice.
    public static let duplicateField = "duplicate-field"
    /// A column, field or key that must be there and is not.
    public static let missingField = "missing"
    /// A credential inside a file.
    public static let secret = "secret"
    /// A JSON value of the wrong kind: a number for a text, a nested value.
    public static let kind = "wrong-type"
    /// A header value that is not what the contract allows: batch, mode, sequence.
    public static let header = "header"
    /// An action this runner does not send.
    public static let action = "action"
    /// The number of rows is not the stated one.
    public static let count = "count"
    /// An amount that is not proven: malformed in a row, or unequal to the stated total.
    public static let amount = "amount"
    /// The content's SHA-256 is not the stated one.
    public static let sha256 = "sha256"
    /// Bytes after the end: after the trailer, after the JSON value, or more rows than stated.
    public static let afterEnd = "after-end"
}
