/// Reads CSV with a line of column names, completed by a side file.
///
/// Every row must end in a newline, unless the side file's digest proves the content: without
/// either, a row cut inside its last cell could not be told from a whole one.
struct PlainCSVReading {
    private var records: CSVRecords
    private let agreement: SideAgreement?
    private let limits: BatchLimits

    init(_ window: TextWindow, agreement: SideAgreement?, limits: BatchLimits) {
        records = CSVRecords(window, limits: limits)
        self.agreement = agreement
        self.limits = limits
    }

    /// Gives out every row, then what the batch holds.
    mutating func read(
        sideName: String, _ give: (BatchRow) throws -> Void
    ) throws -> BatchSummary {
        guard try records.next() else {
            throw ReadStop.incomplete("the line of column names does not end yet")
        }
        // Without a side file the action is not known yet; a column no action has is wrong now.
        let action = agreement.flatMap { ActionFields.of(action: $0.side.action) }
        let fields = action ?? ActionFields.beforeAction
        let columns = try records.columns(from: 0, fields: fields)
        records.consume()
        guard let agreement else {
            throw ReadStop.incomplete("waiting for \(sideName) with batch, action, mode, count")
        }
        let totals = try readRows(
            CSVRowParser(columns: columns, form: .plainCSV), fields, agreement, give)
        try agreement.checkEnd(totals, canGrow: false)
        return BatchSummary(
            header: agreement.side, form: .plainCSV, rows: totals.rows,
            faultyRows: totals.faultyRows, columns: columns, total: totals.total,
            textBytes: records.window.offset)
    }

    private mutating func readRows(
        _ parser: CSVRowParser, _ fields: ActionFields, _ agreement: SideAgreement,
        _ give: (BatchRow) throws -> Void
    ) throws -> ControlTotals {
        var totals = ControlTotals(limits: limits, hasAmount: fields.hasAmount)
        while try next(totals, agreement) {
            let window = records.window
            let row = window.withBytes {
                parser.row(records.scanner, in: $0, line: window.line, offset: window.offset)
            }
            let isGood = try totals.count(row)
            try agreement.checkNotPast(totals, line: row.line)
            if isGood { try give(row) }
            records.consume()
        }
        return totals
    }

    private mutating func next(
        _ totals: ControlTotals, _ agreement: SideAgreement
    ) throws -> Bool {
        if try records.next() { return true }
        guard records.window.count > 0 else { return false }
        guard agreement.isProvenByDigest else {
            try totals.checkRows()
            guard totals.rows < agreement.side.count else {
                throw ReadStop.fault(
                    FaultCode.afterEnd,
                    "bytes follow the last of the \(totals.rows) rows that "
                        + "\(agreement.sideName) states", line: records.window.line)
            }
            throw ReadStop.incomplete("the last row is not ended by a newline")
        }
        records.takeRest()
        return true
    }
}
