import Foundation
import Glibc
import OrderedJSON
import Testing

/// What an operator may do to a site by mistake: nothing of it may pay twice.
@Suite(.fewAtATime)
struct RecoveryTests {
    private static let batch = Batch.made(
        "b.csv", id: "B-1", first: 10_000_000, count: 6, badRows: [2])

    private func afterRun(
        _ body: (Site, Sandbox) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.batch)
            #expect(try await site.run().code == 10)
            try await body(site, sandbox)
        }
    }

    private func remove(_ site: Site, _ path: String) throws {
        try FileManager.default.removeItem(atPath: site.root + "/" + path)
    }

    private func copy(_ site: Site, _ path: String, to other: String) throws {
        try FileManager.default.copyItem(
            atPath: site.root + "/" + path, toPath: site.root + "/" + other)
    }

    @Test("A lost ledger is made again from the audit log, and nothing is sent twice")
    func lostLedger() async throws {
        try await afterRun { site, sandbox in
            for name in try site.snapshot("state").keys where name.hasPrefix("ledger.sqlite") {
                try remove(site, "state/" + name)
            }
            let oracle = Oracle(site: site, sandbox: sandbox)
            try await oracle.repeats(exit: 10)
            try site.drop("again.csv", Self.batch.text)
            #expect(try await site.run().code == 0)
            #expect(try site.response("again.csv.ack.json")["verdict"] == "duplicate")
            try await site.runUntilFinal([Self.batch])
            try await oracle.check([Self.batch])
        }
    }

    @Test("A ledger older than the audit log catches up, and nothing is sent twice")
    func olderLedger() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.run().code == 0)
            try copy(site, "state/ledger.sqlite", to: "older.sqlite")
            try site.drop(Self.batch)
            #expect(try await site.run().code == 10)
            for name in try site.snapshot("state").keys where name.hasPrefix("ledger.sqlite") {
                try remove(site, "state/" + name)
            }
            try copy(site, "older.sqlite", to: "state/ledger.sqlite")
            try await Oracle(site: site, sandbox: sandbox).repeats(exit: 10)
            try await site.runUntilFinal([Self.batch])
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
        }
    }

    @Test(
        "Without its log, with an older one, or without its state a site sends nothing",
        arguments: ["no log", "older log", "no state", "no keys", "newer ledger"])
    func notTheSame(_ what: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.run().code == 0)
            try copy(site, "audit", to: "older")
            try copy(site, "state/keys", to: "older-keys")
            try site.drop(Self.batch)
            #expect(try await site.run().code == 10)
            switch what {
            case "no log": try remove(site, "audit")
            case "no state": try remove(site, "state")
            case "no keys": try remove(site, "state/keys")
            default:
                try remove(site, "audit")
                try copy(site, "older", to: "audit")
            }
            if what == "newer ledger" {
                try remove(site, "state/keys")
                try copy(site, "older-keys", to: "state/keys")
            }
            try site.drop("again.csv", Self.batch.text)
            let stopped = try await site.run()
            #expect(stopped.code == 70, "\(stopped)")
            #expect(try sandbox.requests("payoutQueue") == 5)
            try Oracle(site: site, sandbox: sandbox).money([Self.batch])
        }
    }

    @Test("A file of another's in the place of a response is never overwritten")
    func conflict() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.run().code == 0)
            let place = site.outbox + "/b.csv.ack.json"
            try Scratch.put("mine", at: place)
            try site.drop(Self.batch)
            #expect(try await site.run().code == 20)
            #expect(try site.text("outbox/b.csv.ack.json") == "mine")
            try FileManager.default.removeItem(atPath: place)
            #expect(try await site.run().code == 10)
            try await site.runUntilFinal([Self.batch])
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
        }
    }

    @Test("Responses that were picked up are not written again")
    func pickedUp() async throws {
        try await afterRun { site, sandbox in
            try await site.runUntilFinal([Self.batch])
            for name in try site.outboxNames() { try remove(site, "outbox/" + name) }
            #expect(try await site.run().code == 10)
            #expect(try site.outboxNames() == [])
        }
    }

    @Test("A provider that dies in the middle leaves rows that end accepted once")
    func providerDies() async throws {
        try await Scratch.with { scratch in
            let state = ["--state", scratch.folder + "/provider"]
            let first = try await Sandbox.start(scratch, state + ["--latency-milliseconds", "250"])
            let site = try Site(scratch, port: first.port, skypay: ["requestsInFlight": "4"])
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 60)
            try site.drop(batch)
            let run = try scratch.start(Binaries.batchrunner, ["run", "--root", site.root])
            _ = try await eventually("some payouts") {
                try first.requests("payoutQueue") >= 10 ? true : nil
            }
            first.child.kill()
            #expect(try await run.end().code == 40)
            let second = try await Sandbox.start(scratch, port: first.port, state)
            let code = try await site.run("--wait-unknown").code
            #expect(code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: second).check([batch])
        }
    }

    @Test("A first send answered -1008 is held for a person and never sent again")
    func usedElsewhere() async throws {
        try await Scratch.with { scratch in
            let fault = "payoutQueue:code:-1008:1:control=\(Self.batch.rows[0].controlNumber)"
            let sandbox = try await Sandbox.start(scratch, ["--fault", fault])
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.batch)
            #expect(try await site.run().code == 20)
            #expect(try await site.run().code == 20)
            #expect(try sandbox.requests("payoutQueue") == 5)
            let number = Self.batch.rows[0].controlNumber
            let status = try await site.tool("status", ["--json", number])
            let row = try JSONValue(parsing: Array(status.output.utf8))
            #expect(row["state"] == "held")
        }
    }
}
