extension FieldSpecification {
    /// A value the field may have, invented: for templates, documents and tests.
    /// - Parameters:
    ///   - table: the action the field belongs to.
    ///   - channel: the row's channel, where the action has any.
    public func example(in table: ActionTable, channel: PayoutChannel?) -> String {
        switch form {
        case .controlNumber: "SKY9912345678"
        case .providersNumber: "SKY9912345678"
        case .name: "Dela Cruz,Juan,Santos"
        case .phone: "09171234567"
        case .amount, .providersAmount: "1500.00"
        case .account: channel?.isWallet == true ? "09171234567" : "001234567890"
        case .channel: String((channel ?? table.channels.first)?.rawValue ?? 0)
        case .digits: "1"
        case .count(let range): String(range.upperBound)
        case .date: exampleDate
        case .dateTime, .providersTime: "2026-12-31 23:59:59"
        case .companyCode: name == "transferTo" ? "SKY98" : "SKY99"
        case .oneOf(let words): words.first ?? ""
        case .listOf(let words): words.joined(separator: " ")
        case .empty: ""
        case .text, .anything: exampleText
        }
    }

    private var exampleDate: String {
        if name == "birthday" { return "1990-02-28" }
        return notBefore == nil ? "2026-11-20" : "2026-11-21"
    }

    private var exampleText: String {
        switch name {
        case "bankNo": "SEC"
        case "idType": "Passport"
        case "idcardPicType": "jpg"
        case "idcardPicUrl": "https://example.test/id.jpg"
        case "identificationId": "P1234567A"
        case "expiryDate": "2030-12-31"
        case "currency": "PHP"
        case "sender": "Example Trading"
        case "location", "senderAddress", "payerAddress": "1 Sample Street, Sallapadan, Abra"
        default: "Example"
        }
    }
}

extension ActionTable {
    /// A row the action takes, invented: what is required, and `more` besides.
    public func exampleRow(channel: PayoutChannel?, more: Set<String> = []) -> [(String, String)] {
        rowFields.filter { field in
            switch field.required {
            case .always: true
            case .channels(let needing): channel.map(needing.contains) ?? false
            default: more.contains(field.name)
            }
        }.map { ($0.name, $0.example(in: self, channel: channel)) }
    }

    /// A batch of this action to fill in, as CSV with typed records: every column, and one
    /// invented row for each channel (or one). The batch id is blank, so it is refused as it is.
    public func template(mode: String) -> String {
        let names = rowFields.map(\.name)
        let rows = channels.isEmpty ? [nil] : channels.map(Optional.some)
        var lines = ["H,batch=,action=\(name),mode=\(mode)", record("C", names)]
        for (number, channel) in rows.enumerated() {
            var row = Dictionary(exampleRow(channel: channel)) { first, _ in first }
            if let keyField { row[keyField] = "SKY99\(12_345_678 + number)" }
            lines.append(record("D", names.map { row[$0] ?? "" }))
        }
        let total = Amount(centavos: Int64(rows.count) * 150_000).text
        lines.append("T,count=\(rows.count)" + (hasAmount ? ",amount=\(total)" : ""))
        return lines.map { $0 + "\n" }.joined()
    }

    private func record(_ type: String, _ cells: [String]) -> String {
        ([type] + cells.map { $0.contains(",") ? "\"\($0)\"" : $0 }).joined(separator: ",")
    }
}
