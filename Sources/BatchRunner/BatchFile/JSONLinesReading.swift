/// Reads one JSON object a line, completed by a side file.
///
/// A line cut short is no JSON object, so a prefix lacks a row, or only white space after one.
struct JSONLinesReading {
    private let window: TextWindow
    private let agreement: SideAgreement
    private let parser: JSONRowParser
    private let limits: BatchLimits
    private var totals: ControlTotals
    private var endsInNewline = true

    init(_ window: TextWindow, agreement: SideAgreement, limits: BatchLimits) {
        self.window = window
        self.agreement = agreement
        self.limits = limits
        let fields = ActionFields.of(action: agreement.side.action) ?? ActionFields.beforeAction
        parser = JSONRowParser(fields: fields, limits: limits)
        totals = ControlTotals(limits: limits, hasAmount: fields.hasAmount)
    }

    /// Gives out every row, then what the batch holds.
    mutating func read(_ give: (BatchRow) throws -> Void) throws -> BatchSummary {
        while let length = try lineLength() {
            let row = try row(length)
            let isGood = try totals.count(row)
            try agreement.checkNotPast(totals, line: row.line)
            if isGood { try give(row) }
            window.consume(min(length + 1, window.count))
        }
        try agreement.checkEnd(totals, canGrow: !endsInNewline)
        return BatchSummary(
            header: agreement.side, form: .jsonLines, rows: totals.rows,
            faultyRows: totals.faultyRows, columns: [], total: totals.total,
            textBytes: window.offset)
    }

    /// The length of the next line without its newline; nil at the end of the text.
    private mutating func lineLength() throws -> Int? {
        while true {
            let newline = window.withBytes { find(0x0A, in: $0, from: 0, to: $0.count) }
            // One byte more for the carriage return of a line ending.
            guard (newline ?? window.count) <= limits.maxRowBytes + 1 else {
                throw ReadStop.fault(
                    FaultCode.tooLarge,
                    "the line is longer than \(limits.maxRowBytes >> 10) KiB", line: window.line,
                    column: 1)
            }
            if let newline { return newline }
            guard try window.fill() else {
                endsInNewline = window.count == 0
                return window.count > 0 ? window.count : nil
            }
        }
    }

    private func row(_ length: Int) throws -> BatchRow {
        let place = JSONRowParser.Place(
            line: window.line, column: window.column, offset: window.offset, item: nil)
        do {
            return try parser.row(window.prefix(length), at: place)
        } catch ReadStop.incomplete(let message) {
            guard endsInNewline else {
                try totals.checkRows()
                guard totals.rows < agreement.side.count else {
                    throw ReadStop.fault(
                        FaultCode.afterEnd,
                        "bytes follow the last of the \(totals.rows) rows that "
                            + "\(agreement.sideName) states", line: place.line)
                }
                throw ReadStop.incomplete("the last line is not whole: \(message)")
            }
            throw ReadStop.fault(
                FaultCode.syntax, "every line must hold one JSON object: \(message)",
                line: place.line, column: place.column)
        }
    }
}
