import Foundation
import OrderedJSON
import Testing

/// What SkyPay says after the result: rows held are asked about, and what contradicts a response
/// appears as a correction beside it.
@Suite(.fewAtATime)
struct CorrectionTests {
    private static let first = 84_000_000

    /// A site whose batch of two has one row held: sent, applied, and missing from two queries.
    private func held(
        _ scratch: Scratch
    ) async throws -> (site: Site, sandbox: Sandbox, batch: Batch) {
        let sandbox = try await Sandbox.start(scratch)
        let site = try Site(scratch, port: sandbox.port, skypay: ["resend": "never"])
        let batch = Batch.made("pay.csv", id: "P-1", first: Self.first, count: 2)
        let number = batch.rows[0].controlNumber
        try sandbox.fault(
            "payoutQueue:drop-after:1:control=\(number)",
            "payoutQueryStatus:missing:2:control=\(number)")
        try site.drop(batch)
        try await site.runUntil("pay.csv.result.json")
        #expect(try site.outcomes("pay.csv.result.json") == ["held", "accepted"])
        return (site, sandbox, batch)
    }

    private func fire(
        _ scratch: Scratch, _ site: Site, _ number: String, payType: Int
    ) async throws {
        let mark = scratch.folder + "/answers"
        try? FileManager.default.createDirectory(
            atPath: mark, withIntermediateDirectories: true)
        _ = try await scratch.run(
            Binaries.sandbox,
            ["payout", number, "--pay-type", String(payType), "--folder", site.inbox])
    }

