import OrderedJSON
import SkyPay

/// One question about one field, made from the table: a row with one value changed, and whether it
/// may be taken.
struct FieldProbe: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable {
        case longest, tooLong, missing, wrongType, wrongPattern, foreignChannel, program, unknown
    }

    let table: ActionTable
    let channel: PayoutChannel?
    let field: String
    let kind: Kind
    /// The value of the field; nil when it is left out.
    let value: JSONValue?
    /// What the table says of the row.
    let isValid: Bool

    var description: String {
        let place = channel.map { " channel \($0.rawValue)" } ?? ""
        return "\(table.name)\(place) \(field) \(kind.rawValue): \(value?.text() ?? "absent")"
    }

    /// The row: an example that nothing is wrong with, but for this value.
    func row(number: Int) -> JSONObject {
        let example = table.exampleRow(channel: channel)
        var row = JSONObject(example.map { ($0.0, .string($0.1)) })
        if let key = table.keyField { row[key] = .string("SKY99\(10_000_000 + number)") }
        if let start = table.field(field)?.notBefore, value != nil { row[start] = "0001-01-01" }
        row[field] = value
        return row
    }
}

extension FieldProbe {
    /// Every probe of a table: all its channels, all its fields.
    static func all(of table: ActionTable) -> [FieldProbe] {
        let channels = table.channels.isEmpty ? [nil] : table.channels.map(Optional.some)
        return channels.flatMap { channel in
            table.fields.flatMap { probes(of: $0, table, channel) }
                + [
                    FieldProbe(
                        table: table, channel: channel, field: "memo", kind: .unknown, value: "x",
                        isValid: false)
                ]
        }
    }

    private static func probes(
        of field: FieldSpecification, _ table: ActionTable, _ channel: PayoutChannel?
    ) -> [FieldProbe] {
        func probe(_ kind: Kind, _ value: JSONValue?, _ isValid: Bool) -> FieldProbe {
            FieldProbe(
                table: table, channel: channel, field: field.name, kind: kind, value: value,
                isValid: isValid)
        }
        if field.required == .program {
            let value = JSONValue.string(field.form == .empty ? "2026-11-21" : "1")
            return [probe(.program, value, false), probe(.missing, nil, true)]
        }
        let longest = FieldValues.longest(of: field, table, channel)
        if let channel, !field.channels.isEmpty, !field.channels.contains(channel) {
            return [
                probe(.foreignChannel, .string(longest), false), probe(.missing, nil, true),
            ]
        }
        let isNeeded =
            switch field.required {
            case .always: true
            case .channels(let needing): channel.map(needing.contains) ?? false
            default: false
            }
        return [
            probe(.longest, .string(longest), true),
            probe(.tooLong, .string(FieldValues.tooLong(of: field, longest)), false),
            probe(.missing, nil, !isNeeded), probe(.missing, "", !isNeeded),
        ] + FieldValues.wrongTypes(of: field).map { probe(.wrongType, $0, false) }
            + FieldValues.wrongPatterns(of: field, table, channel).map {
                probe(.wrongPattern, .string($0), false)
            }
    }
}
