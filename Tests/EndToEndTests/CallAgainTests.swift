import Foundation
import OrderedJSON
import Testing

/// A transfer by hand that is asked for twice, and calls beside a daemon.
@Suite(.fewAtATime)
struct CallAgainTests {
    private static let transfer = ["transferFrom=SKY99", "transferTo=SKY98", "amount=10.00"]

    private func call(
        _ site: Site, _ fields: [String] = transfer, _ more: String...,
        action: String = "balanceTransfer", failPoint: String? = nil
    ) async throws -> Ended {
        try await site.tool(
            "call", [action, "--json"] + fields.flatMap { ["--field", $0] } + more,
            environment: failPoint.map { ["BATCHRUNNER_FAIL_POINT": $0] } ?? [:])
    }

    private func withSite(
        _ body: (Sandbox, Site) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(
                scratch, ["--other-account", "SKY98", "--other-account", "SKY97"])
            try await body(sandbox, try Site(scratch, port: sandbox.port))
        }
    }

    private func daemon(_ site: Site, failPoint: String? = nil) async throws -> Child {
        let daemon = try site.daemon(failPoint: failPoint)
        _ = try await eventually("the daemon's mark") { () -> Bool? in
            site.exists("state/daemon.lock") ? true : nil
        }
        return daemon
    }

    @Test(
        "Killed at any step, a transfer repeated by hand is refused until the first is finished",
        arguments: ["dropped", "claimed", "recorded:2", "intended", "sent", "answered"])
    func killed(_ point: String) async throws {
        try await withSite { sandbox, site in
            #expect(try await call(site, failPoint: point).signal == SIGKILL)
            let sent = try sandbox.requests("balanceTransfer")
            let repeated = try await call(site)
            #expect(repeated.code == (point == "answered" ? 50 : 20), "\(repeated.errors)")
            #expect(repeated.errors.contains("the same transfer"), "\(repeated.errors)")
            #expect(repeated.errors.contains("--again"), "\(repeated.errors)")
            #expect(try sandbox.requests("balanceTransfer") == sent)
            _ = try await site.run()
            #expect(try sandbox.requests("balanceTransfer") == (point == "intended" ? 0 : 1))
            // Finished or held: it stays refused.
            #expect([20, 50].contains(try await call(site).code))
            #expect(try sandbox.requests("balanceTransfer") == (point == "intended" ? 0 : 1))
        }
    }

    @Test("Another amount or account is another transfer; the same needs --again, and then goes")
    func again() async throws {
        try await withSite { sandbox, site in
            #expect(try await call(site).code == 0)
            let repeated = try await call(site)
            #expect(repeated.code == 50, "\(repeated.output)\(repeated.errors)")
            #expect(repeated.errors.contains("within a day"))
            let other = ["transferFrom=SKY99", "transferTo=SKY97", "amount=10.00"]
            #expect(try await call(site, other).code == 0)
            let more = ["transferFrom=SKY99", "transferTo=SKY98", "amount=10.01"]
            #expect(try await call(site, more).code == 0)
            #expect(try sandbox.requests("balanceTransfer") == 3)
            let meant = try await call(site, Self.transfer, "--again")
            #expect(meant.code == 0, "\(meant.output)\(meant.errors)")
            #expect(try sandbox.requests("balanceTransfer") == 4)
            let accepted = try await site.events().filter { $0["type"] == "batch.accepted" }
            let ids = accepted.compactMap { $0["subject"]?["batch"]?.stringValue }
            #expect(ids.count == 4 && Set(ids).count == 4)
            #expect(ids.filter { $0.hasSuffix("-again") }.count == 1)
        }
    }

    @Test("A refused transfer is no obstacle, one that a system dropped is")
    func refused() async throws {
        try await withSite { sandbox, site in
            try sandbox.fault("balanceTransfer:code:-1001:1")
            let refused = try await call(site)
            #expect(refused.code == 10, "\(refused.output)\(refused.errors)")
            let text = ActionBatch.json(
                "T-1", "balanceTransfer",
                [["transferFrom": "SKY99", "transferTo": "SKY98", "amount": "10.00"]],
                amount: "10.00")
            #expect(try await site.runWith("move.json", text).code == 10)
            #expect(try await call(site).code == 50)
            #expect(try sandbox.requests("balanceTransfer") == 2)
        }
    }

    @Test("Beside a daemon a call is made by the daemon, and its answer printed")
    func beside() async throws {
        try await withSite { sandbox, site in
            let daemon = try await daemon(site)
            let done = try await call(site)
            #expect(done.code == 0, "\(done.output)\(done.errors)")
            let report = try JSONValue(parsing: Array(done.output.utf8))
            #expect(report["row"]?["outcome"] == "transferred")
            let name = try #require(report["file"]?.stringValue)
            #expect(site.exists("outbox/" + name + ".ack.json"))
            #expect(try site.outcomes(name + ".result.json") == ["transferred"])
            #expect(try await call(site).code == 50)
            let amount = ["transferFrom=SKY99", "transferTo=SKY98", "amount=1,000.00"]
            let wrong = try await call(site, amount)
            #expect(wrong.code == 30, "\(wrong.output)\(wrong.errors)")
            try sandbox.fault("balanceTransfer:drop-after:1")
            let lost = try await call(site, Self.transfer, "--again")
            #expect(lost.code == 20, "\(lost.output)\(lost.errors)")
            #expect(
                try JSONValue(parsing: Array(lost.output.utf8))["row"]?["outcome"] == "held")
            let payout = try await call(
                site,
                [
                    "controlNumber=SKY9983000001", "name=Subok,Uno", "phone=09171234567",
                    "amount=12.00", "accountNo=09171234567", "withdrawChannel=6",
                ], action: "payoutQueue")
            #expect(payout.code == 0, "\(payout.output)\(payout.errors)")
            #expect(try sandbox.requests("balanceTransfer") == 2)
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 20)
        }
    }

    @Test("Beside a daemon, too, a call without funds ends with 50, and the daemon goes on with it")
    func unfundedBeside() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "0.50"])
            let site = try Site(scratch, port: sandbox.port)
            let daemon = try await daemon(site)
            let ended = try await call(site)
            #expect(ended.code == 50, "\(ended.output)\(ended.errors)")
            let report = try JSONValue(parsing: Array(ended.output.utf8))
            #expect(report["row"]?["outcome"] == "unsent")
            #expect(ended.output.contains("top up"), "\(ended.output)")
            #expect(ended.output.contains("do not call again"), "\(ended.output)")
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 50)
        }
    }

    @Test("A refused call leaves the site as any other does: nothing is adopted or mended after it")
    func refusedCleanly() async throws {
        try await withSite { _, site in
            #expect(try await call(site).code == 0)
            for _ in 1...2 { #expect(try await call(site).code == 50) }
            #expect(!site.exists("state/ledger.sqlite-wal"))
            #expect(try await site.run().code == 0)
            let types = try await site.events().compactMap { $0["type"]?.stringValue }
            #expect(!types.contains("auditlog.recovered"), "\(types)")
            #expect(types.count { $0 == "auditlog.opened" } == 4)
            #expect(types.count { $0 == "auditlog.closed" } == 4)
        }
    }

    @Test("A call killed beside a daemon is made once, and refused when it is repeated")
    func killedBeside() async throws {
        try await withSite { sandbox, site in
            let daemon = try await daemon(site)
            #expect(try await call(site, failPoint: "dropped").signal == SIGKILL)
            let repeated = try await call(site)
            #expect([20, 50].contains(repeated.code), "\(repeated.output)\(repeated.errors)")
            _ = try await eventually("the transfer") { () -> Bool? in
                try sandbox.requests("balanceTransfer") == 1 ? true : nil
            }
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 0)
            #expect(try await call(site).code == 50)
            #expect(try sandbox.requests("balanceTransfer") == 1)
        }
    }

    @Test(
        "When the daemon is killed under a call, the call says who goes on, and it is made once",
        arguments: ["claimed", "intended", "sent", "answered"])
    func daemonKilled(_ point: String) async throws {
        try await withSite { sandbox, site in
            let daemon = try await daemon(site, failPoint: point)
            let ended = try await call(site)
            #expect(try await daemon.end().signal == SIGKILL)
            #expect(ended.code == (point == "answered" ? 0 : 20), "\(ended.output)\(ended.errors)")
            #expect(
                (ended.output + ended.errors).contains("do not call again") == (ended.code == 20))
            _ = try await site.run()
            #expect(try sandbox.requests("balanceTransfer") == (point == "intended" ? 0 : 1))
            #expect([20, 50].contains(try await call(site).code))
            #expect(try sandbox.requests("balanceTransfer") == (point == "intended" ? 0 : 1))
        }
    }
}
