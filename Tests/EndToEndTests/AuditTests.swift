import Foundation
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct AuditTests {
    @Test("No secret and no full account number reaches log, ledger, status or acknowledgement")
    func secrets() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batches = try Batch.samples()
            try sandbox.fault("payoutQueue:drop-after:1:control=SKY9926112101")
            for name in ["payouts-plain.csv.ctl", "payouts-plain.csv", "payouts-mixed.csv"] {
                try site.drop(sample: name)
            }
            for name in ["payouts.json", "rejected-whole.csv", "finance-notification.json"] {
                try site.drop(sample: name)
            }
            try site.drop("cut.csv", String(batches[0].text.prefix(1_500)))
            try await site.runUntilFinal(batches)
            for name in ["payout-callback.json", "payout-callback.txt"] {
                try site.drop(sample: name)
            }
            #expect(try await site.run().code == 30)
            let accounts = batches.flatMap(\.rows).map(\.account).filter { $0.count >= 10 }
            #expect(accounts.count == 40)
            let forbidden =
                [Secrets.authentication, Secrets.passwordKey, "000000123456"] + accounts
            try await expectNone(of: Set(forbidden), in: site)
            try await expectOneParty(in: site)
        }
    }

    /// Whatever told of it, a payout's events name one amount and one party, by its pseudonym.
    private func expectOneParty(in site: Site) async throws {
        var told: [String: Set<String>] = [:]
        for event in try await site.events() {
            guard let type = event["type"]?.stringValue,
                ["payout.intended", "payout.accepted"].contains(type)
            else { continue }
            let number = try #require(event["subject"]?["controlNumber"]?.stringValue)
            let party = try #require(event["data"]?["party"]?.stringValue, "\(type) \(number)")
            let amount = try #require(event["data"]?["amount"]?.scalarText)
            #expect(party.hasPrefix("p_"))
            told[number, default: []].insert(party + " " + amount)
        }
        #expect(told.count >= 10)
        #expect(told.filter { $0.value.count != 1 }.isEmpty)
    }

    @Test("An account number in a callback's free text does not reach the log")
    func freeText() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = try Batch.sample("payouts.json", id: "PAY-20261121-002")
            try site.drop(batch)
            #expect(try await site.run().code == 0)
            let words = ["--pay-type", "4", "--fail-description", "account 000040031676 closed"]
            let made = try await scratch.run(
                Binaries.sandbox,
                ["callback", batch.rows[3].controlNumber] + words
                    + ["--output", site.inbox + "/failed.txt"])
            #expect(made.code == 0)
            _ = try await site.run()
            try await expectNone(of: ["000040031676"], in: site)
        }
    }

    private func expectNone(of forbidden: Set<String>, in site: Site) async throws {
        var places = [
            "the audit log": Array(
                try await site.events().map { $0.text() }
                    .joined(separator: "\n").utf8)
        ]
        for (name, bytes) in try site.snapshot("audit") { places["audit/" + name] = bytes }
        for (name, bytes) in try site.snapshot("state") where name.hasPrefix("ledger.sqlite") {
            places["state/" + name] = bytes
        }
        for (name, bytes) in try site.snapshot("outbox")
        where name.hasSuffix(".status.json") || name.hasSuffix(".ack.json") {
            places["outbox/" + name] = bytes
        }
        #expect(places.keys.contains("state/ledger.sqlite"))
        for (place, bytes) in places {
            let data = Data(bytes)
            for text in forbidden {
                #expect(data.range(of: Data(text.utf8)) == nil, "\(place) holds \(text.suffix(4))")
            }
        }
    }

    @Test("A log with one byte changed, cut or added is found out, exit 2")
    func damaged() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 20))
            #expect(try await site.run().code == 0)
            #expect(try await site.verify().code == 0)
            let path = site.root + "/audit/segments/000000000000.jsonl.gz"
            let whole = try site.bytes("audit/segments/000000000000.jsonl.gz")
            var damages = stride(from: 0, to: whole.count, by: whole.count / 12).map { index in
                var bytes = whole
                bytes[index] ^= 0x04
                return bytes
            }
            damages += [Array(whole.dropLast()), Array(whole.dropLast(200)), whole + [0]]
            for (number, bytes) in damages.enumerated() {
                try Scratch.put(bytes, at: path)
                let verified = try await site.verify()
                #expect(verified.code == 2, "damage \(number): \(verified)")
            }
            try Scratch.put(whole, at: path)
            #expect(try await site.verify().code == 0)
        }
    }

    @Test("A damaged log stops the runner before anything is sent, exit 70")
    func runnerStops() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 3))
            #expect(try await site.run().code == 0)
            var bytes = try site.bytes("audit/segments/000000000000.jsonl.gz")
            bytes[bytes.count / 2] ^= 0x10
            try Scratch.put(bytes, at: site.root + "/audit/segments/000000000000.jsonl.gz")
            try site.drop(Batch.made("c.csv", id: "C-1", first: 20_000_000, count: 3))
            let stopped = try await site.run()
            #expect(stopped.code == 70, "\(stopped)")
            #expect(try sandbox.requests("payoutQueue") == 3)
            #expect(site.exists("inbox/c.csv"))
        }
    }
}
