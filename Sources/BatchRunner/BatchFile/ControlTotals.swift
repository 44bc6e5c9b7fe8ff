internal import OrderedJSON
internal import SkyPay

/// What a file's rows add up to, good or bad, and the faults that make it unprovable.
struct ControlTotals {
    let limits: BatchLimits
    /// Whether every row has an amount; nil while the action is not known.
    private(set) var hasAmount: Bool?
    private(set) var rows = 0
    private(set) var faultyRows = 0
    private(set) var total = Amount.zero
    private(set) var faults: [Fault] = []
    private var faultsLeftOut = 0

    init(limits: BatchLimits, hasAmount: Bool?) {
        self.limits = limits
        self.hasAmount = hasAmount
    }

    /// Counts a row; whether it may be given out. A row without a proven amount makes the file
    /// unprovable, and nothing is given out any more.
    mutating func count(_ row: BatchRow) throws -> Bool {
        rows += 1
        if !row.faults.isEmpty { faultyRows += 1 }
        guard rows <= limits.maxRows else {
            throw ReadStop.fault(
                FaultCode.tooLarge,
                "the batch has more than \(limits.maxRows) rows: drop it in parts",
                line: row.line, item: row.item)
        }
        if let amount = row.amount {
            total = total + amount
        } else if hasAmount != false {
            note(unproven(row))
        }
        return faults.isEmpty || hasAmount == nil
    }

    /// Takes note of what the action, named after its rows, asks of them.
    mutating func decide(hasAmount: Bool) {
        guard self.hasAmount == nil else { return }
        self.hasAmount = hasAmount
        if !hasAmount { (faults, faultsLeftOut) = ([], 0) }
    }

    private mutating func note(_ fault: Fault) {
        if faults.count < limits.maxFileFaults {
            faults.append(fault)
        } else {
            faultsLeftOut += 1
        }
    }

    /// The value is not shown: in a row that has slipped, it may be an account number.
    private func unproven(_ row: BatchRow) -> Fault {
        let place = row.columns.first { $0.field == "amount" }
        let isThere = row.fields["amount"] != nil
        let what =
            row.faults.contains { $0.field == "amount" && $0.code == FaultCode.duplicateField }
            ? "the row has two amounts"
            : isThere
                ? "the amount is not a text of digits, a point and two decimals (\"1500.00\"), "
                    + "without sign or grouping"
                : "the row has no amount"
        return Fault(
            line: place?.line ?? row.line, column: place?.column ?? row.column, item: row.item,
            field: "amount", code: FaultCode.amount,
            message: what + "; without it the total of the file cannot be proven, so none of its "
                + "rows is taken: correct it and drop the file again")
    }

    /// Stops when a row's amount was not proven: no more bytes can mend that.
    func checkRows() throws {
        guard !faults.isEmpty, hasAmount != nil else { return }
        guard faultsLeftOut > 0 else { throw ReadStop.rejected(faults) }
        throw ReadStop.rejected(
            faults + [
                Fault(
                    code: FaultCode.amount,
                    message: "and \(faultsLeftOut) more rows whose amount is not proven")
            ])
    }

    /// Stops unless the rows are as many, and worth as much, as stated.
    func checkAgreement(
        with header: BatchHeader, places: [String: HeaderDraft.Place] = [:]
    ) throws {
        var faults: [Fault] = []
        if header.count != rows {
            faults.append(
                Fault(
                    line: places["count"]?.line, column: places["count"]?.column, field: "count",
                    code: FaultCode.count,
                    message: "count says \(header.count), but the file has \(rows) rows: the file "
                        + "was changed or made wrongly; make it anew"))
        }
        if let amount = header.amount, amount != total {
            faults.append(
                Fault(
                    line: places["amount"]?.line, column: places["amount"]?.column, field: "amount",
                    code: FaultCode.amount,
                    message: "amount says \(amount.text), but the rows add up to \(total.text): "
                        + "the file was changed or made wrongly; make it anew"))
        }
        if !faults.isEmpty { throw ReadStop.rejected(faults) }
    }
}
