import Foundation
import OrderedJSON

/// A batch as its sender knows it: what it holds and what should become of it.
struct Batch: Sendable {
    struct Row: Sendable {
        var controlNumber: String
        var amount: String
        /// True for a row that validation has to refuse.
        var isBad = false
        /// The account, where the sender knows it.
        var account = ""
    }

    var name: String
    var id: String
    var rows: [Row]
    var text: String

    var good: [Row] { rows.filter { !$0.isBad } }
    var bad: [Row] { rows.filter(\.isBad) }

    /// A CSV batch of wallet payouts; control numbers count up from `first`.
    static func made(
        _ name: String, id: String, first: Int, count: Int, badRows: Set<Int> = []
    ) -> Batch {
        let rows = (0..<count).map { index in
            Row(
                controlNumber: "SKY99\(first + index)", amount: "\(100 + index).\(10 + index % 90)",
                isBad: badRows.contains(index), account: "0917\(1_000_000 + first % 1000 + index)")
        }
        return Batch(name: name, id: id, rows: rows, text: csv(id: id, rows))
    }

    /// Typed CSV with its control totals. A bad row's phone lacks its leading zero.
    static func csv(id: String, _ rows: [Row]) -> String {
        var text = "H,batch=\(id),action=payoutQueue,mode=test\n"
        text += "C,controlNumber,name,phone,amount,accountNo,withdrawChannel\n"
        for row in rows {
            let phone = row.isBad ? "9171234567" : "09171234567"
            text += "D,\(row.controlNumber),\"Halimbawa,Uno,Test\",\(phone),\(row.amount),"
            text += "\(row.account),6\n"
        }
        return text + "T,count=\(rows.count),amount=\(Money.text(Money.sum(rows)))\n"
    }

    /// A sample of the repository; `bad` counts its wrong rows from 1.
    static func sample(_ name: String, id: String, bad: Set<Int> = []) throws -> Batch {
        let text = try String(contentsOfFile: Repository.sample(name), encoding: .utf8)
        var rows: [Row] = []
        if name.hasSuffix(".json") {
            for item in try JSONValue(parsing: Array(text.utf8))["items"]?.arrayValue ?? [] {
                rows.append(
                    Row(
                        controlNumber: item["controlNumber"]?.stringValue ?? "",
                        amount: item["amount"]?.stringValue ?? "",
                        account: item["accountNo"]?.stringValue ?? ""))
            }
        } else {
            for line in text.split(separator: "\n") where line.contains("\"") {
                let cells = CSVReading.cells(String(line.drop { $0 != "S" }))
                rows.append(
                    Row(
                        controlNumber: cells[0], amount: cells[3],
                        isBad: bad.contains(rows.count + 1), account: cells[4]))
            }
        }
        return Batch(name: name, id: id, rows: rows, text: text)
    }

    /// The good samples.
    static func samples() throws -> [Batch] {
        [
            try sample("payouts-mixed.csv", id: "PAY-20261121-001", bad: [6, 12, 18, 25]),
            try sample("payouts.json", id: "PAY-20261121-002"),
            try sample("payouts-plain.csv", id: "PAY-20261121-003"),
        ]
    }
}

/// Money as text with two decimals, and its sum in centavos.
enum Money {
    static func centavos(_ text: String) -> Int {
        Int(text.replacingOccurrences(of: ".", with: "")) ?? .min / 1_000_000
    }

    static func sum(_ rows: [Batch.Row]) -> Int { rows.reduce(0) { $0 + centavos($1.amount) } }

    static func text(_ centavos: Int) -> String {
        let cents = String(centavos % 100)
        return "\(centavos / 100)." + (cents.count == 1 ? "0" + cents : cents)
    }
}

/// RFC 4180, for files without line breaks in cells.
enum CSVReading {
    static func cells(_ line: String) -> [String] {
        var cells = [""]
        var quoted = false
        for character in line {
            if character == "\"" {
                quoted.toggle()
            } else if character == ",", !quoted {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        return cells
    }

    /// The records below the header line, by column name.
    static func table(_ text: String) -> [[String: String]] {
        let lines = text.split(separator: "\n").map { cells(String($0)) }
        guard let header = lines.first else { return [] }
        return lines.dropFirst().map {
            Dictionary(zip(header, $0)) { first, _ in first }
        }
    }
}
