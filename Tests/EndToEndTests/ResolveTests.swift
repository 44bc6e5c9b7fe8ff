import Foundation
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct ResolveTests {
    /// A site with a row that SkyPay never got and that nobody may send again: held.
    private func held(
        _ scratch: Scratch, first: Int, skypay: [String: String] = [:]
    ) async throws -> (site: Site, sandbox: Sandbox, batch: Batch) {
        let sandbox = try await Sandbox.start(scratch)
        let site = try Site(
            scratch, port: sandbox.port, skypay: skypay.merging(["resend": "never"]) { $1 })
        let batch = Batch.made("pay.csv", id: "R-1", first: first, count: 2)
        try sandbox.fault("payoutQueue:drop-before:1:control=\(batch.rows[0].controlNumber)")
        try site.drop(batch)
        try await site.runUntil("pay.csv.result.json")
        #expect(try site.outcomes("pay.csv.result.json") == ["held", "accepted"])
        return (site, sandbox, batch)
    }

    /// The command, again while SkyPay may not be asked yet.
    private func resolve(
        _ site: Site, _ number: String, _ outcome: String, until code: Int32,
        reason: String = "ticket 4711"
    ) async throws -> Ended {
        try await eventually("resolve --as \(outcome) exits \(code)") { () -> Ended? in
            let ended = try await site.tool(
                "resolve", [number, "--as", outcome, "--reason", reason, "--by", "Ana"])
            if ended.code == 20, ended.output.contains("resolve it in") { return nil }
            // The daemon is not yet there to take it.
            if ended.code == 75 { return nil }
            #expect(ended.code == code, "\(ended.output)\(ended.errors)")
            return ended
        }
    }

    @Test(
        "A held payout is settled by a person's word, by hand and beside a daemon",
        arguments: [false, true])
    func settled(besideDaemon: Bool) async throws {
        try await Scratch.with { scratch in
            let (site, sandbox, batch) = try await held(
                scratch, first: besideDaemon ? 86_000_000 : 86_100_000)
            let (number, other) = (batch.rows[0].controlNumber, batch.rows[1].controlNumber)
            let result = try site.bytes("outbox/pay.csv.result.json")
            let daemon = besideDaemon ? try site.daemon() : nil
            if besideDaemon {
                _ = try await eventually("the daemon holds the site") { () -> Bool? in
                    site.exists("state/daemon.lock") ? true : nil
                }
            }
            _ = try await resolve(site, number, "resend", until: 20)
            _ = try await resolve(site, number, "paid", until: 20)
            #expect(try await site.tool("resolve", [number, "--as", "failed"]).code == 64)
            #expect(
                try await site.tool(
                    "resolve", [other, "--as", "failed", "--reason", "no"]
                ).code == 64)
            _ = try await resolve(site, number, "failed", until: 0)
            if let daemon {
                _ = try await eventually("the final file") { () -> Bool? in
                    site.exists("outbox/pay.csv.final.json") ? true : nil
                }
                daemon.send(SIGTERM)
                _ = try await daemon.end()
            } else {
                try await site.runUntil("pay.csv.final.json")
            }
            #expect(try site.outcomes("pay.csv.final.json") == ["failed", "paid"])
            #expect(try site.bytes("outbox/pay.csv.result.json") == result)
            let correction = try site.response("pay.csv.correction.1.json")
            let row = try #require(correction["rows"]?.arrayValue?.first)
            #expect(row["controlNumber"]?.stringValue == number)
            #expect(row["outcome"] == "failed" && row["previousOutcome"] == "held")
            #expect(row["source"] == "operator")
            let words = try await site.events().filter { $0["type"] == "payout.resolved" }
            #expect(words.map { $0["data"]?["by"] } == ["Ana"])
            #expect(words.map { $0["data"]?["description"] } == ["ticket 4711"])
            // The money moved once for the other row, and never for this one.
            let applied = try sandbox.ledger().filter { $0.applied > 0 }
            #expect(applied.map(\.controlNumber) == [other] && applied.map(\.applied) == [1])
        }
    }

    @Test(
        "A card number in words stands masked in the log, by hand and beside a daemon",
        arguments: [false, true])
    func maskedWords(besideDaemon: Bool) async throws {
        try await Scratch.with { scratch in
            let (site, _, batch) = try await held(
                scratch, first: besideDaemon ? 86_200_000 : 86_300_000)
            let number = batch.rows[0].controlNumber
            let daemon = besideDaemon ? try site.daemon() : nil
            if besideDaemon {
                _ = try await eventually("the daemon holds the site") { () -> Bool? in
                    site.exists("state/daemon.lock") ? true : nil
                }
            }
            // En dashes: what the log takes for a card's number the mask sees too.
            let told = try await resolve(
                site, number, "failed", until: 0, reason: "card 4111–1111–1111–1111")
            #expect(!(told.output + told.errors).contains("4111"))
            daemon?.send(SIGTERM)
            _ = try await daemon?.end()
            let words = try await site.events().filter { $0["type"] == "payout.resolved" }
            #expect(words.map { $0["data"]?["description"] } == ["card xxxx–xxxx–xxxx–1111"])
        }
    }

    @Test("A batch that takes long to send gives way to a word, and goes on after it")
    func duringSending() async throws {
        try await Scratch.with { scratch in
            // What is held is asked about every 12 s then, so not in each round of ten: a word that comes
            // right after a question is refused.
            let (site, sandbox, batch) = try await held(
                scratch, first: 86_400_000,
                skypay: ["requestsPerSecond": "2", "queryEverySeconds": "3"])
            let daemon = try site.daemon()
            let long = Batch.made("long.csv", id: "R-2", first: 86_500_000, count: 1_000)
            try site.drop(long)
            let begun = try await eventually("the batch is being sent") { () -> Int? in
                let sent = try sandbox.requests("payoutQueue")
                return sent > 3 ? sent : nil
            }
            _ = try await resolve(site, batch.rows[0].controlNumber, "failed", until: 0)
            _ = try await eventually("sending goes on") { () -> Bool? in
                try sandbox.requests("payoutQueue") > begun + 3 ? true : nil
            }
            #expect(!site.exists("outbox/long.csv.result.json"), "it is not over by itself")
            daemon.send(SIGTERM)
            #expect(try await daemon.end().signal == nil)
            #expect(try sandbox.ledger().allSatisfy { $0.applied <= 1 })
        }
    }
}
