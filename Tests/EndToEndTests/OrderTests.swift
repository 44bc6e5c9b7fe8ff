import Foundation
import OrderedJSON
import Testing

/// cancelPayout and amendTransactionV2: orders about payouts that wait at a store.
@Suite(.fewAtATime)
struct OrderTests {
    private static let numbers = ["SKY9930000001", "SKY9930000002"]

    /// A site with two payouts uploaded at SkyPay.
    private func uploaded(
        _ scratch: Scratch, _ arguments: [String] = []
    ) async throws -> (Site, Sandbox) {
        let inbox = scratch.folder + "/site/inbox"
        try FileManager.default.createDirectory(
            atPath: inbox, withIntermediateDirectories: true)
        let sandbox = try await Sandbox.start(
            scratch, ["--callback-folder", inbox, "--plain-callbacks"] + arguments)
        let site = try Site(scratch, port: sandbox.port)
        let items = Self.numbers.map { ActionBatch.pickUp($0) }
        try site.drop("pay.json", ActionBatch.json("P-1", "payoutQueueV2", items, amount: "300.00"))
        try await site.runUntil("pay.json.result.json")
        return (site, sandbox)
    }

    private static func cancellation(_ id: String, _ numbers: [String]) -> String {
        ActionBatch.csv(id, "cancelPayout", ["controlNumber"], numbers.map { [$0] })
    }

    private static func amendment(_ id: String, _ numbers: [String]) -> String {
        ActionBatch.json(
            id, "amendTransactionV2",
            numbers.map { ActionBatch.particulars($0, name: "Bago,Uno,Test") })
    }

