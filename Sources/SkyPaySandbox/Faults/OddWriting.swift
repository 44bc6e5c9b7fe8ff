import OrderedJSON

/// The same answer in every other form that `skypay-api.md §1` asks readers to take: names with a
/// capital letter, numbers for quoted ones, null for "", `T` and more decimals in times, line breaks
/// inside the base64, a field nobody knows.
enum OddWriting {
    /// Letters on one line of the base64.
    static let lineLength = 76

    static func answer(_ value: JSONValue) -> JSONValue {
        guard case .object(var object) = odd(value) else { return odd(value) }
        object["SomethingNew"] = ["more": [1, nil, true]]
        return .object(object)
    }

    private static func odd(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { (capitalised($0.name), odd($0.value)) }))
        case .array(let elements): .array(elements.map(odd))
        case .string(let text): odd(text)
        // A number that came as such may be quoted as well.
        case .number(let text): .string(text)
        case .boolean, .null: value
        }
    }

    private static func capitalised(_ name: String) -> String {
        (name.first.map { $0.isUppercase ? $0.lowercased() : $0.uppercased() } ?? "")
            + name.dropFirst()
    }

    // Not Sendable since they may hold closures; literals do not, and using one does not change it.
    private nonisolated(unsafe) static let wholeNumber = /-?[1-9][0-9]{0,8}|0/
    // As above.
    private nonisolated(unsafe) static let time = /([0-9-]{10}) ([0-9:]{8})(\.[0-9]+)?/

    private static func odd(_ text: String) -> JSONValue {
        if text.isEmpty { return .null }
        // Numbers that would lose nothing: no leading zero, no more digits than an Int32.
        if text.wholeMatch(of: wholeNumber) != nil { return .number(text) }
        if let parts = text.wholeMatch(of: time) {
            return .string(parts.1 + "T" + parts.2 + (parts.3 ?? ".") + "000")
        }
        return .string(text)
    }

    /// Base64 with line breaks.
    static func broken(_ base64: [UInt8]) -> [UInt8] {
        base64.indices.flatMap { index in
            index > 0 && index % lineLength == 0
                ? [0x0D, 0x0A, base64[index]] : [base64[index]]
        }
    }
}
