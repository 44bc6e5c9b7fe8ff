/// Text of a page. Whatever comes from events goes through `escaped`; only our own markup is raw.
struct HTMLText {
    private(set) var text = ""

    /// Markup of ours.
    mutating func raw(_ markup: String) { text += markup }

    /// Text, escaped.
    mutating func add(_ words: String) { text += Self.escaped(words) }

    /// `<name attributes>words</name>`; `attributes` is markup of ours.
    mutating func element(_ name: String, _ words: String, _ attributes: String = "") {
        let space = attributes.isEmpty ? "" : " "
        text += "<\(name)\(space)\(attributes)>\(Self.escaped(words))</\(name)>"
    }

    /// `<name attributes>…</name>` around what `body` adds.
    mutating func block(
        _ name: String, _ attributes: String = "", _ body: (inout HTMLText) -> Void
    ) {
        text += attributes.isEmpty ? "<\(name)>" : "<\(name) \(attributes)>"
        body(&self)
        text += "</\(name)>\n"
    }

    /// Safe in content and in quoted attributes. Control characters and marks that turn the direction
    /// of writing are shown, not obeyed: what is read is what stands there.
    static func escaped(_ words: String) -> String {
        var output = ""
        output.reserveCapacity(words.utf8.count)
        for scalar in words.unicodeScalars {
            switch scalar.value {
            case 0x26: output += "&amp;"
            case 0x3C: output += "&lt;"
            case 0x3E: output += "&gt;"
            case 0x22: output += "&quot;"
            case 0x27: output += "&#39;"
            case 0x09, 0x0A: output.unicodeScalars.append(scalar)
            case 0x00..<0x20: output.unicodeScalars.append(picture(scalar.value))
            case 0x7F...0x9F, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
                0xFFF9...0xFFFB, 0xE0000...0xE007F:
                output += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// The picture of a control character (Unicode, "Control Pictures").
    private static func picture(_ value: UInt32) -> UnicodeScalar {
        UnicodeScalar(0x2400 + value) ?? "\u{2400}"
    }

    /// A quoted CSS string: everything but letters and digits as an escape.
    static func styleString(_ words: String) -> String {
        var output = "\""
        for scalar in words.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: output.unicodeScalars.append(scalar)
            default: output += "\\\(String(scalar.value, radix: 16)) "
            }
        }
        return output + "\""
    }
}
