internal import OrderedJSON
internal import SkyPay

/// Makes rows of JSON items.
struct JSONRowParser {
    /// The fields of the batch's action.
    let fields: ActionFields
    /// How deep an item may nest.
    let limits: JSONLimits

    /// Where an item's text begins in the file.
    struct Place {
        var line: Int
        var column: Int
        var offset: Int
        var item: Int?
    }

    init(fields: ActionFields, limits: BatchLimits) {
        self.fields = fields
        // The envelope and its array of items are two levels.
        self.limits = JSONLimits(maxDepth: max(limits.maxDepth - 2, 1))
    }

    /// The row of the one object in `text`, which begins at `place`.
    /// - Throws: `ReadStop`; incomplete when more text could complete the object.
    func row(_ text: [UInt8], at place: Place) throws -> BatchRow {
        let item: JSONItem
        do {
            item = try JSONItem(text, limits: limits)
        } catch {
            throw Self.stop(error, text, place)
        }
        let start = Self.position(of: item.range.lowerBound, in: text, place)
        var row = BatchRow(
            line: start.line, column: start.column, item: place.item,
            location: RowLocation(
                offset: place.offset + item.range.lowerBound, length: item.range.count),
            fields: JSONObject(), columns: [], faults: [], controlNumber: nil, amount: nil)
        var seen: Set<String> = []
        for member in item.members {
            add(member, isFirst: seen.insert(member.name).inserted, text, place, to: &row)
        }
        row.controlNumber = row.fields["controlNumber"]?.stringValue
        if let amount = row.fields["amount"]?.stringValue, !hasTwoAmounts(row) {
            row.amount = Amount(wire: amount)
        }
        return row
    }

    private func hasTwoAmounts(_ row: BatchRow) -> Bool {
        row.faults.contains { $0.code == FaultCode.duplicateField && $0.field == "amount" }
    }

    private func add(
        _ member: JSONItem.Member, isFirst: Bool, _ text: [UInt8], _ place: Place,
        to row: inout BatchRow
    ) {
        if let problem = problem(of: member, isFirst: isFirst) {
            let at = Self.position(of: member.nameAt, in: text, place)
            row.faults.append(
                Fault(
                    line: at.line, column: at.column, item: place.item,
                    field: ActionFields.isSecret(member.name) ? nil : shown(member.name),
                    code: problem.code, message: problem.message))
        }
        guard isFirst, member.name != ActionFields.rejectReason,
            !ActionFields.isSecret(member.name)
        else { return }
        let at = Self.position(of: member.valueAt, in: text, place)
        row.columns.append(FieldPosition(field: member.name, line: at.line, column: at.column))
        // As an empty cell: a field without a value is not there.
        if member.value == .string("") || member.value == .null { return }
        row.fields.members.append(.init(name: member.name, value: member.value))
    }

    private func problem(
        of member: JSONItem.Member, isFirst: Bool
    ) -> (code: String, message: String)? {
        if !isFirst {
            return (FaultCode.duplicateField, "\"\(shown(member.name))\" stands twice: keep one")
        }
        if member.name == ActionFields.rejectReason { return nil }
        if let fault = fields.fault(in: member.name) { return fault }
        switch member.value {
        case .string, .null: return nil
        case .number where fields.numeric.contains(member.name): return nil
        case .number:
            return (
                FaultCode.kind,
                "\(member.name) must be a text in quotes: as a number it loses leading zeros"
            )
        case .boolean: return (FaultCode.kind, "\(member.name) must be a text in quotes")
        case .array, .object:
            return (FaultCode.kind, "\(member.name) must be a text, not a nested value")
        }
    }

    /// Line and column of the byte `index` bytes into `text`.
    private static func position(
        of index: Int, in text: [UInt8], _ place: Place
    ) -> (line: Int, column: Int) {
        text.withUnsafeBytes { text in
            var (line, from, column) = (place.line, 0, place.column + index)
            while let newline = find(0x0A, in: text, from: from, to: index) {
                line += 1
                from = newline + 1
                column = index - newline
            }
            return (line, column)
        }
    }

    /// A fault of the JSON text itself, at its place in the file.
    static func stop(_ fault: JSONFault, _ text: [UInt8], _ place: Place) -> ReadStop {
        guard fault.kind != .incomplete else { return .incomplete(fault.message) }
        let at = position(of: fault.offset, in: text, place)
        return .fault(
            code(of: fault.kind), "not JSON: \(fault.message)", line: at.line, column: at.column,
            item: place.item)
    }

    private static func code(of kind: JSONFault.Kind) -> String {
        switch kind {
        case .duplicateKey: FaultCode.duplicateField
        case .tooDeep: FaultCode.tooLarge
        case .notUTF8: FaultCode.encoding
        case .incomplete, .invalid, .trailingBytes: FaultCode.syntax
        }
    }
}