    @Test(
        "A cancellation counts once SkyPay shows its cancel time; the payout ends by its own query")
    func cancelled() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await uploaded(scratch)
            try site.drop("cancel.csv", Self.cancellation("C-1", Self.numbers))
            try await site.runUntil("cancel.csv.result.json")
            #expect(try site.outcomes("cancel.csv.result.json") == ["accepted", "accepted"])
            try await site.runUntil("cancel.csv.final.json")
            #expect(try site.outcomes("cancel.csv.final.json") == ["cancelled", "cancelled"])
            try await site.runUntil("pay.json.final.json")
            #expect(try site.outcomes("pay.json.final.json") == ["cancelled", "cancelled"])
            #expect(try sandbox.requests("cancelPayout") == 2)
            #expect(try site.response("cancel.csv.final.json")["conservation"]?["balanced"] == true)
            let table = CSVReading.table(try site.text("outbox/cancel.csv.final.csv"))
            #expect(table.map { $0["outcome"] } == ["cancelled", "cancelled"])
            #expect(table.map { $0["controlNumber"] } == Self.numbers)
            try await Self.intents(site, "cancelPayout", 2)
            let status = try await site.tool("status", ["--json", Self.numbers[0]])
            let shown = try JSONValue(parsing: Array(status.output.utf8))
            #expect(shown["state"] == "cancelled")
            #expect(shown["requests"]?.arrayValue?.first?["state"] == "cancelled")
            #expect(try await site.verify().code == 0)
        }
    }

    @Test("A cancellation that SkyPay took and did not carry out is reported as failed")
    func notCancelled() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await uploaded(scratch, ["--fail-cancel", "0001$"])
            try site.drop("cancel.csv", Self.cancellation("C-1", Self.numbers))
            let codes = try await site.runUntil("cancel.csv.final.json")
            #expect(try site.outcomes("cancel.csv.final.json") == ["failed", "cancelled"])
            #expect(codes.last == 10)
            #expect(try sandbox.requests("cancelPayout") == 2)
            #expect(try await site.run().code == 10)
            #expect(!site.exists("outbox/pay.json.final.json"))
        }
    }

    @Test(
        "A cancellation without a readable answer is asked about, and never sent twice",
        arguments: [
            ("drop-before", "failed"), ("drop-after", "cancelled"), ("code:-9999", "failed"),
            ("code-after:-1009", "cancelled"), ("garbled", "cancelled"),
        ])
    func unknown(_ kind: String, _ outcome: String) async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await uploaded(scratch)
            try sandbox.fault("cancelPayout:\(kind):1")
            try site.drop("cancel.csv", Self.cancellation("C-1", [Self.numbers[0]]))
            try await site.runUntil("cancel.csv.final.json")
            #expect(try site.outcomes("cancel.csv.final.json") == [outcome])
            #expect(try sandbox.requests("cancelPayout") == 1)
        }
    }

    @Test(
        "Killed at any step, a cancellation is carried out once and reported rightly",
        arguments: ["intended:1", "sent:1", "answered:1", "recorded:4", "published:1"])
    func killed(_ point: String) async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await uploaded(scratch)
            try site.drop("cancel.csv", Self.cancellation("C-1", [Self.numbers[0]]))
            let ended = try await site.tool(
                "run", environment: ["BATCHRUNNER_FAIL_POINT": point])
            #expect(ended.signal == SIGKILL, "\(point) was not reached")
            try await site.runUntil("cancel.csv.final.json")
            let sent = try sandbox.requests("cancelPayout")
            #expect(sent <= 1)
            #expect(
                try site.outcomes("cancel.csv.final.json") == [sent == 1 ? "cancelled" : "failed"])
            #expect(try await site.verify().code == 0)
        }
    }

    @Test("An amendment is amended or failed by SkyPay's callback, once a query knows the payout")
    func amended() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await uploaded(scratch, ["--fail-amend", "0002$"])
            try site.drop("amend.json", Self.amendment("A-1", Self.numbers))
            let codes = try await site.runUntil("amend.json.final.json")
            #expect(codes.last == 10)
            #expect(try site.outcomes("amend.json.result.json") == ["accepted", "accepted"])
            #expect(try site.outcomes("amend.json.final.json") == ["amended", "failed"])
            // ML gives the payout a new reference.
            let rows = try site.rows("amend.json.final.json")
            #expect(rows[0]["referenceNo"]?.stringValue?.isEmpty == false)
            #expect(try sandbox.requests("amendTransactionV2") == 2)
            #expect(!site.exists("outbox/pay.json.final.json"))
            try await Self.intents(site, "amendTransactionV2", 2)
        }
    }

    @Test("An amendment of a number that SkyPay does not know is refused, and the run says so")
    func unknownNumber() async throws {
        try await Scratch.with { scratch in
            let (site, _) = try await uploaded(scratch)
            let run = try await site.runWith(
                "amend.json", Self.amendment("A-1", ["SKY9930000009"]))
            #expect(run.code == 10, "\(run.output)\(run.errors)")
            #expect(try site.outcomes("amend.json.final.json") == ["refused"])
            #expect(try site.rows("amend.json.final.json")[0]["responseCode"] == "-1012")
        }
    }

    @Test("An order waits until its payout is at SkyPay")
    func waits() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            // Nothing is asked about before the site's settings change.
            var site = try Site(scratch, port: sandbox.port, skypay: ["queryAfterSeconds": "3600"])
            try sandbox.fault("payoutQueueV2:drop-after:1")
            let items = [ActionBatch.pickUp(Self.numbers[0])]
            try site.drop(
                "a-pay.json", ActionBatch.json("P-1", "payoutQueueV2", items, amount: "150.00"))
            try site.drop("b-cancel.csv", Self.cancellation("C-1", [Self.numbers[0]]))
            #expect(try await site.run().code == 20)
            #expect(try sandbox.requests("cancelPayout") == 0)
            site = try Site(scratch, port: sandbox.port)
            try await site.runUntil("b-cancel.csv.final.json")
            #expect(try site.outcomes("b-cancel.csv.final.json") == ["cancelled"])
        }
    }

    /// Each request had its durable intent, with a hash of its body.
    private static func intents(_ site: Site, _ action: String, _ count: Int) async throws {
        let intents = try await site.events().filter {
            $0["type"] == "batch.request-intended" && $0["data"]?["action"]?.stringValue == action
        }
        #expect(intents.count == count)
        let hashes = Set(intents.compactMap { $0["data"]?["bodySha256"]?.stringValue })
        #expect(hashes.count == count)
    }
}
