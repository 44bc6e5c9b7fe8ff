internal import OrderedJSON

/// Reads CSV with typed records: H, C, any number of D, T last (product.md).
///
/// A prefix of a valid file lacks its trailer, or the trailer's line ending, so it is never whole.
struct TypedCSVReading {
    private var records: CSVRecords
    private(set) var draft = HeaderDraft()
    private let limits: BatchLimits

    static let missingTrailer =
        "no trailer: T,count=…,amount=… must be the last line, ended by a newline"

    init(_ window: TextWindow, limits: BatchLimits) {
        records = CSVRecords(window, limits: limits)
        self.limits = limits
    }

    /// Gives out every row, then what the batch holds.
    mutating func read(_ give: (BatchRow) throws -> Void) throws -> BatchSummary {
        try readHeader()
        guard let fields = ActionFields.of(action: draft.action) else {
            throw ReadStop.rejected(draft.faults)
        }
        let columns = try readColumns(fields)
        let parser = CSVRowParser(columns: columns, form: .typedCSV)
        var totals = ControlTotals(limits: limits, hasAmount: fields.hasAmount)
        while try nextIsRow(totals) {
            let window = records.window
            let row = window.withBytes {
                parser.row(records.scanner, in: $0, line: window.line, offset: window.offset)
            }
            if try totals.count(row) { try give(row) }
            records.consume()
        }
        try readTrailer()
        try totals.checkRows()
        let header = draft.header
        try totals.checkAgreement(with: header, places: draft.places)
        return BatchSummary(
            header: header, form: .typedCSV, rows: totals.rows, faultyRows: totals.faultyRows,
            columns: columns, total: totals.total, textBytes: records.window.offset)
    }

    private mutating func next() throws {
        guard try records.next() else {
            throw ReadStop.incomplete(
                records.scanner.isQuoteOpen
                    ? "the quoted cell in the row of line \(records.window.line) is not closed"
                    : Self.missingTrailer)
        }
    }

    /// The type of the record at the front.
    private var type: String {
        records.window.withBytes { text in
            records.scanner.cells.first.map { CSVScanner.string($0, in: text) } ?? ""
        }
    }

    private mutating func readHeader() throws {
        try next()
        try records.checkQuoting()
        try expect("H", "the first line must be H,batch=…,action=…,mode=…")
        readPairs(HeaderDraft.openingKeys)
        draft.checkOpening(line: records.window.line)
        try draft.throwFaults()
        records.consume()
    }

    private mutating func readColumns(_ fields: ActionFields) throws -> [String] {
        try next()
        try expect("C", "the line after H must be C and the names of the columns")
        let columns = try records.columns(from: 1, fields: fields)
        records.consume()
        return columns
    }

    private func expect(_ wanted: String, _ message: String) throws {
        guard type != wanted else { return }
        throw ReadStop.fault(FaultCode.record, message, line: records.window.line, column: 1)
    }

    /// True for D, false for T; anything else cannot be mended.
    private mutating func nextIsRow(_ totals: ControlTotals) throws -> Bool {
        do {
            try next()
        } catch ReadStop.incomplete(let missing) {
            try totals.checkRows()
            throw ReadStop.incomplete(missing)
        }
        // One letter and its comma: the usual row is told without making a text of it.
        let isPlainRow = records.window.withBytes { text in
            text.count > 1 && text[0] == 0x44 && text[1] == 0x2C
        }
        if isPlainRow { return true }
        switch type {
        case "D": return true
        case "T": return false
        default:
            throw ReadStop.fault(
                FaultCode.record,
                "the line begins with \"\(shown(type))\": after the columns only D (a row) and T "
                    + "(the trailer) may follow", line: records.window.line, column: 1)
        }
    }

    private mutating func readTrailer() throws {
        let line = records.window.line
        try records.checkQuoting()
        readPairs(HeaderDraft.closingKeys)
        draft.checkClosing(line: line)
        try draft.throwFaults()
        records.consume()
        guard try records.window.count > 0 || records.window.fill() else { return }
        throw ReadStop.fault(
            FaultCode.afterEnd, "bytes follow the trailer: T must be the last line",
            line: records.window.line, column: 1)
    }

    private mutating func readPairs(_ allowed: [String]) {
        let line = records.window.line
        for (index, text) in records.texts().enumerated().dropFirst() {
            let column = records.column(ofCell: index)
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard draft.begin(key, allowed: allowed, line: line, column: column) else { continue }
            let value = parts.count == 2 ? String(parts[1]) : ""
            draft.set(key, Self.value(value, of: key), line: line, column: column)
        }
    }

    /// CSV has only texts; what JSON writes as a number is made one.
    private static func value(_ text: String, of key: String) -> JSONValue {
        let isNumber = key == "count" || key == "sequence"
        return isNumber && !text.isEmpty ? .number(text) : .string(text)
    }
}
