import Foundation
import Glibc
import OrderedJSON
import Testing

/// A change of the password key, seen from outside: two keys, one provider, no payout twice, and the
/// keys nowhere but in their files.
@Suite(.fewAtATime)
struct KeyChangeTests {
    private static let newKey = "NEWKEY0000000002"
    private static let keyFile = "state/keys/skypay-password-key"

    /// A site whose password key stands in a file of its own.
    private func site(
        _ scratch: Scratch, port: Int, skypay: [String: String] = [:]
    ) throws -> Site {
        let site = try Site(scratch, port: port, skypay: skypay)
        let yaml = try site.text("batchrunner.yaml").replacing(
            "passwordKey: \(Secrets.passwordKey)", with: "passwordKeyFile: \(Self.keyFile)")
        try Scratch.put(yaml, at: site.root + "/batchrunner.yaml")
        for folder in ["/state", "/state/keys"] {
            mkdir(site.root + folder, 0o700)
        }
        try Scratch.put(Secrets.passwordKey + "\n", at: site.root + "/" + Self.keyFile)
        return site
    }

    private func rotate(
        _ site: Site, _ arguments: String..., failPoint: String? = nil
    ) async throws -> Ended {
        let input = try site.scratch.write("new.key", Self.newKey + "\n")
        return try await site.scratch.run(
            Binaries.batchrunner, ["rotate-key", "--root", site.root] + arguments, input: input,
            environment: failPoint.map { ["BATCHRUNNER_FAIL_POINT": $0] } ?? [:])
    }

    /// SkyPay puts the new key in force.
    private func enable(_ sandbox: Sandbox, _ scratch: Scratch) async throws {
        let file = try scratch.write("enabled.key", Self.newKey + "\n")
        let changed = try await scratch.run(
            Binaries.sandbox, ["change-key", "--port", String(sandbox.port), "--to-file", file])
        #expect(changed.code == 0, "\(changed.errors)")
    }

    /// A callback sealed with the old key.
    private func dropOld(_ name: String, into site: Site, _ number: String) async throws {
        let made = try await site.scratch.run(
            Binaries.sandbox,
            ["callback", number, "--pay-type", "2", "--output", site.inbox + "/" + name])
        #expect(made.code == 0, "\(made.errors)")
    }

    /// Every file that holds a key, but for the two it belongs into.
    private func leaks(_ site: Site) throws -> [String] {
        let own = [Self.keyFile, Self.keyFile + ".previous"]
        return try site.snapshot("").filter { name, bytes in
            !own.contains(name)
                && [Self.newKey, Secrets.passwordKey].contains { key in
                    Data(bytes).range(of: Data(key.utf8)) != nil
                }
        }.keys.sorted()
    }

    private func types(_ site: Site) async throws -> [String] {
        try await site.events().compactMap { $0["type"]?.stringValue }
    }

