import Foundation
import OrderedJSON
import Testing

/// What a run tells of SkyPay's balance.
@Suite(.fewAtATime)
struct BalanceTests {
    private func run(_ site: Site, _ arguments: [String] = ["--json"]) async throws -> JSONValue {
        let ended = try await site.tool("run", arguments)
        return try JSONValue(parsing: Array(ended.output.utf8))
    }

    private func told(_ site: Site) async throws -> [JSONValue] {
        try await site.events().filter { $0["type"]?.stringValue == "ledger.run-finished" }
            .compactMap { $0["data"]?["balance"] }
    }

    @Test("What the balance lost is told beside what SkyPay took; without payouts nobody asks")
    func agrees() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "1000.00"])
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("a.csv", id: "A-1", first: 73_000_000, count: 2)
            try site.drop(batch)
            let sum = Money.text(Money.sum(batch.rows))
            let report = try await run(site)
            #expect(report["balance"]?["before"]?.stringValue == "1000.00", "\(report)")
            #expect(report["balance"]?["accepted"]?.stringValue == sum)
            #expect(report["balance"]?["difference"]?.stringValue == "0.00")
            #expect(try await told(site) == [try #require(report["balance"])])
            let asked = try sandbox.requests("balanceQuery")
            #expect(asked == 2)
            let again = try await run(site)
            #expect(again["balance"] == nil)
            #expect(try sandbox.requests("balanceQuery") == asked)
        }
    }

    @Test("A payout whose answer was lost is in doubt, and the line says so")
    func doubt() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "1000.00"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("payoutQueue:drop-after:1")
            let batch = Batch.made("a.csv", id: "A-1", first: 74_000_000, count: 1)
            try site.drop(batch)
            let ended = try await site.tool("run")
            #expect(ended.code == 20)
            let amount = batch.rows[0].amount
            #expect(
                ended.output.contains(
                    "SkyPay's balance fell by PHP \(amount) to PHP ")
                    && ended.output.contains(
                        "it took payouts of PHP 0.00: PHP \(amount) apart (PHP \(amount) of which "
                            + "nobody knows yet, "),
                "\(ended.output)")
        }
    }

    @Test("A balance that is not told is left out, and nothing else changes")
    func silent() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("balanceQuery:garbled:9")
            try site.drop(Batch.made("a.csv", id: "A-1", first: 75_000_000, count: 1))
            let report = try await run(site)
            #expect(report["exit"]?.integerValue == 0, "\(report)")
            #expect(report["sent"]?.integerValue == 1 && report["balance"] == nil)
            #expect(try sandbox.requests("payoutQueue") == 1)
        }
    }
}
