import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct FaultTests {
    private static let first = 10_000_000
    private static func number(_ index: Int) -> String { "SKY99\(first + index)" }

    @Test("Rows whose answer was lost in any way end accepted once, and only once")
    func lostAnswers() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port, skypay: ["answerTimeoutSeconds": "1"])
            let kinds = [
                "drop-before", "drop-after", "code:-1009", "code-after:-1009", "code:-9999",
                "timeout-before", "timeout-after", "garbled", "truncated", "http-500",
                "http-500-after",
            ]
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: kinds.count + 2)
            for (index, kind) in kinds.enumerated() {
                let delay = kind.hasPrefix("timeout") ? ":delay=4" : ""
                try sandbox.fault("payoutQueue:\(kind):1:control=\(Self.number(index))\(delay)")
            }
            try site.drop(batch)
            // Nothing is due for a query in the first run, however slow the machine.
            let patient = ["SKYPAY_QUERY_AFTER_SECONDS": "3600"]
            let first = try await site.tool("run", ["--json"], environment: patient)
            #expect(first.code == 20, "\(first)")
            let report = try JSONValue(parsing: Array(first.output.utf8))
            #expect(report["rows"]?["unknown"]?.integerValue == kinds.count)
            #expect(!site.exists("outbox/b.csv.result.json"))
            let second = try await site.run("--wait-unknown")
            #expect(second.code == 0, "\(second)")
            try await Oracle(site: site, sandbox: sandbox).check([batch], stage: .result)
            let applied = kinds.filter {
                !["drop-before", "timeout-before", "http-500"].contains($0)
            }
            .filter { !$0.hasPrefix("code:") }
            let once = try sandbox.ledger().filter { $0.requests == 1 }.map(\.controlNumber)
            for (index, kind) in kinds.enumerated() where applied.contains(kind) {
                #expect(once.contains(Self.number(index)), "\(kind) was sent again")
            }
        }
    }

    @Test("A provider that never answers stops the run before all rows are in doubt")
    func silent() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(
                scratch, ["--fault", "payoutQueue:drop-after:1000"])
            let site = try Site(scratch, port: sandbox.port, skypay: ["requestsInFlight": "4"])
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 60)
            try site.drop(batch)
            // Nothing is due for a query in the first run, however slow the machine.
            let patient = ["SKYPAY_QUERY_AFTER_SECONDS": "3600"]
            let first = try await site.tool("run", ["--json"], environment: patient)
            #expect(first.code == 40, "\(first)")
            #expect(first.output.contains("20 requests in a row"))
            let rows = try JSONValue(parsing: Array(first.output.utf8))["rows"]
            let unknown = rows?["unknown"]?.integerValue ?? 0
            #expect((20...23).contains(unknown), "what was in flight besides")
            #expect(rows?["unsent"]?.integerValue == 60 - unknown)
            try sandbox.clearFaults()
            #expect(try await site.run("--wait-unknown").code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("Without a provider nothing is sent and nothing is lost; the next run completes")
    func unreachable() async throws {
        try await Scratch.with { scratch in
            let port = try Loopback.freePort()
            let site = try Site(scratch, port: port)
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 5, badRows: [2])
            try site.drop(batch)
            let first = try await site.run("--json")
            #expect(first.code == 40, "\(first)")
            let report = try JSONValue(parsing: Array(first.output.utf8))
            #expect(report["rows"]?["unsent"]?.integerValue == 4)
            #expect(site.exists("outbox/b.csv.ack.json"))
            #expect(try await site.run().code == 40)
            let sandbox = try await Sandbox.start(scratch, port: port)
            #expect(try await site.run().code == 10)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("A balance that does not suffice stops the run; after a top-up the next one completes")
    func balance() async throws {
        try await Scratch.with { scratch in
            let poor = try await Sandbox.start(scratch, ["--balance", "0.50"])
            let site = try Site(scratch, port: poor.port)
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 5)
            try site.drop(batch)
            let first = try await site.run("--json")
            #expect(first.code == 50, "\(first)")
            let report = try JSONValue(parsing: Array(first.output.utf8))
            #expect(report["rows"]?["unsent"]?.integerValue == 5)
            #expect(try poor.ledger().allSatisfy { $0.applied == 0 })
            try await poor.stop()
            let rich = try await Sandbox.start(scratch, port: poor.port)
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: rich).check([batch])
        }
    }

    @Test(
        "An installation that SkyPay turns away sends nothing; once mended the next run completes",
        arguments: ["-1032", "-1000", "-1002"])
    func misconfigured(_ code: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--fault", "*:code:\(code):10000"])
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 6)
            try site.drop(batch)
            let first = try await site.run("--json")
            #expect(first.code == 40, "\(first)")
            let report = try JSONValue(parsing: Array(first.output.utf8))
            #expect(report["rows"]?["unsent"]?.integerValue == 6)
            try sandbox.clearFaults()
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("An action that SkyPay turns away holds up nobody else; served again, its rows go")
    func turnedAway() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(
                scratch,
                ["--fault", "payoutQueueV2:code:-1002:10000", "--pick-up-seconds", "0"])
            let site = try Site(scratch, port: sandbox.port)
            // One more than are in flight at once.
            let numbers = (0..<65).map { "SKY99\(20_000_000 + $0)" }
            let stores = Batch(
                name: "a.json", id: "V2-1",
                rows: numbers.map { Batch.Row(controlNumber: $0, amount: "150.00") },
                text: ActionBatch.json(
                    "V2-1", "payoutQueueV2", numbers.map { ActionBatch.pickUp($0) },
                    amount: "9750.00"))
            try site.drop(stores)
            let first = try await site.run("--json")
            #expect(first.code == 40, "\(first)")
            #expect(first.output.contains("payoutQueueV2 paused"), "\(first)")
            let wallets = Batch.made("b.csv", id: "B-1", first: Self.first, count: 5)
            try site.drop(wallets)
            let codes = try await site.runUntilFinal([wallets])
            #expect(codes.allSatisfy { $0 == 40 }, "\(codes)")
            #expect(try site.outcomes("b.csv.final.json") == Array(repeating: "paid", count: 5))
            #expect(!site.exists("outbox/a.json.result.json"))
            try sandbox.clearFaults()
            try await site.runUntilFinal([stores])
            #expect(try site.outcomes("a.json.final.json") == Array(repeating: "paid", count: 65))
            let oracle = Oracle(site: site, sandbox: sandbox)
            try oracle.money([stores, wallets])
            try await oracle.audit()
        }
    }

    @Test("Ten wrong accounts in a row are refused when the installation proves to be fine")
    func tenWrongAccounts() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(
                scratch, ["--fault", "payoutQueue:code:-1001:10"])
            let site = try Site(scratch, port: sandbox.port, skypay: ["requestsInFlight": "1"])
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 12)
            try site.drop(batch)
            let first = try await site.run()
            #expect(first.code == 10, "\(first)")
            let rows = try site.response("b.csv.result.json")["rows"]?.arrayValue ?? []
            let expected = Array(repeating: "refused", count: 10) + ["accepted", "accepted"]
            #expect(rows.map { $0["outcome"]?.stringValue } == expected)
            #expect(rows.prefix(10).allSatisfy { $0["responseCode"] == "-1001" })
            let applied = try sandbox.ledger().filter { $0.applied > 0 }.map(\.controlNumber)
            #expect(applied.sorted() == batch.rows.suffix(2).map(\.controlNumber))
            #expect(try sandbox.requests("balanceQuery") >= 1)
        }
    }

    @Test(
        "A refusal is final: the row is reported refused and never sent again",
        arguments: ["-1001", "-1011", "-1014", "-1020", "-1021", "-1022", "-1027", "-1028"])
    func refused(_ code: String) async throws {
        try await Scratch.with { scratch in
            let fault = "payoutQueue:code:\(code):1:control=\(Self.number(1))"
            let sandbox = try await Sandbox.start(scratch, ["--fault", fault])
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 3)
            try site.drop(batch)
            #expect(try await site.run().code == 10)
            #expect(try await site.run().code == 10)
            let rows = try site.response("b.csv.result.json")["rows"]?.arrayValue ?? []
            #expect(rows.map { $0["outcome"]?.stringValue } == ["accepted", "refused", "accepted"])
            #expect(rows[1]["responseCode"]?.stringValue == code)
            let row = try #require(
                try sandbox.ledger().first { $0.controlNumber == Self.number(1) })
            #expect(row.applied == 0 && row.requests == 1)
        }
    }

    @Test("Payouts that fail at the receiving side are final as failed")
    func failed() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--fail-control", "."])
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: Self.first, count: 3)
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch], finalOutcome: "failed")
        }
    }
}
