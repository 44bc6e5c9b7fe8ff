import Foundation
import OrderedJSON
import Testing

/// The vendor's test tools (7.1, 7.2) against the runner, through encrypted files both ways.
@Suite(.fewAtATime)
struct TestToolTests {
    private static let payouts = """
        H,batch=REG-1,action=registerPayout,mode=test
        C,controlNumber,senderAddress,name,birthday,identificationId,idType,phone,amount,\
        idcardPicType,idcardPicUrl,location
        D,SKY9910000001,"1 Halimbawa St, Makati","Subok,Uno,Test",1990-01-31,ID-7,Passport,\
        09171234567,1500.00,jpg,https://example.test/1.jpg,Manila
        T,count=1,amount=1500.00

        """
    private static let collections = """
        {"batch":"REG-2","action":"registerCollection","mode":"test","count":1,"amount":"300.00",
         "items":[{"contractNumber":"SKY9910000002","amount":"300.00","payerName":"Bayad,Uno",
         "payerAddress":"4 Halimbawa St, Pasig","payerPhone":"09191234567"}]}

        """

    /// Runs a test with a daemon that has taken a batch of registrations.
    private func withDaemon(
        _ name: String, _ batch: String,
        _ test: (Scratch, Sandbox, Site) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            _ = try site.daemon()
            try site.drop(name, batch)
            _ = try await eventually("the registrations' result") { () -> Bool? in
                site.exists("outbox/\(name).result.json") ? true : nil
            }
            try await test(scratch, sandbox, site)
        }
    }

    private func answers(_ ended: Ended) throws -> [JSONValue] {
        try ended.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }

    private func files(_ site: Site) -> [String] {
        ["--folder", site.inbox, "--answers", site.outbox]
    }

    @Test("payout: asked about, then paid, and booked by both sides")
    func payout() async throws {
        try await withDaemon("reg.csv", Self.payouts) { scratch, sandbox, site in
            let done = try await scratch.run(
                Binaries.sandbox,
                ["payout", "SKY9910000001", "--channel", "9", "--port", String(sandbox.port)]
                    + files(site))
            #expect(done.code == 0, "\(done.output) \(done.errors)")
            let told = try answers(done)
            #expect(told.map { $0["action"] } == ["payoutInquiry", "payoutPayout"])
            #expect(told.first?["answer"]?["amount"] == "1500.00")
            #expect(told.allSatisfy { $0["answer"]?["responseCode"] == "1000" })
            let row = try #require(try sandbox.ledger().first)
            #expect(row.controlNumber == "SKY9910000001")
            #expect(row.amount == "1500.00" && row.applied == 1)
            _ = try await eventually("the final file") { () -> Bool? in
                site.exists("outbox/reg.csv.final.json") ? true : nil
            }
            #expect(try site.response("reg.csv.final.json")["counts"]?["paid"] == 1)
            // Paid is paid: the next inquiry is refused, and so nothing is confirmed.
            let again = try await scratch.run(
                Binaries.sandbox, ["payout", "SKY9910000001"] + files(site))
            #expect(again.code == 1)
            #expect(try answers(again).map { $0["answer"]?["responseCode"] } == ["-1026"])
        }
    }

    @Test("collect: the second message is refused before the first; after it, it is booked")
    func collect() async throws {
        try await withDaemon("reg.json", Self.collections) { scratch, sandbox, site in
            func collect(_ more: [String]) async throws -> Ended {
                try await scratch.run(
                    Binaries.sandbox,
                    [
                        "collect", "SKY9910000002", "--amount", "300.00", "--phone",
                        "09191234567", "--memory", scratch.folder + "/counter", "--port",
                        String(sandbox.port),
                    ] + files(site) + more)
            }
            let early = try await collect(["--step", "confirmation"])
            #expect(early.code == 1 && early.output.isEmpty)
            #expect(early.errors.contains("collectionInquiry"))
            // Forced past the tool, the runner refuses it too.
            let forced = try await collect(["--step", "confirmation", "--force"])
            #expect(forced.code == 1)
            #expect(try answers(forced).map { $0["answer"]?["responseCode"] } == ["-1015"])
            let asked = try await collect(["--step", "inquiry"])
            #expect(asked.code == 0, "\(asked.output) \(asked.errors)")
            #expect(try answers(asked).first?["answer"]?["payerName"] == "Bayad,Uno")
            let done = try await collect(["--step", "confirmation"])
            #expect(done.code == 0, "\(done.output) \(done.errors)")
            let ledger = try await scratch.run(
                Binaries.sandbox, ["ledger", "--port", String(sandbox.port)])
            let value = try JSONValue(parsing: Array(ledger.output.utf8))
            #expect(value["collectionBalance"] == "300.00")
            #expect(value["collections"]?.arrayValue?.count == 1)
        }
    }

    @Test("payout --pay-type: every report is answered 1000, and none of them is believed alone")
    func fake() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--settle-seconds", "86400"])
            let site = try Site(scratch, port: sandbox.port)
            let daemon = try site.daemon()
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 1)
            try site.drop(batch)
            _ = try await eventually("the result") { () -> Bool? in
                site.exists("outbox/b.csv.result.json") ? true : nil
            }
            for type in 1...6 {
                let done = try await scratch.run(
                    Binaries.sandbox,
                    ["payout", batch.rows[0].controlNumber, "--pay-type", String(type)]
                        + files(site))
                #expect(done.code == 0, "\(type): \(done.output) \(done.errors)")
            }
            #expect(!site.exists("outbox/b.csv.final.json"))
            #expect(daemon.result == nil)
        }
    }
}
