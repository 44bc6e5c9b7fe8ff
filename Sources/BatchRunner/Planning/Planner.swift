import OrderedJSON
import SkyPay

/// Rules a batch is judged by, besides those of its rows.
struct PlanRules: Sendable {
    /// `test` or `live`, as configured.
    var mode: String
    /// Every control number begins with it.
    var controlNumberPrefix: String?
    var limits = BatchLimits.standard
}

/// What planning a file comes to.
enum PlanOutcome: Sendable {
    case whole(BatchSummary, PlanTotals)
    case incomplete(missing: String)
    case rejected([Fault])
}

/// Bytes of one file → the verdict on each of its rows, in memory that does not grow with the file
/// (but for 16 bytes a control number). Pure but for reading the file: asked twice under the same
/// ledger it gives the same plan, and the plan hash proves it.
struct Planner: Sendable {
    var rules: PlanRules

    /// Reads the file twice: once for its structure and for numbers that stand twice, once for the
    /// verdict on each row. `usedBefore` tells whether an earlier file took a control number,
    /// `version` what the plan hash covers.
    func plan(
        _ text: BatchText, version: PlanVersion = .current,
        usedBefore: (TakenNumber) throws -> Bool,
        each: (PlannedRow) throws -> Void
    ) throws -> PlanOutcome {
        var numbers = ControlNumberSet()
        let survey = try read(text) { row in
            if let number = row.keyNumber { numbers.insert(number) }
        }
        guard case .whole(let summary) = survey else { return outcome(survey) }
        let faults = headerFaults(summary.header)
        guard faults.isEmpty else { return .rejected(faults) }
        var tally = PlanTally(summary, version)
        _ = try read(text) { row in
            let planned = try judge(
                row, tally.rows + 1, summary.header, numbers, text.catalogs, usedBefore)
            tally.add(planned, channel: row.fields["withdrawChannel"]?.scalarText)
            try each(planned)
        }
        return .whole(summary, tally.finished())
    }

    /// The planner under the rules a file was judged by, which the configuration may have left since: a
    /// verdict is folded and answered under its own.
    func asJudged(_ file: StoredFile) -> Planner {
        var planner = self
        planner.rules.mode = file.mode ?? rules.mode
        planner.rules.controlNumberPrefix =
            file.details["controlNumberPrefix"]?.stringValue ?? rules.controlNumberPrefix
        return planner
    }

    private func read(_ text: BatchText, _ row: (BatchRow) throws -> Void) throws -> BatchReading {
        try BatchReader.read(
            path: text.path, name: text.name, sideFile: text.sideFile,
            contentSHA256: text.sha256, limits: rules.limits, row: row)
    }

    private func outcome(_ reading: BatchReading) -> PlanOutcome {
        switch reading {
        case .incomplete(let missing): .incomplete(missing: missing)
        case .rejected(let faults): .rejected(faults)
        case .whole: .rejected([])
        }
    }

    private func headerFaults(_ header: BatchHeader) -> [Fault] {
        var faults: [Fault] = []
        if header.mode != rules.mode {
            faults.append(
                Fault(
                    line: 1, field: "mode", code: "mode",
                    message: "the file says mode \"\(header.mode)\" and this site runs in mode "
                        + "\"\(rules.mode)\": drop it at the right site"))
        }
        let known = RowValidation.supportedActions.filter(ActionFamily.served.contains)
        if !known.contains(header.action) {
            faults.append(
                Fault(
                    line: 1, field: "action", code: FaultCode.action,
                    message: "the action \"\(header.action)\" is not available in this version; "
                        + "it has: \(known.sorted().joined(separator: ", "))"))
        }
        return faults
    }

    private func judge(
        _ row: BatchRow, _ number: Int, _ header: BatchHeader, _ numbers: ControlNumberSet,
        _ catalogs: Catalogs?, _ usedBefore: (TakenNumber) throws -> Bool
    ) throws -> PlannedRow {
        var faults = row.faults
        if faults.isEmpty {
            faults = RowValidation.validate(
                row, action: header.action, controlNumberPrefix: rules.controlNumberPrefix,
                catalogs: catalogs)
        }
        let family = ActionFamily.of(header.action)
        if let used = row.keyNumber {
            if numbers.isTwice(used) {
                faults.append(numberFault(row, "stands twice in this file; keep one row of it"))
            } else if faults.isEmpty, family?.takesNumber == true,
                try usedBefore(TakenNumber(used, action: header.action))
            {
                faults.append(
                    numberFault(row, "was used by an earlier file; a new payout needs a new number")
                )
            }
        }
        return PlannedRow(
            number: number, line: row.line, item: row.item, location: row.location,
            controlNumber: row.keyNumber, amount: row.amount,
            expiresAt: RegistrationFields.expiresAt(row.fields), faults: faults)
    }

    private func numberFault(_ row: BatchRow, _ text: String) -> Fault {
        let field = row.controlNumber == nil ? "contractNumber" : "controlNumber"
        let position = row.columns.first { $0.field == field }
        return Fault(
            line: position?.line ?? row.line, column: position?.column, item: row.item,
            field: field, code: "duplicate-control-number",
            message: "this \(row.controlNumber == nil ? "contract" : "control") number \(text)")
    }
}

/// Where a batch's text lies.
struct BatchText: Sendable {
    /// The private copy (or, for `check`, the file itself).
    var path: String
    /// The name it was dropped under: tells the form.
    var name: String
    /// SHA-256 of the bytes at `path`, lower-case hexadecimal.
    var sha256: String
    /// The bytes of `NAME.ctl`, when there is one.
    var sideFile: [UInt8]?
    /// SkyPay's lists that its rows are judged by: those of its verdict, once it has one.
    var catalogs: Catalogs?
}

extension BatchRow {
    /// What names the row for people: its control number, or the contract number of an action that
    /// has none.
    var keyNumber: String? { controlNumber ?? fields["contractNumber"]?.stringValue }
}
