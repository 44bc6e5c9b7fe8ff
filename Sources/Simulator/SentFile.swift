import OrderedJSON
import SkyPay

/// A file that somebody dropped, and what is in it.
struct SentFile {
    /// A row, in the wire names of its action.
    struct Row {
        var fields: [(name: String, value: String)]

        subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

        var number: String { self["controlNumber"] ?? "" }
        var amount: Amount? { self["amount"].flatMap { Amount(wire: $0) } }
    }

    /// How it is written.
    enum Form: String { case csv, json }

    /// Below the inbox.
    var name: String
    let action: String
    let isCallback: Bool
    let bytes: [UInt8]
    let rows: [Row]
    let sha256: String
    /// True once the last byte is there.
    var isComplete = false

    /// A callback that is encrypted: so is its answer.
    var isSealed: Bool { isCallback && bytes.first != UInt8(ascii: "{") }

    /// The sum of its rows, in its own words.
    var total: Amount { Self.total(rows) }

    init(name: String, batch: String, action: String, form: Form, rows: [Row]) {
        self.name = name
        self.action = action
        isCallback = false
        self.rows = rows
        let text =
            form == .csv ? Self.csv(batch, action, rows) : Self.json(batch, action, rows)
        bytes = Array(text.utf8)
        sha256 = Witness.sha256(bytes)
    }

    /// A callback; its fields as the one row.
    init(name: String, callback action: String, bytes: [UInt8], _ row: Row) {
        self.name = name
        self.action = action
        isCallback = true
        self.bytes = bytes
        rows = [row]
        sha256 = Witness.sha256(bytes)
    }

    private static func total(_ rows: [Row]) -> Amount {
        rows.reduce(.zero) { $0 + ($1.amount ?? .zero) }
    }

    /// Empty where rows have no amounts.
    private static func totalText(_ rows: [Row]) -> String {
        rows.contains { $0.amount != nil } ? total(rows).text : ""
    }

    private static func csv(_ batch: String, _ action: String, _ rows: [Row]) -> String {
        var text = "H,batch=\(batch),action=\(action),mode=test\nC"
        for field in rows.first?.fields ?? [] { text += "," + field.name }
        for row in rows {
            text += "\nD"
            for field in row.fields {
                text += field.value.contains(",") ? ",\"\(field.value)\"" : "," + field.value
            }
        }
        let total = totalText(rows)
        return text + "\nT,count=\(rows.count)" + (total.isEmpty ? "" : ",amount=" + total) + "\n"
    }

    private static func json(_ batch: String, _ action: String, _ rows: [Row]) -> String {
        let total = totalText(rows)
        var object: JSONObject = [
            "batch": .string(batch), "action": .string(action), "mode": "test",
            "count": .number(String(rows.count)),
        ]
        if !total.isEmpty { object["amount"] = .string(total) }
        object["items"] = .array(
            rows.map { row in
                .object(JSONObject(row.fields.map { ($0.name, .string($0.value)) }))
            })
        return JSONValue.object(object).text()
    }
}
