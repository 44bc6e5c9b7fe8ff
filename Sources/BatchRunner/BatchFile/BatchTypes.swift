public import OrderedJSON
public import SkyPay

/// How a batch file is written (product.md, "What may be dropped").
public enum BatchForm: String, Sendable, CaseIterable {
    /// CSV with H, C, D and T records.
    case typedCSV
    /// One JSON object with `items`.
    case json
    /// CSV with column names, completed by a `.ctl` side file.
    case plainCSV
    /// One JSON object a line, completed by a `.ctl` side file.
    case jsonLines

    /// Whether a side file holds the header and the trailer.
    public var needsSideFile: Bool { self == .plainCSV || self == .jsonLines }
    /// Whether rows are CSV records.
    public var isCSV: Bool { self == .typedCSV || self == .plainCSV }
}

/// What a batch says about itself: H and T records, JSON envelope or side file.
public struct BatchHeader: Sendable, Equatable {
    /// Unique per sender, for ever; never empty.
    public var batch: String
    /// One of `RowValidation.supportedActions`.
    public var action: String
    /// `test` or `live`; the caller compares it with the configured mode.
    public var mode: String
    /// The sender's running number from 1, when given.
    public var sequence: Int?
    /// Rows as stated; equal to the rows found in a whole batch.
    public var count: Int
    /// Total as stated; equal to the total found in a whole batch.
    public var amount: Amount?
    /// SHA-256 of the dropped file in lower-case hexadecimal, as a side file may state it.
    public var sha256: String?

    /// A header as stated.
    public init(
        batch: String, action: String, mode: String, sequence: Int? = nil, count: Int,
        amount: Amount? = nil, sha256: String? = nil
    ) {
        self.batch = batch
        self.action = action
        self.mode = mode
        self.sequence = sequence
        self.count = count
        self.amount = amount
        self.sha256 = sha256
    }
}

/// Where a row's text lies in the (inflated) file.
public struct RowLocation: Sendable, Equatable, Hashable {
    /// Bytes before the row, a byte order mark counted.
    public var offset: Int
    /// Bytes of the row without its line ending.
    public var length: Int

    /// The bytes from `offset` on, `length` of them.
    public init(offset: Int, length: Int) {
        self.offset = offset
        self.length = length
    }
}

/// Where a field's value stands, for faults.
public struct FieldPosition: Sendable, Equatable {
    /// SkyPay's wire name.
    public var field: String
    /// Line from 1.
    public var line: Int
    /// Column from 1, in bytes.
    public var column: Int
}

/// One payout, or whatever the batch's action makes of a row.
public struct BatchRow: Sendable, Equatable {
    /// Line from 1, at the file's first line, where the row begins.
    public var line: Int
    /// Column from 1, in bytes, where the row begins; 1 in CSV.
    public var column: Int
    /// Item from 1 in a JSON batch; nil elsewhere.
    public var item: Int?
    /// Where the row can be read again (`RowReader`).
    public var location: RowLocation
    /// Wire name → value, known names only. CSV gives texts; an empty cell, `""` and null are
    /// absent.
    public var fields: JSONObject
    /// Where each value stands, empty cells included.
    public var columns: [FieldPosition]
    /// Faults of the row's syntax; the field rules are `RowValidation`'s.
    public var faults: [Fault]
    /// The row's `controlNumber`, when it is a text.
    public var controlNumber: String?
    /// The row's `amount`; nil only where the action has none.
    public var amount: Amount?
}

/// What a whole batch was found to hold.
public struct BatchSummary: Sendable, Equatable {
    /// What the batch says about itself; proven against the rows.
    public var header: BatchHeader
    /// How it is written.
    public var form: BatchForm
    /// Rows found, good and bad.
    public var rows: Int
    /// Rows with at least one fault of syntax.
    public var faultyRows: Int
    /// Every CSV column in the file's order, `rejectReason` included; empty for JSON. A
    /// `RowReader` needs it.
    public var columns: [String]
    /// Total of every row, good and bad.
    public var total: Amount
    /// Length in bytes of the inflated text.
    public var textBytes: Int
}

/// The verdict on a file's structure. Rows given out before any other verdict than `whole` are
/// void.
public enum BatchReading: Sendable, Equatable {
    /// Every row was given out, and count, amount and digest agree.
    case whole(BatchSummary)
    /// More bytes could complete the file; the text says what is missing.
    case incomplete(missing: String)
    /// No more bytes can mend the file.
    case rejected([Fault])
}
