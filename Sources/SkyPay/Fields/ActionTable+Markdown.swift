extension ActionTable {
    /// The table in Markdown, as it stands in docs/skypay-protocol.md.
    public var markdownTable: String {
        guard !fields.isEmpty else { return "No fields besides the three of every request.\n" }
        let hasChannels = !channels.isEmpty
        let head =
            hasChannels
            ? "| field | length | required | channels | form |\n|---|---|---|---|---|\n"
            : "| field | length | required | form |\n|---|---|---|---|\n"
        return fields.reduce(head) { text, field in
            let scope = hasChannels ? " | \(field.scopeText)" : ""
            return text + "| \(field.name) | \(field.maxLength) | \(field.requiredText)\(scope)"
                + " | \(formText(of: field)) |\n"
        }
    }

    /// The whole section on the action in Markdown: heading, purpose, table.
    public var markdownSection: String {
        let served = channels.isEmpty ? "" : " Channels: \(channels.map(\.shown).list)."
        return "### \(name)\n\n\(summary.sentence) (\(source)).\(served)\n\n\(markdownTable)"
    }

    /// The sections on all actions and callbacks, as they stand in docs/skypay-protocol.md.
    public static var markdownDocument: String {
        (batchActions + callbacks).map(\.markdownSection).joined(separator: "\n")
    }

    /// Name, length, requirement, channels and form of each field, without Markdown: cells of a
    /// table for people, its heading first.
    public var cells: [[String]] {
        let heading = ["FIELD", "LENGTH", "REQUIRED", "CHANNELS", "FORM"]
        let rows = fields.map { field in
            [
                field.name, String(field.maxLength), field.requiredText, field.scopeText,
                formText(of: field).filter { $0 != "`" },
            ]
        }
        return ([heading] + rows).map { row in
            channels.isEmpty ? Array(row[0...2] + row[4...]) : row
        }
    }

    /// The field's form in words, with what only the table knows.
    func formText(of field: FieldSpecification) -> String {
        var parts = [
            field.form == .channel
                ? channels.codes + "; string or number" : field.form.summary
        ]
        if let catalog = field.catalog {
            switch catalog {
            case .code(let kind): parts.append("a code of \(kind.rawValue)")
            case .town(let province):
                parts.append("a code of getTownCity in the row's \(province)")
            }
        }
        if let start = field.notBefore { parts.append("not before \(start)") }
        switch field.writing {
        case .text: break
        case .number: parts.append("sent as a JSON number")
        case .list: parts.append("sent as an array")
        }
        if !field.aliases.isEmpty {
            parts.append("also read as \(field.aliases.joined(separator: ", "))")
        }
        if !field.note.isEmpty { parts.append(field.note) }
        return parts.joined(separator: "; ")
    }
}

extension FieldSpecification {
    /// When it is required, in words.
    var requiredText: String {
        switch required {
        case .always: "yes"
        case .channels(let needing): "for channel \(needing.codes)"
        case .never: "no"
        case .defaulted:
            name == "sender" ? "yes; default from the configuration" : "no; has a default"
        case .program: "added by the program"
        }
    }

    /// The channels it may be used with, in words.
    var scopeText: String { channels.isEmpty ? "all" : channels.codes }
}

extension [String] {
    /// `a, b, c`.
    fileprivate var list: String { joined(separator: ", ") }
}

extension String {
    /// With a capital letter.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() }
}