    @Test("A held row is found later: told in a correction, and ends as any other")
    func foundLater() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox, batch) = try await held(scratch)
            let result = try site.bytes("outbox/pay.csv.result.json")
            try await site.runUntil("pay.csv.final.json")
            #expect(try site.outcomes("pay.csv.final.json") == ["paid", "paid"])
            #expect(try site.bytes("outbox/pay.csv.result.json") == result)
            let correction = try site.response("pay.csv.correction.1.json")
            #expect(correction["batch"] == "P-1" && correction["correction"] == 1)
            #expect(correction["counts"] == ["accepted": 1])
            #expect(correction["amounts"]?["accepted"]?.stringValue == batch.rows[0].amount)
            let row = try #require(correction["rows"]?.arrayValue?.first)
            #expect(row["controlNumber"]?.stringValue == batch.rows[0].controlNumber)
            #expect(row["outcome"] == "accepted" && row["previousOutcome"] == "held")
            #expect(row["line"] == 3 && row["source"] == "query")
            let table = CSVReading.table(try site.text("outbox/pay.csv.correction.1.csv"))
            #expect(table.map { $0["outcome"] } == ["accepted"])
            #expect(table.map { $0["amount"] } == [batch.rows[0].amount])
            #expect(try await site.run().code == 0)
            #expect(!site.exists("outbox/pay.csv.correction.2.json"))
            // Sent once, whatever was missing.
            #expect(try sandbox.ledger().map(\.applied) == [1, 1])
            #expect(try sandbox.ledger().map(\.requests) == [1, 1])
            #expect(try await site.verify().code == 0)
        }
    }

    @Test("A refused row that SkyPay paid: corrected once a query agrees, and raised")
    func contradicted() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("pay.csv", id: "P-1", first: Self.first, count: 1)
            try sandbox.fault("payoutQueue:code-after:-1022:1")
            try site.drop(batch)
            #expect(try await site.run().code == 10)
            #expect(try site.outcomes("pay.csv.final.json") == ["refused"])
            let final = try site.bytes("outbox/pay.csv.final.json")
            try await fire(scratch, site, batch.rows[0].controlNumber, payType: 2)
            let codes = try await site.runUntil("pay.csv.correction.1.json")
            #expect(codes.last == 20)
            let row = try #require(
                try site.response("pay.csv.correction.1.json")["rows"]?.arrayValue?.first)
            #expect(row["outcome"] == "paid" && row["previousOutcome"] == "refused")
            #expect(try site.bytes("outbox/pay.csv.final.json") == final)
            #expect(try await site.run().code == 20, "told until something new happens")
            let status = try await site.tool("status", ["--json", batch.rows[0].controlNumber])
            let known = try JSONValue(parsing: Array(status.output.utf8))
            #expect(known["foundLater"]?["outcome"] == "paid")
            #expect(known["state"] == "refused")
            #expect(known["moneySent"] == "yes, paid (found later)")
            #expect(try sandbox.requests("payoutQueue") == 1)
        }
    }

    @Test("A report that no query bears out corrects nothing")
    func forged() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("pay.csv", id: "P-1", first: Self.first, count: 1)
            try site.drop(batch)
            try await site.runUntil("pay.csv.final.json")
            try await fire(scratch, site, batch.rows[0].controlNumber, payType: 4)
            let asked = try sandbox.requests("payoutQueryStatus")
            _ = try await eventually("the query about it") { () -> Bool? in
                _ = try await site.run()
                return try sandbox.requests("payoutQueryStatus") > asked ? true : nil
            }
            #expect(try await site.run().code == 0)
            #expect(!site.exists("outbox/pay.csv.correction.1.json"))
            let types = try await site.events().compactMap { $0["type"]?.stringValue }
            #expect(types.filter { $0 == "payout.disputed" }.count == 1)
            #expect(try sandbox.requests("payoutQueryStatus") == asked + 1)
        }
    }

    @Test("A cancellation that failed as far as anybody could see, and was carried out")
    func lateCancellation() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let number = "SKY9984000009"
            let item = ActionBatch.pickUp(number)
            try site.drop(
                "pay.json", ActionBatch.json("P-1", "payoutQueueV2", [item], amount: "150.00"))
            try await site.runUntil("pay.json.result.json")
            try sandbox.fault("payoutQueryStatus:stale:100")
            try site.drop(
                "cancel.csv",
                ActionBatch.csv("C-1", "cancelPayout", ["controlNumber"], [[number]]))
            try await site.runUntil("cancel.csv.final.json")
            #expect(try site.outcomes("cancel.csv.final.json") == ["failed"])
            try sandbox.clearFaults()
            try await fire(scratch, site, number, payType: 3)
            try await site.runUntil("cancel.csv.correction.1.json")
            let row = try #require(
                try site.response("cancel.csv.correction.1.json")["rows"]?.arrayValue?.first)
            #expect(row["outcome"] == "cancelled" && row["previousOutcome"] == "failed")
            #expect(try site.outcomes("cancel.csv.final.json") == ["failed"])
        }
    }

    @Test(
        "Killed while a correction is made, it appears once and whole",
        arguments: ["recorded:1", "recorded:2", "half-written", "published"])
    func killed(_ point: String) async throws {
        try await Scratch.with { scratch in
            let (site, _, _) = try await held(scratch)
            _ = try await eventually("the correction, or the end at it") { () -> Bool? in
                let ended = try await site.tool(
                    "run", environment: ["BATCHRUNNER_FAIL_POINT": point])
                let isDone = site.exists("outbox/pay.csv.correction.1.json")
                return isDone || ended.signal == SIGKILL ? true : nil
            }
            try await site.runUntil("pay.csv.final.json")
            let once = try site.snapshot("outbox")
            #expect(once["pay.csv.correction.1.json"] != nil)
            #expect(once["pay.csv.correction.1.csv"] != nil)
            #expect(once["pay.csv.correction.2.json"] == nil)
            _ = try await site.run()
            #expect(try site.snapshot("outbox") == once)
            let events = try await site.events().filter { $0["type"] == "response.published" }
            let names = events.compactMap { $0["data"]?["name"]?.stringValue }
            #expect(Set(names).count == names.count)
            #expect(try await site.verify().code == 0)
        }
    }
}
