import Foundation
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct CallbackTests {
    private static let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 2)
    private static let number = batch.rows[0].controlNumber

    /// Makes a callback with the provider's tool and drops it.
    private func drop(_ name: String, into site: Site, _ arguments: [String]) async throws {
        let made = try await site.scratch.run(
            Binaries.sandbox, ["callback"] + arguments + ["--output", site.inbox + "/" + name])
        #expect(made.code == 0, "\(made.errors)")
    }

    private func state(_ site: Site) async throws -> String? {
        let status = try await site.tool("status", ["--json", Self.number])
        return try JSONValue(parsing: Array(status.output.utf8))["state"]?.stringValue
    }

    @Test("A callback is answered with 1000, plain and encrypted alike")
    func answered() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.batch)
            #expect(try await site.run().code == 0)
            try await drop("plain.json", into: site, [Self.number, "--pay-type", "2", "--plain"])
            try await drop("sealed.txt", into: site, [Self.number, "--pay-type", "1"])
            try await drop("unknown.txt", into: site, ["SKY9999999999", "--pay-type", "2"])
            #expect(try await site.run().code == 0)
            #expect(try site.response("plain.json.response.json")["responseCode"] == "1000")
            #expect(!site.exists("outbox/plain.json.response.txt"))
            for name in ["sealed.txt", "unknown.txt"] {
                let json = try site.response(name + ".response.json")
                #expect(json["responseCode"] == "1000")
                let opened = try await scratch.run(
                    Binaries.sandbox, ["open"],
                    input: site.outbox + "/" + name + ".response.txt")
                #expect(opened.code == 0, "\(opened.errors)")
                #expect(try JSONValue(parsing: Array(opened.output.utf8)) == json)
            }
            try await site.runUntilFinal([Self.batch])
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
        }
    }

    @Test("A callback with wrong credentials is answered, raised with exit 30, applied to nothing")
    func wrongCredentials() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--settle-seconds", "3600"])
            let site = try Site(
                scratch, port: sandbox.port, skypay: ["queryEverySeconds": "3600"])
            try site.drop(Self.batch)
            #expect(try await site.run().code == 0)
            let words = [Self.number, "--pay-type", "4", "--authentication", "WRONG-0000"]
            try await drop("wrong.json", into: site, words + ["--plain"])
            #expect(try await site.run().code == 30)
            #expect(try site.response("wrong.json.response.json")["responseCode"] == "1000")
            #expect(try await state(site) == "accepted")
            let events = try await site.events().map { $0.text() }
            #expect(!events.contains { $0.contains("WRONG-0000") })
        }
    }

    @Test(
        "A failure reported by callback counts only once a query agrees",
        arguments: [true, false])
    func confirmed(agrees: Bool) async throws {
        try await Scratch.with { scratch in
            let folder = ["--state", scratch.folder + "/provider"]
            let outcome = agrees ? ["--fail-control", "."] : []
            let slow = folder + ["--settle-seconds", "3600"] + outcome
            let first = try await Sandbox.start(scratch, slow)
            let site = try Site(scratch, port: first.port)
            try site.drop(Self.batch)
            #expect(try await site.run().code == 0)
            let words = [Self.number, "--pay-type", "4", "--fail-description", "account closed"]
            try await drop("failed.txt", into: site, words)
            #expect(try await site.run().code == 0)
            #expect(try site.response("failed.txt.response.json")["responseCode"] == "1000")
            #expect(try await state(site) == "accepted")
            #expect(!site.exists("outbox/b.csv.final.json"))
            try await first.stop()
            let second = try await Sandbox.start(scratch, port: first.port, folder)
            try await site.runUntilFinal([Self.batch])
            try await Oracle(site: site, sandbox: second).check(
                [Self.batch], finalOutcome: agrees ? "failed" : "paid")
        }
    }

    @Test("A callback asks for a query long before its turn, and the query decides")
    func asks() async throws {
        try await Scratch.with { scratch in
            let folder = ["--state", scratch.folder + "/provider"]
            let first = try await Sandbox.start(scratch, folder + ["--settle-seconds", "36000"])
            let site = try Site(
                scratch, port: first.port, skypay: ["queryEverySeconds": "36000"])
            try site.drop(Self.batch)
            // Asked once, in its turn: still pending, and not to be asked again today.
            _ = try await eventually("the first query") { () -> Bool? in
                _ = try await site.run()
                return try first.requests("payoutQueryStatus") >= 1 ? true : nil
            }
            #expect(try await site.run().code == 0)
            try await first.stop()
            let second = try await Sandbox.start(scratch, port: first.port, folder)
            #expect(try await site.run().code == 0)
            #expect(try second.requests("payoutQueryStatus") == 0)
            for (index, row) in Self.batch.rows.enumerated() {
                try await drop(
                    "paid-\(index).txt", into: site, [row.controlNumber, "--pay-type", "2"])
            }
            try await site.runUntilFinal([Self.batch])
            #expect(try second.requests("payoutQueryStatus") >= 1)
            try await Oracle(site: site, sandbox: second).check([Self.batch])
        }
    }

    @Test("A spliced or foreign text is set aside and moves nothing")
    func foreign() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("note.json", "{\"action\":\"payoutQueuePayout\"}")
            try site.drop("ask.json", "{\"action\":\"payoutInquiry\"}")
            try site.drop("list.json", "[1,2,3]")
            try site.drop("text.txt", "Kumusta po kayo?\n")
            #expect(try await site.run().code == 30)
            let answers = try site.outboxNames().filter { $0.contains(".response.") }
            #expect(answers == Set(["note.json.response.json", "ask.json.response.json"]))
            // Without our credentials: what may not be refused is answered, nothing is applied.
            #expect(try site.response("note.json.response.json")["responseCode"] == "1000")
            #expect(try site.response("ask.json.response.json")["responseCode"] == "-1001")
            for (name, bytes) in try site.snapshot("outbox") where name.hasSuffix(".ack.json") {
                let verdict = try JSONValue(parsing: bytes)["verdict"]?.stringValue ?? ""
                #expect(["rejected", "quarantined"].contains(verdict), "\(name)")
            }
        }
    }
}
