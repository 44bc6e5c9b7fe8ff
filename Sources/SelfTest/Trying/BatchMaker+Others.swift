import OrderedJSON

// Batches whose rows are no payouts.
extension BatchMaker {
    /// Rows of such a batch at most.
    private static let mostOthers = 4

    /// To cancel or amend payouts that may wait at a store; nil where there are none.
    mutating func orders(_ sender: String, _ id: String, _ name: String) -> MadeFile? {
        guard !orderable.isEmpty else { return nil }
        // The latest: they may still wait.
        let chosen = orderable.suffix(1 + numbers.below(Self.mostOthers))
        orderable.removeLast(chosen.count)
        let isCancel = numbers.oneIn(2)
        let rows = chosen.map { (number, channel) -> [(String, String)] in
            let particulars = [
                ("name", "Halimbawa,Bago,Test"), ("birthday", "1990-01-31"),
                ("identificationId", "ID-7"), ("identificationTypeId", "1"),
                ("phone", "09171234567"), ("idcardPicType", "jpg"),
                ("idcardPicUrl", "https://example.test/1.jpg"), ("location", "Manila"),
                ("withdrawChannel", channel),
            ]
            return [("controlNumber", number)] + (isCancel ? [] : particulars)
        }
        let known = chosen.map { DroppedFile.Row(number: $0.number, centavos: 0, promise: .good) }
        return file(
            .orders, isCancel ? "cancelPayout" : "amendTransactionV2", sender, id, name, known, rows
        )
    }

    /// Money to another account of the partner, each time another amount.
    mutating func transfers(_ sender: String, _ id: String, _ name: String) -> MadeFile {
        let known = (0..<1 + numbers.below(Self.mostOthers)).map { _ in
            nextTransfer += 1 + Int64(numbers.below(9))
            return DroppedFile.Row(
                number: DroppedFile.transferName(nextTransfer), centavos: nextTransfer,
                promise: .good)
        }
        let rows = known.map { row in
            [
                ("transferFrom", Self.prefix), ("transferTo", "SKY98"),
                ("amount", Money.text(row.centavos)),
            ]
        }
        return file(.transfers, "balanceTransfer", sender, id, name, known, rows)
    }

    /// Payouts a counter may ask for, and what it says of them.
    mutating func registration(_ sender: String, _ id: String, _ name: String) -> MadeFile {
        let known = (0..<1 + numbers.below(Self.mostOthers)).map { _ in
            let number = number()
            return DroppedFile.Row(number: number, centavos: amount(), promise: .good)
        }
        let rows = known.map { row in
            [
                ("controlNumber", row.number), ("senderAddress", "1 Halimbawa St Makati"),
                ("name", "Halimbawa,Lima,Test"), ("birthday", "1990-01-31"),
                ("identificationId", "ID-8"), ("idType", "Passport"), ("phone", "09171234567"),
                ("amount", Money.text(row.centavos)), ("idcardPicType", "jpg"),
                ("idcardPicUrl", "https://example.test/2.jpg"), ("location", "Manila"),
            ]
        }
        var made = file(.registration, "registerPayout", sender, id, name, known, rows)
        for row in known { made.later += counter.messages(about: row.number, &numbers) }
        return made
    }

    private mutating func file(
        _ kind: DroppedFile.Kind, _ action: String, _ sender: String, _ id: String, _ name: String,
        _ known: [DroppedFile.Row], _ rows: [[(String, String)]]
    ) -> MadeFile {
        let total = kind == .orders ? nil : known.reduce(0) { $0 + $1.centavos }
        let isJSON = numbers.oneIn(2)
        let text =
            isJSON
            ? BatchText.json(id, action, rows, total) : BatchText.csv(id, action, rows, total)
        let bytes = Array(text.utf8)
        return MadeFile(
            known: DroppedFile(
                name: sender + name + (isJSON ? ".json" : ".csv"), kind: kind, batch: id,
                sha256: SHA256Text.of(bytes), rows: known),
            bytes: bytes)
    }
}

extension BatchText {
    /// Typed CSV of any action; every row has the same fields.
    static func csv(
        _ id: String, _ action: String, _ rows: [[(String, String)]], _ total: Int64?
    ) -> String {
        var text = "H,batch=\(id),action=\(action),mode=test\n"
        text += "C," + (rows.first ?? []).map(\.0).joined(separator: ",") + "\n"
        for row in rows {
            text += "D," + row.map { "\"\($0.1)\"" }.joined(separator: ",") + "\n"
        }
        let amount = total.map { ",amount=" + Money.text($0) } ?? ""
        return text + "T,count=\(rows.count)\(amount)\n"
    }

    /// JSON of any action.
    static func json(
        _ id: String, _ action: String, _ rows: [[(String, String)]], _ total: Int64?
    ) -> String {
        let items = rows.map { row in
            JSONValue.object(JSONObject(row.map { ($0.0, JSONValue.string($0.1)) }))
        }
        var batch: JSONObject = [
            "batch": .string(id), "action": .string(action), "mode": "test",
            "count": .number(String(rows.count)),
        ]
        batch["amount"] = total.map { .string(Money.text($0)) }
        batch["items"] = .array(items)
        return JSONValue.object(batch).text()
    }
}
