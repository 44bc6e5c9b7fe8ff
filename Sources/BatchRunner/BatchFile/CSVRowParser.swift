internal import OrderedJSON
internal import SkyPay

/// Makes rows of scanned CSV records: cells by the columns' names.
struct CSVRowParser {
    /// Every column in the file's order.
    let columns: [String]
    /// Cells before the first column: 1 where rows begin with their type, D.
    let leadingCells: Int
    private let amountIndex: Int?
    private let controlNumberIndex: Int?
    private let ignoredIndex: Int?

    init(columns: [String], form: BatchForm) {
        self.columns = columns
        leadingCells = form == .typedCSV ? 1 : 0
        amountIndex = columns.firstIndex(of: "amount")
        controlNumberIndex =
            columns.firstIndex(of: "controlNumber") ?? columns.firstIndex(of: "contractNumber")
        ignoredIndex = columns.firstIndex(of: ActionFields.rejectReason)
    }

    /// The row of the record that `scanner` scanned last in `text`.
    func row(
        _ scanner: CSVScanner, in text: UnsafeRawBufferPointer, line: Int, offset: Int
    ) -> BatchRow {
        var row = BatchRow(
            line: line, column: 1, item: nil,
            location: RowLocation(offset: offset, length: scanner.length), fields: JSONObject(),
            columns: [], faults: faults(scanner, in: text, line: line), controlNumber: nil,
            amount: nil)
        row.fields.members.reserveCapacity(columns.count)
        row.columns.reserveCapacity(columns.count)
        let cells = scanner.cells
        var index = 0
        while index < columns.count, index + leadingCells < cells.count {
            if index != ignoredIndex {
                let cell = cells[index + leadingCells]
                let place = Self.place(of: cell, scanner, in: text, line: line)
                row.columns.append(
                    FieldPosition(field: columns[index], line: place.line, column: place.column))
                if cell.end > cell.start { add(cell, at: index, in: text, to: &row) }
            }
            index += 1
        }
        return row
    }

    private func add(
        _ cell: CSVCell, at index: Int, in text: UnsafeRawBufferPointer, to row: inout BatchRow
    ) {
        let value = CSVScanner.string(cell, in: text)
        row.fields.members.append(.init(name: columns[index], value: .string(value)))
        if index == amountIndex { row.amount = Amount(wire: value) }
        if index == controlNumberIndex { row.controlNumber = value }
    }

    private func faults(
        _ scanner: CSVScanner, in text: UnsafeRawBufferPointer, line: Int
    ) -> [Fault] {
        var faults: [Fault] = []
        if let problem = scanner.problem {
            let place = Self.place(
                of: scanner.cells[problem.cell], scanner, in: text, line: line)
            faults.append(
                Fault(
                    line: place.line, column: place.column, field: field(ofCell: problem.cell),
                    code: FaultCode.quoting,
                    message: "\(problem.message): write the row as RFC 4180 asks"))
        }
        let found = scanner.cells.count - leadingCells
        if found != columns.count {
            faults.append(
                Fault(
                    line: line, column: 1, code: FaultCode.cellCount,
                    message: "the row has \(found) cells for \(columns.count) columns: put a text "
                        + "that holds a comma in quotes, and keep the comma of an empty cell"))
        }
        return faults
    }

    private func field(ofCell index: Int) -> String? {
        let column = index - leadingCells
        return columns.indices.contains(column) ? columns[column] : nil
    }

    /// Line and column of a cell; only a record that spans lines needs counting.
    static func place(
        of cell: CSVCell, _ scanner: CSVScanner, in text: UnsafeRawBufferPointer, line: Int
    ) -> (line: Int, column: Int) {
        guard scanner.spansLines else { return (line, cell.at + 1) }
        var (line, lineStart, from) = (line, 0, 0)
        while let newline = find(0x0A, in: text, from: from, to: cell.at) {
            line += 1
            lineStart = newline + 1
            from = newline + 1
        }
        return (line, cell.at - lineStart + 1)
    }
}
