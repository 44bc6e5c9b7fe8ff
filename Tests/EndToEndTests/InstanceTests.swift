import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct InstanceTests {
    @Test(
        "A second instance on one site exits 75 and changes nothing", arguments: ["run", "daemon"])
    func second(_ command: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 3)
            try site.drop(batch)
            let daemon = try site.daemon()
            try await site.finals([batch], by: daemon)
            _ = try await eventually("everything is recorded") {
                try site.snapshot("state/staging").isEmpty ? true : nil
            }
            try site.drop("waiting.csv.part", batch.text)
            // Not the checkpoints: the daemon signs one about a second after its last event.
            let folders = ["audit/segments", "audit/tree", "outbox", "inbox", "state/files"]
            let before = try folders.map { try site.snapshot($0) }
            let ended = try await site.tool(command)
            #expect(ended.code == 75, "\(ended)")
            #expect(ended.errors.split(separator: "\n").count == 1)
            #expect(try folders.map { try site.snapshot($0) } == before)
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 0)
            try await Oracle(site: site, sandbox: sandbox).audit()
        }
    }

    @Test("Several runs at once pay once: one works, the others exit 75 or find nothing to do")
    func race() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 6)
            try site.drop(batch)
            let runs = try (0..<4).map { _ in
                try scratch.start(Binaries.batchrunner, ["run", "--root", site.root])
            }
            var codes: [Int32?] = []
            for run in runs { codes.append(try await run.end().code) }
            #expect(Set(codes).isSubset(of: [0, 75]) && codes.contains(0), "\(codes)")
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("Every start tells the root key until a run has ended, also after one that failed")
    func rootKey() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            // The log is made, and then the ledger cannot be.
            for folder in ["/state", "/state/ledger.sqlite"] { mkdir(site.root + folder, 0o700) }
            #expect(try await site.run().code == 70)
            let log = try JSONValue(parsing: site.bytes("audit/log.json"))
            let key = try #require(log["rootKey"]?.stringValue)
            #expect(rmdir(site.root + "/state/ledger.sqlite") == 0)
            try site.drop(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 1))
            let first = try await site.run()
            #expect(first.code == 0 && first.errors.contains(key), "\(first)")
            let second = try await site.run()
            #expect(second.code == 0 && !second.errors.contains(key), "\(second)")
        }
    }

    @Test("SIGTERM ends a daemon in the middle of sending; the next run completes")
    func terminated() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--latency-milliseconds", "50"])
            let site = try Site(scratch, port: sandbox.port, skypay: ["requestsInFlight": "1"])
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 40)
            try site.drop(batch)
            let daemon = try site.daemon()
            _ = try await eventually("some payouts") {
                try sandbox.requests("payoutQueue") >= 5 ? true : nil
            }
            daemon.send(SIGTERM)
            let ended = try await daemon.end(within: 60)
            #expect(ended.code == 50 || ended.code == 20, "\(ended)")
            #expect(try sandbox.requests("payoutQueue") < 40)
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test(
        "A daemon that SkyPay cannot be reached from says so when it ends, in its exit code and in words"
    )
    func cutOff() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: try Loopback.freePort())
            try site.drop(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 2))
            let daemon = try site.daemon()
            _ = try await eventually("the batch is acknowledged") { () -> Bool? in
                site.exists("outbox/b.csv.ack.json") ? true : nil
            }
            _ = try await eventually("it found out") { () -> Bool? in
                daemon.errorsSoFar.contains("nothing can be sent to SkyPay") ? true : nil
            }
            daemon.send(SIGTERM)
            let ended = try await daemon.end(within: 60)
            #expect(ended.code == 40, "\(ended)")
            #expect(ended.errors.contains("\n! nothing can be sent to SkyPay"))
        }
    }

    @Test("A daemon whose log is taken away stops before it sends anything, exit 70")
    func logTakenAway() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let first = Batch.made("a.csv", id: "A-1", first: 20_000_000, count: 1)
            try site.drop(first)
            let daemon = try site.daemon()
            try await site.finals([first], by: daemon)
            let segment = site.root + "/audit/segments/000000000000.jsonl.gz"
            #expect(rename(segment, segment + ".elsewhere") == 0)
            try site.drop(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 3))
            #expect(try await daemon.end().code == 70)
            #expect(try sandbox.requests("payoutQueue") == 1)
            #expect(site.exists("inbox/b.csv"))
        }
    }
}
