// Writing: one canonical compact form (what is hashed and sent) and one for people.
extension JSONValue {
    /// The compact text as bytes: no white space, members in order, `/` not escaped, only `"`, `\`
    /// and control characters escaped. The same value always gives the same bytes.
    public func bytes() -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    /// The compact text.
    public func text() -> String { String(decoding: bytes(), as: UTF8.self) }

    /// Appends the compact text.
    public func append(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .boolean(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): Self.appendString(text, to: &output)
        case .array(let elements):
            output.append(0x5B)
            for (position, element) in elements.enumerated() {
                if position > 0 { output.append(0x2C) }
                element.append(to: &output)
            }
            output.append(0x5D)
        case .object(let object): object.append(to: &output)
        }
    }

    /// Appends a quoted string with the escapes it needs.
    public static func appendString(_ text: String, to output: inout [UInt8]) {
        output.append(0x22)
        defer { output.append(0x22) }
        // Most texts need no escape and are taken at once.
        let isPlain = text.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes where byte < 0x20 || byte == 0x22 || byte == 0x5C { return false }
            output.append(contentsOf: bytes)
            return true
        }
        if isPlain == true { return }
        for byte in text.utf8 {
            switch byte {
            case 0x22: output.append(contentsOf: [0x5C, 0x22])
            case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
            case 0x0A: output.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: output.append(contentsOf: [0x5C, 0x72])
            case 0x09: output.append(contentsOf: [0x5C, 0x74])
            case 0x00..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(hexadecimal(byte >> 4))
                output.append(hexadecimal(byte & 15))
            default: output.append(byte)
            }
        }
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }

    /// The text for people: two spaces an indent, a newline at the end.
    public func prettyText() -> String {
        var output = ""
        appendPretty(to: &output, indent: 0)
        return output + "\n"
    }

    private func appendPretty(to output: inout String, indent: Int) {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            output += "[\n"
            for (position, element) in elements.enumerated() {
                output += inner
                element.appendPretty(to: &output, indent: indent + 1)
                output += position < elements.count - 1 ? ",\n" : "\n"
            }
            output += outer + "]"
        case .object(let object) where !object.isEmpty:
            output += "{\n"
            for (position, member) in object.members.enumerated() {
                output += inner + JSONValue.string(member.name).text() + ": "
                member.value.appendPretty(to: &output, indent: indent + 1)
                output += position < object.members.count - 1 ? ",\n" : "\n"
            }
            output += outer + "}"
        default: output += text()
        }
    }
}

extension JSONObject {
    /// Appends the compact text.
    public func append(to output: inout [UInt8]) {
        output.append(0x7B)
        for (position, member) in members.enumerated() {
            if position > 0 { output.append(0x2C) }
            JSONValue.appendString(member.name, to: &output)
            output.append(0x3A)
            member.value.append(to: &output)
        }
        output.append(0x7D)
    }

    /// The compact text as bytes.
    public func bytes() -> [UInt8] { JSONValue.object(self).bytes() }
}
