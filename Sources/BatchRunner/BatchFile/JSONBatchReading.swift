internal import OrderedJSON

/// Reads a batch that is one JSON object, its keys in any order, its items one by one.
///
/// A prefix of a valid file lacks the object's last brace, so it is never whole.
struct JSONBatchReading {
    private let stream: JSONStream
    private(set) var draft = HeaderDraft()
    private let limits: BatchLimits
    private var totals: ControlTotals?

    init(_ window: TextWindow, limits: BatchLimits) {
        stream = JSONStream(window: window, limits: limits)
        self.limits = limits
    }

    /// Gives out every row, then what the batch holds.
    mutating func read(_ give: (BatchRow) throws -> Void) throws -> BatchSummary {
        do {
            try readObject(give)
        } catch ReadStop.incomplete(let missing) {
            // What is wrong already stays wrong, whatever follows.
            try draft.throwFaults()
            try totals?.checkRows()
            throw ReadStop.incomplete(missing)
        }
        return try summary()
    }

    private mutating func readObject(_ give: (BatchRow) throws -> Void) throws {
        _ = try stream.expect([0x7B])
        if try stream.peek() == 0x7D {
            stream.window.consume(1)
        } else {
            repeat { try readMember(give) } while try stream.expect([0x2C, 0x7D]) == 0x2C
        }
        if try stream.peek() != nil {
            throw ReadStop.fault(
                FaultCode.afterEnd, "bytes follow the end of the JSON value: remove them",
                line: stream.window.line, column: stream.window.column)
        }
    }

    private mutating func summary() throws -> BatchSummary {
        draft.checkOpening(line: nil)
        draft.checkClosing(line: nil)
        try draft.throwFaults()
        totals?.decide(hasAmount: ActionFields.of(action: draft.action)?.hasAmount ?? true)
        guard let totals else {
            throw ReadStop.fault(
                FaultCode.missingField, "\"items\" is missing: an array of rows", field: "items")
        }
        try totals.checkRows()
        let header = draft.header
        try totals.checkAgreement(with: header, places: draft.places)
        return BatchSummary(
            header: header, form: .json, rows: totals.rows, faultyRows: totals.faultyRows,
            columns: [], total: totals.total, textBytes: stream.window.offset)
    }

    private mutating func readMember(_ give: (BatchRow) throws -> Void) throws {
        guard try stream.peek() == 0x22 else {
            _ = try stream.expect([0x22])
            return
        }
        let place = stream.place()
        let text = try stream.valueText()
        guard let key = try Self.value(text, place).stringValue else { return }
        stream.window.consume(text.count)
        _ = try stream.expect([0x3A])
        let isAllowed = draft.begin(
            key, allowed: HeaderDraft.envelopeKeys, line: place.line, column: place.column)
        // A key that may not stand here may have any value: nothing after it can mend the file.
        guard isAllowed else { throw ReadStop.rejected(draft.faults) }
        if key == "items" {
            try readItems(give)
        } else {
            try readScalar(key)
        }
    }

    private mutating func readScalar(_ key: String) throws {
        guard try stream.peek() != nil else { throw stream.unfinished }
        let place = stream.place()
        let text = try stream.valueText()
        let value = try Self.value(text, place)
        draft.set(key, value, line: place.line, column: place.column)
        stream.window.consume(text.count)
    }

    private static func value(_ text: [UInt8], _ place: JSONRowParser.Place) throws -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            // The value is delimited, so no more bytes could complete it.
            guard error.kind == .incomplete else { throw JSONRowParser.stop(error, text, place) }
            throw ReadStop.fault(
                FaultCode.syntax, "not JSON: \(error.message)", line: place.line,
                column: place.column)
        }
    }

    private mutating func readItems(_ give: (BatchRow) throws -> Void) throws {
        _ = try stream.expect([0x5B])
        // An envelope may name its action last; until then the fields are those of any action.
        let fields = ActionFields.of(action: draft.action) ?? ActionFields.beforeAction
        let parser = JSONRowParser(fields: fields, limits: limits)
        var totals = ControlTotals(limits: limits, hasAmount: fields.hasAmount)
        defer { self.totals = totals }
        if try stream.peek() == 0x5D {
            stream.window.consume(1)
        } else {
            repeat {
                let row = try readItem(totals.rows + 1, parser)
                if try totals.count(row) { try give(row) }
            } while try stream.expect([0x2C, 0x5D]) == 0x2C
        }
    }

    private func readItem(_ item: Int, _ parser: JSONRowParser) throws -> BatchRow {
        guard let first = try stream.peek() else { throw stream.unfinished }
        let place = stream.place(item: item)
        guard first == 0x7B else {
            throw ReadStop.fault(
                FaultCode.syntax, "an item must be an object in braces", line: place.line,
                column: place.column, item: item)
        }
        let text = try stream.valueText(item: item)
        let row: BatchRow
        do {
            row = try parser.row(text, at: place)
        } catch ReadStop.incomplete(let message) {
            // Its brackets match, so no more bytes could complete it.
            throw ReadStop.fault(
                FaultCode.syntax, "not JSON: \(message)", line: place.line, column: place.column,
                item: item)
        }
        stream.window.consume(text.count)
        return row
    }
}