    @Test("Before the new key is in force the old one serves, afterwards the new; nothing twice")
    func overlap() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let first = Batch.made("a.csv", id: "A", first: 20_000_000, count: 3)
            let second = Batch.made("b.csv", id: "B", first: 20_000_100, count: 3)
            #expect(try await site.run().code == 0)
            let rotated = try await rotate(site, "--expires", "2099-12-31")
            #expect(rotated.code == 0, "\(rotated.errors)")
            #expect(rotated.output.contains("opens the key before only"), "\(rotated.output)")
            #expect(try site.text(Self.keyFile) == Self.newKey + "\n")
            try site.drop(first)
            #expect(try await site.run().code == 0)
            try await enable(sandbox, scratch)
            try site.drop(second)
            #expect(try await site.run().code == 0)
            // SkyPay may still call with the old key, and is answered in it.
            try await dropOld("late.txt", into: site, first.rows[0].controlNumber)
            #expect(try await site.run().code == 0)
            let json = try site.response("late.txt.response.json")
            #expect(json["responseCode"] == "1000")
            let opened = try await scratch.run(
                Binaries.sandbox, ["open"], input: site.outbox + "/late.txt.response.txt")
            #expect(try JSONValue(parsing: Array(opened.output.utf8)) == json)
            try await site.runUntilFinal([first, second])
            try await Oracle(site: site, sandbox: sandbox).check([first, second])
            #expect(try leaks(site) == [])
            #expect(try await types(site).count { $0 == "ledger.key-changed" } == 1)
            let status = try await site.tool("status", ["--json"])
            let facts = try JSONValue(parsing: Array(status.output.utf8))["passwordKey"]
            #expect(facts?["expires"] == "2099-12-31")
            #expect(facts?["previousAcceptedUntil"] != nil)
        }
    }

    @Test("On a site that never ran, the root key of its new log is told")
    func rootKey() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let rotated = try await rotate(site)
            #expect(rotated.code == 0, "\(rotated.errors)")
            let log = try JSONValue(parsing: site.bytes("audit/log.json"))
            let key = try #require(log["rootKey"]?.stringValue)
            #expect(rotated.errors.contains(key), "\(rotated.errors)")
        }
    }

    @Test("A payout that SkyPay did not open during the change is sealed anew, once, and paid once")
    func sealedAnew() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let batch = Batch.made("a.csv", id: "A", first: 20_000_000, count: 1)
            #expect(try await rotate(site).code == 0)
            try sandbox.fault("payoutQueue:code:-1000:1")
            try site.drop(batch)
            #expect(try await site.run().code == 40)
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test(
        "A -1000 in plain JSON lets no money request be sealed anew: a person decides",
        arguments: ["payoutQueue", "balanceTransfer"])
    func plainRefusal(_ action: String) async throws {
        try await Scratch.with { scratch in
            let opened = #"{"responseCode":"1000","balance":"1.00"}"#
            // rotate-key asks, the run asks for the key (before payouts also for the balance), sends, and
            // then asks whether it is at fault.
            let before = Array(repeating: opened, count: action == "payoutQueue" ? 3 : 2)
            let provider = try ScriptedProvider(
                before + [#"{"responseCode":"-1000"}"#, opened])
            defer { provider.stop() }
            let site = try site(scratch, port: provider.port)
            #expect(try await rotate(site).code == 0)
            if action == "payoutQueue" {
                try site.drop(Batch.made("a.csv", id: "A", first: 20_000_000, count: 1))
            } else {
                let fields: JSONObject = [
                    "transferFrom": "SKY99", "transferTo": "SKY98", "amount": "10.00",
                ]
                try site.drop("a.csv", ActionBatch.json("A", action, [fields], amount: "10.00"))
            }
            #expect(try await site.run().code == 40)
            #expect(try await site.run().code == 20)
            #expect(try site.outcomes("a.csv.result.json") == ["held"])
            #expect(try site.rows("a.csv.result.json")[0]["possiblySent"] == true)
            let types = try await types(site)
            #expect(types.count { $0.hasSuffix("intended") } == 1, "\(types)")
            #expect(types.count { $0.hasSuffix("suspended") } == 1, "\(types)")
        }
    }

    @Test(
        "A code that shows nothing about a key is not told as one it opens, and nothing leaves",
        arguments: ["-9999", "-1032", "7777"])
    func showsNothing(_ code: String) async throws {
        try await Scratch.with { scratch in
            let provider = try ScriptedProvider([#"{"responseCode":"\#(code)"}"#])
            defer { provider.stop() }
            let site = try site(scratch, port: provider.port)
            let rotated = try await rotate(site)
            #expect(rotated.code == 0, "\(rotated.errors)")
            #expect(rotated.output.contains("not known yet (SkyPay answered \(code)"))
            #expect(!rotated.output.contains("opens the new key"), "\(rotated.output)")
            try site.drop(Batch.made("a.csv", id: "A", first: 20_000_000, count: 1))
            #expect(try await site.run().code == 40)
            let types = try await types(site)
            #expect(types.count { $0 == "payout.unsent" } == 1, "\(types)")
            #expect(!types.contains { $0 == "payout.suspended" || $0 == "payout.unknown" })
            // With one key there is nothing to choose, and nothing is claimed of it either.
            let file = try scratch.write("third.key", "THIRDKEY00000003\n")
            let alone = try await site.tool(
                "rotate-key", ["--key-file", file, "--overlap-hours", "0"])
            #expect(alone.code == 0, "\(alone.errors)")
            #expect(alone.output.contains("whether SkyPay opens the new key is not known yet"))
        }
    }

    @Test("Without an overlap the old key opens nothing any more, and its file is gone")
    func noOverlap() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            #expect(try await site.run().code == 0)
            #expect(try await rotate(site, "--overlap-hours", "24").code == 0)
            #expect(site.exists(Self.keyFile + ".previous"))
            // The right key again: what was typed wrong is not kept.
            try await enable(sandbox, scratch)
            let file = try scratch.write("third.key", "THIRDKEY00000003\n")
            let wrong = try await site.tool(
                "rotate-key", ["--key-file", file, "--overlap-hours", "0"])
            #expect(wrong.code != 64 && wrong.code != 70, "\(wrong.errors)")
            #expect(!site.exists(Self.keyFile + ".previous"))
            let right = try await rotate(site, "--overlap-hours", "0")
            #expect(right.code == 0)
            #expect(right.output.contains("SkyPay opens the new key"))
            try await dropOld("old.txt", into: site, "SKY9920000000")
            #expect(try await site.run().code == 30)
            #expect(!site.exists("outbox/old.txt.response.json"))
            #expect(try site.response("old.txt.status.json")["state"] == "waiting")
        }
    }

    @Test(
        "Killed in the middle of a change, the site goes on with the old key, and changes then",
        arguments: ["key-recorded", "key-kept"])
    func killed(_ point: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let batch = Batch.made("a.csv", id: "A", first: 20_000_000, count: 2)
            #expect(try await site.run().code == 0)
            #expect(try await rotate(site, failPoint: point).signal == SIGKILL)
            #expect(try site.text(Self.keyFile) == Secrets.passwordKey + "\n")
            try site.drop(batch)
            #expect(try await site.run().code == 0)
            #expect(!site.exists(Self.keyFile + ".previous"))
            #expect(try await types(site).count { $0 == "ledger.key-changed" } == 2)
            let rotated = try await rotate(site)
            #expect(rotated.code == 0, "\(rotated.errors)")
            #expect(try site.text(Self.keyFile + ".previous") == Secrets.passwordKey + "\n")
            try await enable(sandbox, scratch)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test(
        "A wrong key, then the right one before it is in force: the key that works is not lost",
        arguments: [nil, "key-recorded", "key-kept"] as [String?])
    func wrongThenRight(_ point: String?) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let first = Batch.made("a.csv", id: "A", first: 20_000_000, count: 2)
            let second = Batch.made("b.csv", id: "B", first: 20_000_100, count: 2)
            #expect(try await site.run().code == 0)
            let file = try scratch.write("wrong.key", "WRONGKEY00000004\n")
            let wrong = try await site.tool("rotate-key", ["--key-file", file])
            #expect(wrong.code == 0, "\(wrong.errors)")
            let kept = Self.keyFile + ".previous"
            if let point {
                #expect(try await rotate(site, failPoint: point).signal == SIGKILL)
                #expect(try site.text(Self.keyFile) == "WRONGKEY00000004\n")
                #expect(try site.text(kept) == Secrets.passwordKey + "\n")
            }
            let right = try await rotate(site)
            #expect(right.code == 0, "\(right.errors)")
            #expect(right.output.contains("opens the key before only"), "\(right.output)")
            #expect(try site.text(Self.keyFile) == Self.newKey + "\n")
            #expect(try site.text(kept) == Secrets.passwordKey + "\n")
            try site.drop(first)
            #expect(try await site.run().code == 0)
            try await dropOld("early.txt", into: site, first.rows[0].controlNumber)
            #expect(try await site.run().code == 0)
            #expect(try site.response("early.txt.response.json")["responseCode"] == "1000")
            try await enable(sandbox, scratch)
            try site.drop(second)
            try await site.runUntilFinal([first, second])
            try await Oracle(site: site, sandbox: sandbox).check([first, second])
            #expect(try leaks(site) == [])
        }
    }

    @Test("While SkyPay does not say which of two keys is right, none of them is given up")
    func notKnown() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let file = try scratch.write("wrong.key", "WRONGKEY00000004\n")
            #expect(try await site.tool("rotate-key", ["--key-file", file]).code == 0)
            try await sandbox.stop()
            let refused = try await rotate(site)
            #expect(refused.code == 40)
            #expect(refused.errors.contains("nothing was changed"), "\(refused.errors)")
            #expect(try site.text(Self.keyFile) == "WRONGKEY00000004\n")
            #expect(try site.text(Self.keyFile + ".previous") == Secrets.passwordKey + "\n")
            #expect(try await types(site).count { $0 == "ledger.key-changed" } == 1)
        }
    }

    @Test("The expiry is warned of in run, status, metrics and the log, in the log once")
    func expiry() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let days = [30: nil, 5: "7-days", 1: "1-day", 0: "expired"] as [Int: String?]
            for (ahead, stage) in days.sorted(by: { $0.key < $1.key }) {
                let folder = scratch.folder + "/in-\(ahead)"
                let site = try Site(
                    scratch, port: sandbox.port, name: "in-\(ahead)",
                    skypay: ["passwordKeyExpires": Self.day(ahead)])
                #expect(folder == site.root)
                for _ in 0..<2 {
                    let run = try await site.run("--json")
                    #expect(run.code == 0, "\(run.errors)")
                    let report = try JSONValue(parsing: Array(run.output.utf8))
                    #expect((report["warnings"]?.arrayValue ?? []).count == (stage == nil ? 0 : 1))
                }
                let status = try await site.tool("status", ["--json"])
                let facts = try JSONValue(parsing: Array(status.output.utf8))["passwordKey"]
                #expect(facts?["expires"]?.stringValue == Self.day(ahead))
                #expect((facts?["warning"] == nil) == (stage == nil))
                let metrics = try site.text("state/metrics.prom").split(separator: "\n")
                for name in ["7-days", "1-day", "expired"] {
                    let value = name == stage ? 1 : 0
                    let line = "batchrunner_password_key_warning{stage=\"\(name)\"} \(value)"
                    #expect(metrics.contains { $0 == line }, "\(ahead) days: \(line)")
                }
                let told = try await site.events().filter { $0["type"] == "ledger.key-expiring" }
                #expect(told.count == (stage == nil ? 0 : 1))
                #expect(told.first?["data"]?["stage"]?.stringValue == stage)
            }
        }
    }

    @Test("Keys are in no process's arguments or environment, and none is taken from there")
    func processList() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try site(scratch, port: sandbox.port)
            let daemon = try site.daemon()
            // Its log is there: it has read its configuration and works.
            _ = try await eventually("the daemon works") {
                site.exists("state/metrics.prom") ? true : nil
            }
            for name in ["cmdline", "environ"] {
                let shown = try #require(
                    FileManager.default.contents(atPath: "/proc/\(daemon.pid)/\(name)"))
                #expect(shown.range(of: Data(Secrets.passwordKey.utf8)) == nil)
            }
            #expect(try await rotate(site).code == 75)
            daemon.send(SIGTERM)
            _ = try await daemon.end()
            #expect(try await rotate(site, Self.newKey).code == 64)
            #expect(try site.text(Self.keyFile) == Secrets.passwordKey + "\n")
            let same = try scratch.write("same.key", Secrets.passwordKey + "\n")
            #expect(try await site.tool("rotate-key", ["--key-file", same]).code == 64)
            let empty = try scratch.write("empty.key", "\n")
            #expect(try await site.tool("rotate-key", ["--key-file", empty]).code == 64)
        }
    }

    /// A day in the Philippines, so many days from today; 1: within the next 24 hours.
    private static func day(_ ahead: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3_600)
        formatter.dateFormat = "yyyy-MM-dd"
        return formatter.string(from: Date(timeIntervalSinceNow: Double(ahead) * 86_400))
    }
}
