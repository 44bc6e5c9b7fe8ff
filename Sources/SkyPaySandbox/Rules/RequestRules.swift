import OrderedJSON
import SkyPay

/// The sandbox's own reading of the requests of `skypay-api.md §2`. It shares nothing with
/// `SkyPay/Fields`, so that each can find the other's mistakes.
struct RequestRules: Sendable {
    /// One parameter: its name, its length in UTF-16 units, and what its text must be.
    struct Parameter: Sendable {
        let name: String
        let length: Int
        let isRequired: Bool
        let holds: TextForms.Form
    }

    static func must(
        _ name: String, _ length: Int, _ holds: @escaping TextForms.Form = TextForms.isNotBlank
    ) -> Parameter {
        Parameter(name: name, length: length, isRequired: true, holds: holds)
    }

    static func may(
        _ name: String, _ length: Int, _ holds: @escaping TextForms.Form = TextForms.isNotBlank
    ) -> Parameter {
        Parameter(name: name, length: length, isRequired: false, holds: holds)
    }

    /// What every request carries; the credentials themselves were compared before.
    private static let base = [
        must("userName", 50), must("action", 50), must("authentication", 255),
    ]

    /// The prefix of control numbers; nil takes any.
    let prefix: String?

    /// The texts of a request: every parameter a string, none unknown, none too long, all required
    /// ones there, each in its form. "" counts as absent. `other` are parameters that are no texts
    /// and are read by their own rules.
    func texts(
        _ fields: JSONObject, _ parameters: [Parameter], other: Set<String> = []
    ) throws(Refusal) -> [String: String] {
        let all = Self.base + parameters
        var texts: [String: String] = [:]
        for member in fields.members where !other.contains(member.name) {
            guard let parameter = all.first(where: { $0.name == member.name }) else {
                throw Refusal(.missingParameter, "unknown parameter \(member.name)")
            }
            guard let text = member.value.stringValue else {
                throw Refusal(.missingParameter, "\(member.name) is not a string")
            }
            if text.isEmpty { continue }
            guard text.utf16.count <= parameter.length, !TextForms.hasControl(text) else {
                throw Refusal(malformed: member.name)
            }
            texts[member.name] = text
        }
        for parameter in all where parameter.isRequired && texts[parameter.name] == nil {
            throw Refusal(.missingParameter, "\(parameter.name) is missing")
        }
        for parameter in all {
            guard let text = texts[parameter.name] else { continue }
            guard parameter.holds(text) else { throw Refusal(malformed: parameter.name) }
        }
        for name in ["controlNumber", "contractNumber"] { try checkPrefix(texts[name], name) }
        return texts
    }

    private func checkPrefix(_ text: String?, _ name: String) throws(Refusal) {
        guard let prefix, let text else { return }
        // Nothing but digits after the prefix, however short the prefix is.
        let rest = text.utf8.dropFirst(prefix.utf8.count)
        guard text.utf8.starts(with: prefix.utf8), rest.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw Refusal(malformed: name) }
    }

    /// `controlNumbers`: 1 to 50 objects with nothing but a control number.
    func controlNumbers(_ fields: JSONObject) throws(Refusal) -> [String] {
        _ = try texts(fields, [], other: ["controlNumbers"])
        guard let elements = fields["controlNumbers"]?.arrayValue,
            (1...Self.maxNumbers).contains(elements.count)
        else {
            throw Refusal(
                .missingParameter, "controlNumbers takes 1 to \(Self.maxNumbers) numbers")
        }
        var numbers: [String] = []
        for element in elements {
            guard let object = element.objectValue, object.members.count == 1,
                let number = object["controlNumber"]?.stringValue, !number.isEmpty
            else { throw Refusal(.missingParameter, "controlNumbers holds something else") }
            guard TextForms.isControlNumber(number) else {
                throw Refusal(malformed: "controlNumber")
            }
            try checkPrefix(number, "controlNumber")
            numbers.append(number)
        }
        return numbers
    }

    /// Control numbers in one query or cancellation at most.
    static let maxNumbers = 50
}
