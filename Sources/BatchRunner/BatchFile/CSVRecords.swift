/// The records of a CSV text, one after the other, in bounded memory.
struct CSVRecords {
    let window: TextWindow
    let limits: BatchLimits
    private(set) var scanner = CSVScanner()
    private var recordBytes = 0

    init(_ window: TextWindow, limits: BatchLimits) {
        self.window = window
        self.limits = limits
    }

    /// Brings the next record, line ending included, to the window's front: false when the text
    /// ends before one does; what is left then stays in the window.
    mutating func next() throws -> Bool {
        while true {
            if let found = window.withBytes({ scanner.scan($0) }) {
                recordBytes = found
                try checkLength(scanner.length)
                return true
            }
            try checkLength(window.count - 2)
            guard try window.fill() else { return false }
        }
    }

    /// Takes what is left of the text as the last record.
    mutating func takeRest() {
        recordBytes = window.withBytes { scanner.scan($0, endsRecord: true) } ?? window.count
    }

    /// Leaves the record behind.
    func consume() { window.consume(recordBytes) }

    /// The texts of the record's cells.
    func texts() -> [String] {
        window.withBytes { text in scanner.cells.map { CSVScanner.string($0, in: text) } }
    }

    /// The column of a cell of the record, from 1.
    func column(ofCell index: Int) -> Int { scanner.cells[index].at + window.column }

    /// Two bytes of a line ending are not the row's.
    private func checkLength(_ length: Int) throws {
        guard length > limits.maxRowBytes else { return }
        let hint = scanner.isQuoteOpen ? "; a quote is opened and not closed" : ""
        throw ReadStop.fault(
            FaultCode.tooLarge,
            "the row is longer than \(limits.maxRowBytes >> 10) KiB\(hint)", line: window.line,
            column: 1)
    }

    /// Stops when the record's quoting is wrong: where a header stands, that cannot be passed over.
    func checkQuoting() throws {
        guard let problem = scanner.problem else { return }
        throw ReadStop.fault(
            FaultCode.quoting, "\(problem.message): write the line as RFC 4180 asks",
            line: window.line, column: column(ofCell: problem.cell))
    }

    /// The columns that the record names, from the cell `first` on, checked against the fields.
    func columns(from first: Int, fields: ActionFields) throws -> [String] {
        try checkQuoting()
        let names = Array(texts().dropFirst(first))
        if names.isEmpty, fields.names.isEmpty { return [] }
        guard names.contains(where: fields.names.contains) else {
            // The names are not shown: this may be a row, of a file without a line of names.
            throw ReadStop.fault(
                FaultCode.record, "no known column is named here: is the line of names missing?",
                line: window.line, column: 1)
        }
        var faults: [Fault] = []
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where faults.count < limits.maxFileFaults {
            let problem =
                seen.insert(name).inserted
                ? fields.fault(in: name)
                : (FaultCode.duplicateField, "column \"\(shown(name))\" stands twice: keep one")
            guard let problem else { continue }
            faults.append(
                Fault(
                    line: window.line, column: column(ofCell: index + first),
                    field: ActionFields.isSecret(name) ? nil : shown(name), code: problem.0,
                    message: problem.1))
        }
        for name in fields.required where !seen.contains(name) {
            faults.append(
                Fault(
                    line: window.line, column: 1, field: name, code: FaultCode.missingField,
                    message: "column \"\(name)\" is missing, and no row is right without it"))
        }
        if !faults.isEmpty {
            throw ReadStop.rejected(Array(faults.prefix(limits.maxFileFaults)))
        }
        return names
    }
}
