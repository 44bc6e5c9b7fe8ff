import Foundation
import OrderedJSON
import Testing

/// A backup of the site is put back after the site went on: what was paid meanwhile is not paid again.
@Suite(.fewAtATime)
struct RestoredStateTests {
    /// `cp -a` of a whole site, as a backup is made or put back.
    private func copy(_ site: Site, to name: String) async throws {
        let other = site.scratch.folder + "/" + name
        let done = try await site.scratch.run("/usr/bin/env", ["cp", "-a", site.root, other])
        guard done.code == 0 else { throw HarnessFailure("cp: \(done.errors)") }
    }

    /// Removes the site and puts the copy in its place.
    private func putBack(_ name: String, over site: Site) throws {
        try FileManager.default.removeItem(atPath: site.root)
        try FileManager.default.moveItem(
            atPath: site.scratch.folder + "/" + name, toPath: site.root)
    }

    /// A site with unsent rows, since SkyPay has no money for them.
    private func unsent(
        _ scratch: Scratch, _ batch: Batch
    ) async throws -> (site: Site, sandbox: Sandbox) {
        let sandbox = try await Sandbox.start(scratch)
        let site = try Site(scratch, port: sandbox.port)
        try sandbox.fault("payoutQueue:code:-1016:1000")
        try site.drop(batch)
        #expect(try await site.run().code == 50)
        try sandbox.clearFaults()
        return (site, sandbox)
    }

    private func restorations(_ site: Site) async throws -> [JSONValue] {
        try await site.events().filter { $0["type"] == "ledger.restored" }
    }

