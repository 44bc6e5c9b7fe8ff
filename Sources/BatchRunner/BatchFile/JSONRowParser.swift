internal import OrderedJSON
internal import SkyPay

/// Makes rows of JSON items.
struct JSONRowParser {
    /// The fields of the batch's action.
    let fields: ActionFields
    /// How deep an item may nest.
    let limits: JSONLimits
    private let maxFaults: Int

    /// Where an item's text begins in the file.
    struct Place {
        var line: Int
        var column: Int
        var offset: Int
        var item: Int?
    }

    init(fields: ActionFields, limits: BatchLimits) {
        self.fields = fields
        maxFaults = limits.maxRowFaults
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
        var positions = Positions(text, at: place)
        let start = positions.position(of: item.range.lowerBound)
        var row = BatchRow(
            line: start.line, column: start.column, item: place.item,
            location: RowLocation(
                offset: place.offset + item.range.lowerBound, length: item.range.count),
            fields: JSONObject(), columns: [], faults: [], controlNumber: nil, amount: nil)
        var seen: Set<String> = []
        for member in item.members {
            add(member, isFirst: seen.insert(member.name).inserted, &positions, to: &row)
        }
        let number = row.fields["controlNumber"] ?? row.fields["contractNumber"]
        row.controlNumber = number?.stringValue
        if item.members.count(where: { $0.name == "amount" }) == 1 {
            row.amount = row.fields["amount"]?.stringValue.flatMap(Amount.init(wire:))
        }
        return row
    }

    private func add(
        _ member: JSONItem.Member, isFirst: Bool, _ positions: inout Positions,
        to row: inout BatchRow
    ) {
        let nameAt = positions.position(of: member.nameAt)
        if row.faults.count < maxFaults, let problem = problem(of: member, isFirst: isFirst) {
            row.faults.append(
                Fault(
                    line: nameAt.line, column: nameAt.column, item: row.item,
                    field: ActionFields.isSecret(member.name) ? nil : shown(member.name),
                    code: problem.code, message: problem.message))
        }
        // What no request may hold goes no further than its fault: neither credentials nor, at the
        // cost of a hint for each, thousands of unknown names.
        guard isFirst, fields.names.contains(member.name) else { return }
        let at = positions.position(of: member.valueAt)
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
        case .array where fields.lists.contains(member.name): return nil
        case .boolean: return (FaultCode.kind, "\(member.name) must be a text in quotes")
        case .array, .object:
            return (FaultCode.kind, "\(member.name) must be a text, not a nested value")
        }
    }

    /// A fault of the JSON text itself, at its place in the file.
    static func stop(_ fault: JSONFault, _ text: [UInt8], _ place: Place) -> ReadStop {
        guard fault.kind != .incomplete else { return .incomplete(fault.message) }
        var positions = Positions(text, at: place)
        let at = positions.position(of: fault.offset)
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

/// Lines and columns of places in an item's text, asked for in rising order: one pass, however
/// many lines and members a hostile item has.
private struct Positions {
    private let text: [UInt8]
    private var line: Int
    private var column: Int
    private var at = 0

    init(_ text: [UInt8], at place: JSONRowParser.Place) {
        self.text = text
        line = place.line
        column = place.column
    }

    mutating func position(of index: Int) -> (line: Int, column: Int) {
        text.withUnsafeBytes { text in
            while let newline = find(0x0A, in: text, from: at, to: index) {
                line += 1
                column = 1
                at = newline + 1
            }
        }
        column += index - at
        at = index
        return (line, column)
    }
}
