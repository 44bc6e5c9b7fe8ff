/// CSV as we write it (RFC 4180): quotes only where needed, CRLF never, values unaltered.
enum CSVText {
    static func record(_ cells: [String]) -> [UInt8] {
        Array((cells.map(cell).joined(separator: ",") + "\n").utf8)
    }

    static func cell(_ text: String) -> String {
        let special = text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard special else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
