import OrderedJSON

/// JSON inside a string: a request or an answer noted as text.
enum NestedJSON {
    /// True when the text begins with `{`, `[` or `"`, blanks before it.
    static func begins(_ text: String) -> Bool {
        text.withBytes { bytes in
            guard let first = bytes.first(where: { !isBlank($0) }) else { return false }
            return first == 0x7B || first == 0x5B || first == 0x22
        }
    }

    /// The value of a text that is one JSON object, array or string; nil for every other text.
    static func value(in text: String) -> JSONValue? {
        begins(text) ? try? JSONValue(parsing: Array(text.utf8)) : nil
    }

    /// What stands quoted before a colon, as in JSON that is cut off; at most `nameLimit` bytes each.
    static func names(in text: String) -> [String] {
        let bytes = Array(text.utf8)
        var names: [String] = []
        for start in bytes.indices where bytes[start] == 0x22 {
            let inside = bytes[(start + 1)...].prefix(nameLimit).prefix { $0 != 0x22 }
            guard inside.endIndex < bytes.count, bytes[inside.endIndex] == 0x22 else { continue }
            let behind = bytes[(inside.endIndex + 1)...].first { !isBlank($0) }
            guard behind == 0x3A else { continue }
            // JSON in JSON has a backslash before the quote.
            names.append(String(decoding: inside.filter { $0 != 0x5C }, as: UTF8.self))
        }
        return names
    }

    private static let nameLimit = 64

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
