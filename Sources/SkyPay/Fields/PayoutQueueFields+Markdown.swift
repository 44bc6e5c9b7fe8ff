extension PayoutQueueFields {
    /// The table in Markdown, as it stands in docs/skypay-protocol.md.
    public static var markdownTable: String {
        let head = "| field | length | required | channels | form |\n|---|---|---|---|---|\n"
        return table.reduce(head) { text, field in
            text + "| \(field.name) | \(field.maxLength) | \(requirement(field.required))"
                + " | \(scope(field.scope)) | \(field.form.summary) |\n"
        }
    }

    private static func requirement(_ requirement: FieldSpecification.Requirement) -> String {
        switch requirement {
        case .always: "yes"
        case .bank: "for channel 5"
        case .never: "no"
        case .defaulted: "yes; default from the configuration"
        }
    }

    private static func scope(_ scope: FieldSpecification.Scope) -> String {
        switch scope {
        case .any: "all"
        case .bank: "5"
        case .wallet: "6, 8, 15"
        }
    }
}
