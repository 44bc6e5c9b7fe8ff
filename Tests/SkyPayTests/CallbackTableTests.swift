import OrderedJSON
import SkyPay
import Testing

/// A callback is taken by `Callback.parse` exactly when its table finds nothing wrong: the table is
/// what the documents show, the parser what decides.
@Suite("Callbacks: parser and table")
struct CallbackTableTests {
    struct Probe: Sendable, CustomTestStringConvertible {
        let table: ActionTable
        let changes: [(String, JSONValue?)]
        let isTaken: Bool
        var testDescription: String {
            let texts = changes.map { "\($0.0)=\($0.1?.text() ?? "absent")" }
            return "\(table.name) \(texts.joined(separator: " ")) → \(isTaken ? "taken" : "not")"
        }

        var callback: JSONObject {
            var object: JSONObject = ["action": .string(table.name)]
            for field in table.fields {
                object[field.name] = .string(field.example(in: table, channel: nil))
            }
            for (name, value) in changes { object[name] = value }
            return object
        }
    }

    private static func probes(of table: ActionTable) -> [Probe] {
        func probe(_ changes: [(String, JSONValue?)], _ isTaken: Bool) -> Probe {
            Probe(table: table, changes: changes, isTaken: isTaken)
        }
        return [probe([], true), probe([("somethingNew", ["a": 1])], true)]
            + table.fields.flatMap { field -> [Probe] in
                let isNeeded = field.required == .always
                let example = JSONValue.string(field.example(in: table, channel: nil))
                let missing = [nil, "", .null].map { probe([(field.name, $0)], !isNeeded) }
                let renamed = ([field.name.uppercased()] + field.aliases).map {
                    probe([(field.name, nil), ($0, example)], true)
                }
                return missing + renamed + wrong(field).map { probe([(field.name, $0)], false) }
                    + taken(field).map { probe([(field.name, $0)], true) }
            }
    }

    private static func wrong(_ field: FieldSpecification) -> [JSONValue] {
        if field.required != .always, field.form != .providersAmount { return [] }
        return switch field.form {
        case .providersNumber:
            [["a": 1], [1], .string(String(repeating: "S", count: field.maxLength + 1))]
        case .oneOf: ["9", "x", 0, ["1"]]
        case .providersAmount: ["1,500.00", "-1", "1.", ".5", "x"]
        case .anything: [.string(String(repeating: "x", count: field.maxLength + 1)), ["x"]]
        case .providersTime: ["yesterday", "2026-13-01 00:00:00", "2026-11-21 25:00:00"]
        default: []
        }
    }

    private static func taken(_ field: FieldSpecification) -> [JSONValue] {
        if field.required != .always, field.form != .providersAmount {
            return ["x", 7, ["x"], .string(String(repeating: "x", count: field.maxLength + 1))]
        }
        return switch field.form {
        case .providersNumber: [.string(String(repeating: "S", count: field.maxLength)), 991_234]
        case .providersAmount: ["1500", 1500, .number("1500.5"), "0.01", "12000000"]
        case .providersTime:
            ["2026-11-21 10:00:00", "2026-11-21T10:00:00.123456789", "2026-11-21"]
        case .anything: ["x", 7]
        default: []
        }
    }

    @Test(
        "They agree on every change of every field",
        arguments: ActionTable.callbacks.flatMap(probes))
    func agree(_ probe: Probe) {
        let faults = probe.table.check(callback: probe.callback)
        #expect(faults.isEmpty == probe.isTaken, "\(faults)")
        let isParsed = (try? Callback.parse(probe.callback)) != nil
        #expect(isParsed == probe.isTaken)
    }
}