    @Test(
        "Rows unsent in the backup and files dropped again are asked about, found, and sent no more"
    )
    func nothingTwice() async throws {
        try await Scratch.with { scratch in
            let first = Batch.made("a.csv", id: "A-1", first: 71_000_000, count: 5)
            let second = Batch.made("b.csv", id: "B-1", first: 71_100_000, count: 4)
            let (site, sandbox) = try await unsent(scratch, first)
            try await copy(site, to: "backup")
            try site.drop(second)
            try await site.runUntilFinal([first, second])
            #expect(try await restorations(site).isEmpty)
            let sent = try sandbox.requests("payoutQueue")

            try putBack("backup", over: site)
            try site.drop(second)
            let asked = try await site.run()
            #expect(asked.code == 20, "\(asked)")
            #expect(asked.output.contains("an older state of this site was put back"))
            let status = try await site.tool("status", ["--json"])
            #expect(
                try JSONValue(parsing: Array(status.output.utf8))["restored"]?["at"] != nil)
            let row = try await site.tool("status", ["--json", first.rows[0].controlNumber])
            #expect(row.output.contains("perhaps"), "\(row)")

            // What the lost time never had is sent, once, after SkyPay twice did not know it.
            let third = Batch.made("c.csv", id: "C-1", first: 71_200_000, count: 2)
            try site.drop(third)
            try await site.runUntilFinal([first, second, third])
            #expect(try sandbox.requests("payoutQueue") == sent + 2)
            try Oracle(site: site, sandbox: sandbox).money([first, second, third])
            for name in ["a.csv", "b.csv", "c.csv"] {
                #expect(try Set(site.outcomes(name + ".final.json")) == ["paid"], "\(name)")
                let figures = try site.response(name + ".final.json")["conservation"]
                #expect(figures?["balanced"]?.booleanValue == true)
            }
            let told = try await restorations(site)
            #expect(told.count == 1 && told.first?["data"]?["rows"]?.integerValue == 5)
            #expect(told.first?["data"]?["source"] == "found")
            #expect(try await site.tool("rebuild", ["--json"]).code == 0)
            let figures = try JSONValue(
                parsing: Array(try await site.tool("run", ["--json"]).output.utf8))["conservation"]
            #expect(figures?["balanced"]?.booleanValue == true)
        }
    }

    @Test("A number that SkyPay has with another amount is somebody else's: held, and never sent")
    func somebodyElse() async throws {
        try await Scratch.with { scratch in
            let batch = Batch.made("a.csv", id: "A-1", first: 72_000_000, count: 2)
            let (site, sandbox) = try await unsent(scratch, batch)
            var others = batch.rows
            others[0].amount = "999.00"
            others.removeLast()
            let other = try Site(scratch, port: sandbox.port, name: "other")
            try other.drop("x.csv", Batch.csv(id: "X-1", others))
            try await other.runUntil("x.csv.final.json")

            try await copy(site, to: "backup")
            try putBack("backup", over: site)
            try await site.runUntil("a.csv.result.json")
            #expect(try site.outcomes("a.csv.result.json") == ["held", "accepted"])
            let held = try site.rows("a.csv.result.json").first
            #expect(held?["possiblySent"]?.booleanValue == true)
            #expect(held?["responseDescription"]?.stringValue?.contains("999.00") == true)
            let applied = try sandbox.ledger().filter { $0.applied > 0 }
            #expect(applied.allSatisfy { $0.applied == 1 } && applied.count == 2)
            #expect(try sandbox.requests("payoutQueue") == 2 + 1 + 1, "refused, theirs, ours")
        }
    }

    @Test("While SkyPay's report does not come, what was found is neither believed nor sent")
    func withoutReport() async throws {
        try await Scratch.with { scratch in
            let batch = Batch.made("a.csv", id: "A-1", first: 73_000_000, count: 1)
            let (site, sandbox) = try await unsent(scratch, batch)
            try await copy(site, to: "backup")
            try await site.runUntilFinal([batch])
            try putBack("backup", over: site)
            try sandbox.fault("getReportPayout:code:-9999:1000")
            _ = try await eventually("it is found") { () -> Bool? in
                #expect(try await site.run().code == 20)
                return try await site.events().contains {
                    $0["type"] == "payout.queried" && $0["data"]?["found"]?.booleanValue == true
                } ? true : nil
            }
            #expect(!site.exists("outbox/a.csv.result.json"))
            try sandbox.clearFaults()
            try await site.runUntilFinal([batch])
            try Oracle(site: site, sandbox: sandbox).money([batch])
            #expect(try site.outcomes("a.csv.result.json") == ["accepted"])
        }
    }

    @Test(
        "A transfer that looks unmade is proven by its notifications or held, and never made again")
    func transfer() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port, skypay: ["requestsInFlight": "1"])
            let rows: [JSONObject] = ["10.00", "20.00"].map {
                ["transferFrom": "SKY99", "transferTo": "SKY98", "amount": .string($0)]
            }
            let text = ActionBatch.json("T-1", "balanceTransfer", rows, amount: "30.00")
            try sandbox.fault("balanceTransfer:code:-1016:1")
            #expect(try await site.runWith("t.json", text).code == 50)
            try await copy(site, to: "backup")
            try await site.runUntil("t.json.result.json")
            #expect(try site.outcomes("t.json.result.json") == ["transferred", "transferred"])

            // The first was tried before the backup, so that its notifications can be told apart.
            let made = try sandbox.requests("balanceTransfer")
            try putBack("backup", over: site)
            let asked = try await site.run()
            #expect(asked.code == 20, "\(asked)")
            #expect(try site.outcomes("t.json.result.json").last == "held")
            #expect(try sandbox.requests("balanceTransfer") == made)
            let call = try await site.tool(
                "call",
                [
                    "balanceTransfer", "--field", "transferFrom=SKY99", "--field",
                    "transferTo=SKY98", "--field", "amount=20.00", "--again",
                ])
            #expect(call.code == 0, "\(call)")
            #expect(try sandbox.requests("balanceTransfer") == made + 1)
        }
    }

    @Test("What came in the lost time of a log put back alone is kept, told of, and paid once")
    func copiesOfTheLostTime() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.run().code == 0)
            let parts = ["audit": "saved-audit", "state/keys": "saved-keys"]
            for (part, saved) in parts {
                let done = try await scratch.run(
                    "/usr/bin/env",
                    ["cp", "-a", site.root + "/" + part, scratch.folder + "/" + saved])
                #expect(done.code == 0, "\(done)")
            }
            let batch = Batch.made("a.csv", id: "A-1", first: 75_000_000, count: 3)
            try sandbox.fault("payoutQueue:code:-1016:1000")
            try site.drop(batch)
            #expect(try await site.run().code == 50)
            try sandbox.clearFaults()

            for (part, saved) in parts {
                try FileManager.default.removeItem(atPath: site.root + "/" + part)
                try FileManager.default.moveItem(
                    atPath: scratch.folder + "/" + saved, toPath: site.root + "/" + part)
            }
            #expect(try await site.run().code == 70)
            for suffix in ["", "-wal", "-shm"] where site.exists("state/ledger.sqlite" + suffix) {
                try FileManager.default.removeItem(
                    atPath: site.root + "/state/ledger.sqlite" + suffix)
            }
            let told = try await site.run("--restored")
            #expect(told.code == 20, "\(told)")
            #expect(told.output.contains("1 files lie in state/quarantine as lost-"), "\(told)")
            let kept = try site.snapshot("state/quarantine")
            #expect(Array(kept.values) == [Array(batch.text.utf8)])
            #expect(try await site.run().code == 20, "until somebody has seen to it")

            for name in kept.keys {
                try FileManager.default.removeItem(atPath: site.root + "/state/quarantine/" + name)
            }
            let again = Batch.made("b.csv", id: "A-1", first: 75_000_000, count: 3)
            try site.drop(again)
            let codes = try await site.runUntilFinal([again])
            #expect(codes.first == 20, "\(codes)")
            try Oracle(site: site, sandbox: sandbox).money([again])
        }
    }

    @Test("An operator says what no file shows: a snapshot put back, or a site that was only moved")
    func words() async throws {
        try await Scratch.with { scratch in
            let batch = Batch.made("a.csv", id: "A-1", first: 74_000_000, count: 1)
            let (site, sandbox) = try await unsent(scratch, batch)
            #expect(try await site.run("--restored", "--moved").code == 64)
            #expect(try await site.run("--restored").code == 20)
            #expect(try sandbox.requests("payoutQueue") == 1)
            let said = try await restorations(site)
            #expect(said.map { $0["data"]?["source"] } == ["operator"])
            try await site.runUntilFinal([batch])

            let next = Batch.made("b.csv", id: "B-1", first: 74_100_000, count: 1)
            try await copy(site, to: "moved")
            try putBack("moved", over: site)
            let moved = try await site.run("--moved")
            #expect(moved.code == 0, "\(moved)")
            // Put back a moment ago, it stays so until that is said to be over in its place.
            try site.drop(next)
            let over = try await site.run("--moved")
            #expect(over.code == 0, "\(over)")
            let words = try await site.events().filter { $0["type"] == "ledger.moved" }
            #expect(words.map { $0["data"]?["keeps"]?.booleanValue } == [true, nil])
            #expect(try await restorations(site).count == 1)
            try await site.runUntilFinal([next])
            try Oracle(site: site, sandbox: sandbox).money([batch, next])
        }
    }
}
