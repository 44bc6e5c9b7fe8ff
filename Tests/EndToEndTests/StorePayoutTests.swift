import Foundation
import OrderedJSON
import Testing

/// payoutQueueV2: pick-ups at a store, through the machine of every payout.
@Suite(.fewAtATime)
struct StorePayoutTests {
    private static let batch: Batch = {
        let numbers = ["SKY9920000001", "SKY9920000002", "SKY9920000003"]
        let rows = numbers.map { Batch.Row(controlNumber: $0, amount: "150.00") }
        let channels = ["1", "2", "13"]
        let items = zip(numbers, channels).map { ActionBatch.pickUp($0, channel: $1) }
        return Batch(
            name: "stores.json", id: "V2-1", rows: rows,
            text: ActionBatch.json("V2-1", "payoutQueueV2", items, amount: "450.00"))
    }()

    @Test("Pick-ups are accepted, wait at the store, and are paid once when fetched")
    func pickUp() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Self.batch
            let run = try await site.runWith(batch.name, batch.text)
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(
                try site.outcomes("stores.json.result.json")
                    == Array(repeating: "accepted", count: 3))
            #expect(!site.exists("outbox/stores.json.final.json"))
            for row in batch.rows {
                let fetched = try await scratch.run(
                    Binaries.sandbox, ["pick-up", row.controlNumber, "--port", "\(sandbox.port)"])
                #expect(fetched.code == 0, "\(fetched.errors)")
            }
            try await site.runUntilFinal([batch])
            try Oracle(site: site, sandbox: sandbox).money([batch])
            #expect(
                try site.outcomes("stores.json.final.json") == Array(repeating: "paid", count: 3))
            #expect(try sandbox.requests("payoutQueueV2") == 3)
            try await Oracle(site: site, sandbox: sandbox).audit()
        }
    }

    @Test(
        "Whatever becomes of the first request, the money moves once",
        arguments: ["drop-before", "drop-after", "code:-1009", "code-after:-9999", "garbled"])
    func faults(_ kind: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--pick-up-seconds", "0"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("payoutQueueV2:\(kind):3")
            try site.drop(Self.batch)
            try await site.runUntilFinal([Self.batch])
            let oracle = Oracle(site: site, sandbox: sandbox)
            try oracle.money([Self.batch])
            try await oracle.audit()
        }
    }

    @Test("A row without what a store needs is refused by the runner, with every field named")
    func validation() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            var row = ActionBatch.pickUp("SKY9920000001")
            row["birthday"] = nil
            row["withdrawChannel"] = "6"
            let text = ActionBatch.json("V2-2", "payoutQueueV2", [row], amount: "150.00")
            #expect(try await site.runWith("bad.json", text).code == 30)
            let faults = try site.response("bad.json.ack.json")["faults"]?.arrayValue ?? []
            let fields = Set(faults.compactMap { $0["field"]?.stringValue })
            #expect(fields.isSuperset(of: ["birthday", "withdrawChannel"]), "\(faults)")
            #expect(try sandbox.requests("payoutQueueV2") == 0)
        }
    }
}
