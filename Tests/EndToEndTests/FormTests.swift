import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct FormTests {
    private static let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 3)

    /// The side file of a form without header and trailer.
    private static let side = """
        {"batch":"B-1","action":"payoutQueue","mode":"test","count":3,\
        "amount":"\(Money.text(Money.sum(batch.rows)))"}
        """

    private static let items = batch.rows.map { row in
        """
        {"controlNumber":"\(row.controlNumber)","name":"Halimbawa,Uno,Test",\
        "phone":"09171234567","amount":"\(row.amount)","accountNo":"\(row.account)",\
        "withdrawChannel":"6"}
        """
    }

    private static let plain: String = {
        let lines = batch.text.split(separator: "\n").dropFirst().dropLast().map { $0.dropFirst(2) }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static let whole =
        String(side.dropLast(1)) + ",\"items\":[" + items.joined(separator: ",") + "]}"

    private static let forms: [(String, String, String?)] = [
        ("b.csv", batch.text, nil),
        ("bom.csv", "\u{FEFF}" + batch.text, nil),
        ("crlf.csv", batch.text.replacing("\n", with: "\r\n"), nil),
        ("b.json", String(whole), nil),
        ("plain.csv", plain, side),
        ("lines.jsonl", items.joined(separator: "\n") + "\n", side),
    ]

    @Test("Every form of a batch is taken, packed or not", arguments: forms, [false, true])
    func taken(_ form: (String, String, String?), packed: Bool) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let name = form.0 + (packed ? ".gz" : "")
            let ready = try scratch.write(form.0, form.1)
            if packed {
                let gzip = try await scratch.run("/usr/bin/env", ["gzip", "-9", ready])
                #expect(gzip.code == 0)
            }
            if let side = form.2 {
                try site.drop(name + ".ctl", side)
                #expect(try await site.run().code == 30, "a side file alone waits")
            }
            #expect(rename(scratch.folder + "/" + name, site.inbox + "/" + name) == 0)
            let run = try await site.run()
            #expect(run.code == 0, "\(run)")
            let batch = Batch(name: name, id: "B-1", rows: Self.batch.rows, text: form.1)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("A batch without rows is valid and answered at once")
    func empty() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("empty.csv", id: "B-0", first: 10_000_000, count: 0)
            try site.drop(batch)
            #expect(try await site.run().code == 0)
            try await Oracle(site: site, sandbox: sandbox).check([batch])
            #expect(try sandbox.ledger().isEmpty)
        }
    }

    private static let wrong: [(String, String)] = [
        ("another mode", batch.text.replacing("mode=test", with: "mode=live")),
        ("an unknown action", batch.text.replacing("payoutQueue", with: "payoutQeue")),
        ("another count", batch.text.replacing("count=3", with: "count=4")),
        ("another amount", batch.text.replacing("T,count=3,amount=", with: "T,count=3,amount=1")),
        ("bytes after the trailer", batch.text + batch.text),
        ("an amount with a decimal comma", batch.text.replacing(",100.10,", with: ",\"100,10\",")),
        ("an amount in scientific form", batch.text.replacing(",100.10,", with: ",1.001E+02,")),
        ("an unknown column", batch.text.replacing(",phone,", with: ",phnoe,")),
        ("a lone quote", batch.text.replacing("\"Halimbawa", with: "\"Halim\"bawa")),
    ]

    @Test(
        "A batch that is wrong as a whole is rejected, exit 30, and nothing is sent",
        arguments: wrong)
    func rejected(_ what: String, _ text: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("wrong.csv", text)
            #expect(text != Self.batch.text)
            let run = try await site.run()
            #expect(run.code == 30, "\(what): \(run)")
            let ack = try site.response("wrong.csv.ack.json")
            #expect(ack["verdict"] == "rejected", "\(what): \(ack.text())")
            #expect(ack["faults"]?.arrayValue?.isEmpty == false)
            #expect(try sandbox.requests("payoutQueue") == 0)
            // A batch that was rejected whole may come again under its id.
            try site.drop("wrong.csv", Self.batch.text)
            #expect(try await site.run().code == 0)
            #expect(try site.response("wrong.csv~2.ack.json")["verdict"] == "accepted")
            #expect(try sandbox.requests("payoutQueue") == 3)
        }
    }
}
