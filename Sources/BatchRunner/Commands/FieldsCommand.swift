public import OrderedJSON
internal import SkyPay

/// `batchrunner fields` and `batchrunner template`: what the one description of every field says.
public struct FieldsCommand: Sendable {
    private let table: ActionTable

    /// The fields of an action, a registration or a callback.
    /// - Throws: `CommandFailure` (usage) for a name that is none of them.
    public init(action: String) throws(CommandFailure) {
        guard let table = ActionTable.of(action) else {
            let known = Self.actions.map(\.name)
            let hint = Suggestion.sentence(for: action, among: known)
            throw CommandFailure(
                .usage,
                "\"\(shown(action))\" is no action or callback\(hint); `batchrunner fields` lists "
                    + "them")
        }
        self.table = table
    }

    /// Every action and callback with what it is for.
    public static var actions: [(name: String, summary: String)] {
        (ActionTable.batchActions + ActionTable.callbacks).map { ($0.name, $0.summary) }
    }

    /// The same for programs.
    public static var actionsJSON: JSONValue {
        .array(actions.map { ["action": .string($0.name), "summary": .string($0.summary)] })
    }

    /// All tables in Markdown, as they stand in docs/skypay-protocol.md.
    public static var markdown: String { ActionTable.markdownDocument }

    /// The table for people, its heading first.
    public var cells: [[String]] { table.cells }

    /// What stands above the table.
    public var heading: String {
        let channels = table.channels.map { "\($0.rawValue) \($0.name)" }
        let served = channels.isEmpty ? "" : "; channels: " + channels.joined(separator: ", ")
        return "\(table.name): \(table.summary) (\(table.source))\(served)"
    }

    /// The table as JSON.
    public var json: JSONValue {
        [
            "action": .string(table.name), "summary": .string(table.summary),
            "source": .string(table.source),
            "channels": .array(table.channels.map { .string(String($0.rawValue)) }),
            "fields": .array(table.fields.map(Self.json)),
        ]
    }

    /// A batch to fill in, as CSV with typed records.
    /// - Throws: `CommandFailure` (usage) for a callback, which nobody drops as a batch.
    public func template(mode: String) throws(CommandFailure) -> String {
        guard table.kind != .callback else {
            throw CommandFailure(.usage, "\(table.name) is a callback of SkyPay's, not a batch")
        }
        return table.template(mode: mode)
    }

    private static func json(_ field: FieldSpecification) -> JSONValue {
        var object: JSONObject = [
            "name": .string(field.name), "maxLength": .number(String(field.maxLength)),
        ]
        switch field.required {
        case .always: object["required"] = "always"
        case .channels(let needing):
            object["required"] = .array(needing.map { .string(String($0.rawValue)) })
        case .never: object["required"] = "never"
        case .defaulted: object["required"] = "defaulted"
        case .program: object["required"] = "program"
        }
        object["channels"] = .array(field.channels.map { .string(String($0.rawValue)) })
        object["form"] = .string(field.form.summary)
        object["catalog"] = field.catalog.map { .string($0.kind.rawValue) }
        object["notBefore"] = field.notBefore.map { .string($0) }
        if field.writing == .number { object["sentAs"] = "number" }
        if field.writing == .list { object["sentAs"] = "array" }
        object["note"] = field.note.isEmpty ? nil : .string(field.note)
        return .object(object)
    }
}
