import OrderedJSON

/// One row an event: the fixed columns, one for every member that some `subject` has, and `data` as
/// JSON (RFC 4180, UTF-8, CRLF).
enum CSVExport {
    /// The most columns for members of `subject`; what is beyond stands in the last one, as JSON.
    static let subjectLimit = 256
    private static let fixed = ["seq", "time", "type", "actor", "outcome", "origin"]
    private static let rest = "subject"

    static func write(_ source: ExportSource, to file: ExportFile) throws -> UInt64 {
        let names = try subjectNames(source)
        try file.append(row(fixed + names.map { "\(rest).\($0)" } + [rest, "data"]))
        var count: UInt64 = 0
        try source.forEach { _, event in
            try file.append(row(cells(event, names)))
            count += 1
        }
        return count
    }

    /// In the order in which they first come.
    private static func subjectNames(_ source: ExportSource) throws -> [String] {
        var names: [String] = []
        var seen: Set<String> = []
        try source.forEach { _, event in
            for member in event.subject.members where names.count < subjectLimit {
                if seen.insert(member.name).inserted { names.append(member.name) }
            }
        }
        return names
    }

    private static func cells(_ event: Event, _ names: [String]) -> [String] {
        let known = Set(names)
        let others = event.subject.members.filter { !known.contains($0.name) }
        let remainder = JSONObject(others.map { ($0.name, $0.value) })
        return [
            String(event.sequence), event.time, event.type, event.actor, event.outcome.rawValue,
            event.origin,
        ] + names.map { event.subject[$0].map(text) ?? "" } + [
            others.isEmpty ? "" : JSONValue.object(remainder).text(),
            event.data.members.isEmpty ? "" : JSONValue.object(event.data).text(),
        ]
    }

    private static func text(_ value: JSONValue) -> String { value.stringValue ?? value.text() }

    private static func row(_ cells: [String]) -> [UInt8] {
        Array((cells.map(cell).joined(separator: ",") + "\r\n").utf8)
    }

    private static let quote = UInt8(ascii: "\"")

    /// Quoted where needed, byte by byte: a quotation mark with a mark that combines behind it is one
    /// character to us and the end of the cell to its readers. What a spreadsheet would take for a
    /// formula is led by an apostrophe.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.utf8.first, "=+-@\t\r\n".utf8.contains(first) { text = "'" + text }
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        var quoted = [quote]
        for byte in text.utf8 {
            if byte == quote { quoted.append(quote) }
            quoted.append(byte)
        }
        quoted.append(quote)
        return String(decoding: quoted, as: UTF8.self)
    }
}
