import Foundation
import OrderedJSON
import Testing

/// balanceTransfer: money between our own accounts, which nothing at SkyPay names afterwards.
@Suite(.fewAtATime)
struct TransferTests {
    private static func batch(_ id: String = "T-1", amount: String = "1000.00") -> String {
        ActionBatch.json(
            id, "balanceTransfer",
            [["transferFrom": "SKY99", "transferTo": "SKY98", "amount": .string(amount)]],
            amount: amount)
    }

    /// What the sandbox has left.
    private func balance(_ site: Site) async throws -> String? {
        let text = ActionBatch.json("B-1", "balanceQuery", [[:]])
        let name = "balance.json"
        try site.drop(name, text)
        try await site.runUntil(name + ".result.json")
        return try site.rows(name + ".result.json")[0]["answer"]?["balance"]?.scalarText
    }

    @Test("A transfer is made once, and its file is final with SkyPay's answer")
    func transferred() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            let run = try await site.runWith("move.json", Self.batch())
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try site.outcomes("move.json.result.json") == ["transferred"])
            let final = try site.response("move.json.final.json")
            #expect(final["amounts"]?["transferred"] == "1000.00")
            #expect(final["conservation"]?["balanced"] == true)
            #expect(try await balance(site) == "4000.00")
            #expect(try await site.run().code == 0)
            #expect(try sandbox.requests("balanceTransfer") == 1)
        }
    }

    @Test(
        "Without a readable answer a transfer is held, never sent again, and told by notifications",
        arguments: [
            ("drop-before", false), ("drop-after", true), ("code:-1009", false),
            ("code-after:-9999", true), ("http-500-after", true),
        ])
    func unknown(_ kind: String, _ isMade: Bool) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("balanceTransfer:\(kind):1")
            try site.drop("move.json", Self.batch())
            try await site.runUntil("move.json.result.json")
            let row = try site.rows("move.json.result.json")[0]
            #expect(row["outcome"] == "held")
            #expect(row["possiblySent"] == true)
            if isMade {
                try await site.runUntil("move.json.final.json")
                #expect(try site.outcomes("move.json.final.json") == ["transferred"])
                let correction = try site.response("move.json.correction.1.json")
                #expect(correction["amounts"]?["transferred"] == "1000.00")
                #expect(try await site.run().code == 0)
            } else {
                _ = try await eventually("the notifications are asked for") { () -> Bool? in
                    #expect(try await site.run().code == 20)
                    return try sandbox.requests("notificationInquiry") > 0 ? true : nil
                }
                #expect(!site.exists("outbox/move.json.final.json"))
                let asked = try await site.events().filter {
                    $0["type"] == "batch.request-queried"
                }
                let words = asked.compactMap { $0["data"]?["description"]?.stringValue }
                #expect(words.first == "no notification of such a transfer")
            }
            #expect(try sandbox.requests("balanceTransfer") == 1)
        }
    }

    @Test(
        "A held transfer is listed by status and settled by a person's word: told, and exit 0 again",
        arguments: [("done", "transferred"), ("failed", "failed")])
    func resolved(_ word: String, _ outcome: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("balanceTransfer:drop-before:1")
            try site.drop("move.json", Self.batch())
            try await site.runUntil("move.json.result.json")
            let status = try JSONValue(
                parsing: Array(try await site.tool("status", ["--json"]).output.utf8))
            let held = try #require(status["held"]?.objectValue?.members)
            #expect(held.count == 1 && held[0].value.stringValue?.contains("PHP 1000.00") == true)
            let what = ["resolve", held[0].name, "--as"]
            func resolve(_ word: String) async throws -> Ended {
                try await site.tool(
                    what[0], [what[1], what[2], word, "--reason", "statement 7", "--by", "Ana"])
            }
            #expect(try await resolve("paid").code == 64)
            // SkyPay's pauses hold: too early is 20, and told with the seconds to wait.
            let settled = try await eventually("it is settled") { () -> Ended? in
                let ended = try await resolve(word)
                return ended.code == 20 ? nil : ended
            }
            #expect(settled.code == 0, "\(settled.output)\(settled.errors)")
            #expect(try await resolve(word).code == 64, "it is settled")
            #expect(try site.outcomes("move.json.final.json") == [outcome])
            let correction = try site.response("move.json.correction.1.json")
            #expect(correction["amounts"]?[outcome] == "1000.00")
            let told = try await site.events().filter { $0["type"] == "batch.request-resolved" }
            #expect(told.count == 1 && told[0]["data"]?["by"] == "Ana")
            _ = try await site.run()
            #expect(try await site.run().code == (word == "done" ? 0 : 10))
            #expect(try sandbox.requests("balanceTransfer") == 1)
            #expect(try await site.tool("rebuild", ["--json"]).code == 0)
        }
    }

    @Test("A transfer that notifications prove is transferred, whatever a person says")
    func provenAgainst() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("balanceTransfer:drop-after:1", "notificationInquiry:drop-before:1")
            try site.drop("move.json", Self.batch())
            try await site.runUntil("move.json.result.json")
            let status = try JSONValue(
                parsing: Array(try await site.tool("status", ["--json"]).output.utf8))
            guard let what = status["held"]?.objectValue?.members.first?.name else {
                return  // A slow machine has asked and learned in the meantime.
            }
            let said = try await eventually("SkyPay answers") { () -> Ended? in
                let ended = try await site.tool(
                    "resolve", [what, "--as", "failed", "--reason", "a guess"])
                return ended.output.contains("SkyPay knows it") || ended.code == 64 ? ended : nil
            }
            #expect(said.code == 20 || said.code == 64, "\(said.output)\(said.errors)")
            try await site.runUntil("move.json.final.json")
            #expect(try site.outcomes("move.json.final.json") == ["transferred"])
        }
    }

    @Test("Refused with -1000 in plain JSON, a transfer is held, though the balance query is too")
    func plainRefusal() async throws {
        try await Scratch.with { scratch in
            let refused = #"{"responseCode":"-1000"}"#
            // Whatever is sent after the probe succeeds, so a second transfer would show.
            let provider = try ScriptedProvider([refused, refused, #"{"responseCode":"1000"}"#])
            defer { provider.stop() }
            let site = try Site(scratch, port: provider.port)
            #expect(try await site.runWith("move.json", Self.batch()).code == 40)
            #expect(try await site.run().code == 20)
            let row = try site.rows("move.json.result.json")[0]
            #expect(row["outcome"] == "held")
            #expect(row["possiblySent"] == true)
            let types = try await site.events().compactMap { $0["type"]?.stringValue }
            #expect(types.count { $0 == "batch.request-intended" } == 1, "\(types)")
        }
    }

    @Test("Of two transfers alike nothing tells which was made: both stay held, the evidence named")
    func alike() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("balanceTransfer:drop-after:1", "balanceTransfer:drop-before:1:nth=2")
            try site.drop("one.json", Self.batch("T-1"))
            try site.drop("two.json", Self.batch("T-2"))
            try await site.runUntil("one.json.result.json")
            _ = try await eventually("the notifications are asked for") { () -> Bool? in
                #expect(try await site.run().code == 20)
                return try sandbox.requests("notificationInquiry") > 1 ? true : nil
            }
            let asked = try await site.events().filter { $0["type"] == "batch.request-queried" }
            let words = asked.compactMap { $0["data"]?["description"]?.stringValue }
            #expect(words.contains { $0.contains("D-") && $0.contains("cannot be told") })
            #expect(!site.exists("outbox/one.json.final.json"))
            #expect(!site.exists("outbox/two.json.final.json"))
            #expect(try sandbox.requests("balanceTransfer") == 2)
        }
    }

    @Test("Killed with a request on its way, a transfer is held, and never sent again")
    func killed() async throws {
        for point in ["intended", "sent"] {
            try await Scratch.with { scratch in
                let sandbox = try await Sandbox.start(scratch)
                let site = try Site(scratch, port: sandbox.port)
                try site.drop("move.json", Self.batch())
                let ended = try await site.tool(
                    "run", environment: ["BATCHRUNNER_FAIL_POINT": point])
                #expect(ended.signal == SIGKILL)
                try await site.runUntil("move.json.result.json")
                #expect(try site.rows("move.json.result.json")[0]["possiblySent"] == true)
                #expect(try sandbox.requests("balanceTransfer") == (point == "sent" ? 1 : 0))
            }
        }
    }

    @Test("Without funds a transfer stays unsent and goes once there are")
    func insufficient() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("balanceTransfer:code:-1016:1")
            #expect(try await site.runWith("move.json", Self.batch()).code == 50)
            #expect(!site.exists("outbox/move.json.result.json"))
            #expect(try await site.run().code == 0)
            #expect(try site.outcomes("move.json.final.json") == ["transferred"])
        }
    }

    @Test("While payouts lack funds a transfer goes all the same: it may be what brings them")
    func bringsFunds() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("payoutQueueV2:code:-1016:1000")
            let items = [ActionBatch.pickUp("SKY9930000001")]
            try site.drop(
                "a-pay.json", ActionBatch.json("P-1", "payoutQueueV2", items, amount: "150.00"))
            let run = try await site.runWith("b-move.json", Self.batch())
            #expect(run.code == 50, "\(run.output)\(run.errors)")
            #expect(!site.exists("outbox/a-pay.json.result.json"))
            #expect(try site.outcomes("b-move.json.final.json") == ["transferred"])
            #expect(try sandbox.requests("balanceTransfer") == 1)
            try sandbox.clearFaults()
            try await site.runUntil("a-pay.json.result.json")
            #expect(try site.outcomes("a-pay.json.result.json") == ["accepted"])
        }
    }

    @Test("While transfers lack funds a cancellation behind them goes all the same")
    func leavesOrders() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "5000.00"])
            let site = try Site(scratch, port: sandbox.port)
            let number = "SKY9930000001"
            try site.drop(
                "pay.json",
                ActionBatch.json(
                    "P-1", "payoutQueueV2", [ActionBatch.pickUp(number)], amount: "150.00"))
            try await site.runUntil("pay.json.result.json")
            try sandbox.fault("balanceTransfer:code:-1016:1000")
            // More than are in flight at once, so that the cancellation is behind one that closes the way.
            let transfers: [JSONObject] = (1...80).map { pesos in
                ["transferFrom": "SKY99", "transferTo": "SKY98", "amount": .string("\(pesos).00")]
            }
            try site.drop(
                "a-move.json",
                ActionBatch.json("T-1", "balanceTransfer", transfers, amount: "3240.00"))
            let run = try await site.runWith(
                "b-cancel.csv",
                ActionBatch.csv("C-1", "cancelPayout", ["controlNumber"], [[number]]))
            #expect(run.code == 50, "\(run.output)\(run.errors)")
            #expect(!site.exists("outbox/a-move.json.result.json"))
            #expect(try site.outcomes("b-cancel.csv.result.json") == ["accepted"])
            #expect(try sandbox.requests("cancelPayout") == 1)
            #expect(try sandbox.requests("balanceTransfer") <= 64, "no more than were in flight")
        }
    }

    @Test("When SkyPay cannot be reached nothing is sent, and the transfer goes later")
    func unreachable() async throws {
        try await Scratch.with { scratch in
            let port = try Loopback.freePort()
            let site = try Site(scratch, port: port)
            #expect(try await site.runWith("move.json", Self.batch()).code == 40)
            let sandbox = try await Sandbox.start(scratch, port: port)
            #expect(try await site.run().code == 0)
            #expect(try site.outcomes("move.json.final.json") == ["transferred"])
            #expect(try sandbox.requests("balanceTransfer") == 1)
        }
    }
}
