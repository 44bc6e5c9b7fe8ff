import Foundation
import Glibc
import OrderedJSON
import Testing

/// Whatever is dropped, the file beside it is paid and no later start is hindered.
@Suite(.fewAtATime)
struct PoisonTests {
    /// A file as it is dropped. Shown by its beginning, since some are long.
    struct Poison: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var what = ""

        var testDescription: String {
            what.isEmpty ? "\(name.prefix(30)): \(text.prefix(60))" : what
        }
    }

    /// A number that passes for a payment card's; the audit log refuses such.
    private static let card = "4111111111111111"
    private static let long = String(repeating: "q", count: 60_000)
    private static let batch = Batch.made("a.csv", id: "P-1", first: 30_000_000, count: 2)
    /// Rows that come to 4222222222222.00, which passes for a card's number too.
    private static let cardSum: [Batch.Row] = (1...423).map { row in
        Batch.Row(
            controlNumber: "SKY99\(31_000_000 + row)",
            amount: row == 423 ? "2222222226.22" : "9999999999.99", account: "09171234567")
    }
    private static let columns = "controlNumber,name,phone,amount,accountNo,withdrawChannel"

    private static func callback(_ field: String, _ value: String) -> String {
        var object: JSONObject = [
            "userName": "DemoApp@skypay", "action": "payoutQueuePayout",
            "authentication": .string(Secrets.authentication),
            "controlNumber": "SKY9912345678", "payType": "2",
            "dealTime": "2026-11-21 10:00:00",
        ]
        object[field] = .string(value)
        return JSONValue.object(object).text()
    }

    private static func notification(_ field: String, _ value: String) -> String {
        var object: JSONObject = [
            "userName": "DemoApp@skypay", "action": "financeNotification",
            "authentication": .string(Secrets.authentication),
            "transctionDate": "2026-11-21 09:15:00", "companyPrefix": "SKY99",
            "companyName": "Halimbawa", "accountNo": "SKY99", "sourceAccountNo": "",
            "beneficiaryAccountNo": "", "statementType": "1", "signType": "recharge",
            "amount": "12.50", "currency": "PHP", "referenceNumber": "D-1",
        ]
        object[field] = .string(value)
        return JSONValue.object(object).text()
    }

    private static let names: [Poison] = [
        Poison(name: card + ".csv", text: batch.text),
        Poison(name: "4111 1111 1111 1111.csv", text: batch.text),
        Poison(name: "4111\u{2013}1111\u{2013}1111\u{2013}1111.csv", text: batch.text),
        Poison(name: "4111\u{A0}1111\u{A0}1111\u{A0}1111.csv", text: batch.text),
        Poison(name: "4111\u{200B}111111111111.csv", text: batch.text),
        Poison(name: "٤١١١١١١١١١١١١١١١.csv", text: batch.text),
        Poison(name: "４１１１１１１１１１１１１１１１.csv", text: batch.text),
        Poison(name: "[4.111111111111111e15]", text: batch.text),
        Poison(name: "a\nb.csv", text: batch.text), Poison(name: "-rf.csv", text: batch.text),
        Poison(name: "a\u{202E}b.csv", text: batch.text),
        Poison(name: "a\"b\\.csv", text: batch.text),
        Poison(name: String(repeating: "é", count: 100), text: batch.text),
        Poison(name: "b.csv.ack.json", text: batch.text),
        Poison(name: card + "/a.csv", text: batch.text),
        // One character with the slash before them.
        Poison(name: "\u{301}a.csv", text: batch.text),
        Poison(name: "\u{200D}a.csv", text: batch.text),
        Poison(name: "acme/\u{301}a.csv", text: batch.text),
    ]

    private static let contents: [Poison] = [
        Poison(name: "a.csv", text: ""), Poison(name: "a.csv", text: "\n"),
        Poison(name: "a.csv", text: "\u{FEFF}"), Poison(name: "a.csv.gz", text: "no gzip"),
        Poison(name: "a.csv", text: batch.text.replacing("P-1", with: card)),
        Poison(name: "a.csv", text: batch.text.replacing("P-1", with: "[4.111111111111111e15]")),
        Poison(name: "a.csv", text: Batch.csv(id: "P-1", cardSum), what: "a sum like a card's"),
        Poison(name: "a.csv", text: batch.text.replacing("P-1", with: long)),
        Poison(name: "a.csv", text: batch.text.replacing("P-1", with: "P\u{1}")),
        Poison(name: "a.csv", text: batch.text.replacing("mode=test", with: "mode=test,\(long)=1")),
        Poison(name: "a.csv", text: batch.text.replacing(",phone,", with: ",\(card),")),
        Poison(name: "a.csv", text: batch.text.replacing(",phone,", with: ",\(long),")),
        Poison(name: "a.csv", text: batch.text.replacing("Halimbawa", with: long + long)),
        Poison(name: "a.csv", text: batch.text.replacing("Halimbawa", with: card)),
        Poison(name: "a.csv", text: batch.text.replacing("Halimbawa", with: "\0")),
        Poison(name: "a.csv", text: batch.text.replacing("SKY9930000000", with: card)),
        Poison(name: "a.csv", text: batch.text.replacing("SKY9930000000", with: "SKY99١٢٣٤٥٦٧٨")),
        Poison(name: "a.csv", text: batch.text.replacing("100.10", with: card)),
        Poison(
            name: "a.csv", text: batch.text.replacing("count=2", with: "count=99999999999999999999")
        ),
        Poison(name: "a.json", text: String(repeating: "[", count: 5_000)),
        Poison(name: "a.json", text: "{\"batch\":\"\\ud800\",\"items\":[]}"),
        Poison(name: "a.json", text: "{\"batch\":\"P-1\",\"\(long)\":1,\"items\":[]}"),
        Poison(name: "a.json", text: "{\"batch\":\"P-1\",\"\(card)\":1,\"items\":[]}"),
        Poison(
            name: "a.json", text: "{\"batch\":\"P\\n1\",\"action\":\"payoutQueue\",\"items\":[]}"),
    ]

    private static let callbacks: [Poison] =
        ["controlNumber", "failDescription", "referenceNumber", "dealTime", "payType", "extra"]
        .flatMap { field in
            [card, long, "\0\n"].map { value in
                Poison(
                    name: "a.json", text: callback(field, value),
                    what: "\(field) \(value.prefix(20))")
            }
        }
        + ["accountNo", "companyName", "referenceNumber", "transctionDate", "amount", "currency"]
        .flatMap { field in
            [card, long].map { value in
                Poison(
                    name: "a.json", text: notification(field, value),
                    what: "notification \(field) \(value.prefix(20))")
            }
        }

    @Test("No name stops the site", arguments: names)
    func name(_ poison: Poison) async throws { try await drop(poison) }

    @Test("No content stops the site", arguments: contents)
    func content(_ poison: Poison) async throws { try await drop(poison) }

    @Test("No callback stops the site", arguments: callbacks)
    func callback(_ poison: Poison) async throws { try await drop(poison) }

    private func drop(_ poison: Poison) async throws {
        let name = poison.name
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let good = Batch.made("z.csv", id: "G-1", first: 10_000_000, count: 2)
            if let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) {
                mkdir(site.inbox + "/" + name[..<slash], 0o700)
            }
            // Written in place: a name may be too long for a suffix.
            try Scratch.put(poison.text, at: site.inbox + "/" + name)
            try site.drop(good)
            let what = poison.testDescription
            let first = try await site.run()
            #expect([0, 10, 30].contains(first.code), "\(what): \(first.errors)")
            let second = try await site.run()
            #expect(second.code == first.code, "\(what): \(second.errors)")
            let ack = try site.response("z.csv.ack.json")
            #expect(ack["verdict"] == "accepted")
            let paid = try sandbox.ledger().map(\.controlNumber)
            #expect(Set(paid).isSuperset(of: good.rows.map(\.controlNumber)))
            #expect(try await site.verify().code == 0)
        }
    }
}
