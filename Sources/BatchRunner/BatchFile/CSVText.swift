internal import OrderedJSON

/// CSV as we write it (RFC 4180): quotes only where needed, CRLF never, values unaltered.
enum CSVText {
    private static let quote = UInt8(ascii: "\"")

    static func record(_ cells: [String]) -> [UInt8] {
        Array((cells.map(cell).joined(separator: ",") + "\n").utf8)
    }

    /// Byte by byte: a quotation mark with a mark that combines behind it is one character to us, and the
    /// end of the cell to whoever reads it.
    static func cell(_ text: String) -> String {
        let special = text.utf8.contains { [quote, 0x2C, 0x0A, 0x0D].contains($0) }
        guard special else { return text }
        var quoted = [quote]
        for byte in text.utf8 {
            if byte == quote { quoted.append(quote) }
            quoted.append(byte)
        }
        quoted.append(quote)
        return String(decoding: quoted, as: UTF8.self)
    }
}

extension JSONValue {
    /// What stands in a cell for a sender's value: a list as a CSV batch writes it, its texts with a blank
    /// between.
    var cellText: String {
        arrayValue.map { $0.compactMap(\.scalarText).joined(separator: " ") } ?? scalarText ?? ""
    }
}
