import Foundation
import Glibc
import OrderedJSON
import Testing

/// The ledger against the audit log: differences are found, stop the site, and are mended by a new
/// ledger; nothing of it pays twice.
@Suite(.fewAtATime)
struct RebuildTests {
    private static let first = Batch.made(
        "b.csv", id: "B-1", first: 10_000_000, count: 6, badRows: [2])
    private static let second = Batch.made("c.csv", id: "C-1", first: 20_000_000, count: 4)

    /// A site after a run, whose ledger then names another batch.
    private func withDifference(
        _ body: (Site, Sandbox) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.first)
            #expect(try await site.run().code == 10)
            try plant(site)
            try await body(site, sandbox)
        }
    }

    /// The same bytes but for a letter of the batch id, in the table and its index.
    private func plant(_ site: Site) throws {
        let path = site.root + "/state/ledger.sqlite"
        var data = Data(try site.bytes("state/ledger.sqlite"))
        while let range = data.range(of: Data("B-1".utf8)) {
            data.replaceSubrange(range, with: Data("B-7".utf8))
        }
        try data.write(to: URL(filePath: path))
    }

    private func rebuild(
        _ site: Site, _ arguments: String..., failPoint: String? = nil
    ) async throws -> (ended: Ended, report: JSONValue?) {
        let ended = try await site.tool(
            "rebuild", ["--json"] + arguments,
            environment: failPoint.map { ["BATCHRUNNER_FAIL_POINT": $0] } ?? [:])
        return (ended, try? JSONValue(parsing: Array(ended.output.utf8)))
    }

    private func kept(_ site: Site) throws -> [String] {
        try site.snapshot("state").keys.filter { $0.hasPrefix("ledger.sqlite.before-") }.sorted()
    }

    private func checks(_ site: Site) async throws -> [JSONValue] {
        try await site.events().filter { $0["type"] == "ledger.checked" }
    }

    @Test(
        "Beside a daemon at work the ledger is what the log makes it; replacing waits for its end")
    func besideDaemon() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let daemon = try site.daemon()
            try site.drop(Self.first)
            try site.drop(Self.second)
            _ = try await eventually("a ledger") {
                try await rebuild(site).report?["standing"] == "agrees" ? true : nil
            }
            for _ in 1...3 {
                let (ended, report) = try await rebuild(site)
                #expect(ended.code == 0, "\(ended)")
                #expect(report?["standing"] == "agrees")
            }
            #expect(try await rebuild(site, "--replace").ended.code == 75)
            try await site.finals([Self.first, Self.second], by: daemon)
            #expect(try await rebuild(site).ended.code == 0)
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 10)
            let (ended, report) = try await rebuild(site)
            #expect(ended.code == 0 && report?["differing"]?.integerValue == 0)
            #expect(try site.snapshot("state").keys.contains { $0.contains(".new") } == false)
            try await Oracle(site: site, sandbox: sandbox).check([Self.first, Self.second])
        }
    }

    @Test("A difference stops the site until a new ledger is in place; then it goes on, once")
    func difference() async throws {
        try await withDifference { site, sandbox in
            let before = try site.bytes("state/ledger.sqlite")
            let (ended, report) = try await rebuild(site)
            #expect(ended.code == 70, "\(ended)")
            let places = report?["differences"]?.arrayValue ?? []
            #expect(places.contains { $0["table"] == "files" && $0["column"] == "batch" })
            #expect(try site.bytes("state/ledger.sqlite") == before)
            try site.drop(Self.second)
            #expect(try await site.run("--self-check").code == 70)
            for command in ["run", "daemon"] { #expect(try await site.tool(command).code == 70) }
            #expect(try sandbox.requests("payoutQueue") == 5)
            #expect(site.exists("inbox/c.csv"))
            #expect(try site.text("state/metrics.prom").contains("batchrunner_ledger_agrees 0"))
            let status = try await site.tool("status", ["--json"])
            let facts = try JSONValue(parsing: Array(status.output.utf8))
            #expect(facts["ledgerCheck"]?["agrees"] == false)

            #expect(try await rebuild(site, "--replace").ended.code == 0)
            #expect(try kept(site).count == 1)
            #expect(try await rebuild(site).ended.code == 0)
            #expect(try await site.run("--self-check").code == 0)
            try await site.runUntilFinal([Self.first, Self.second])
            try await Oracle(site: site, sandbox: sandbox).check([Self.first, Self.second])
            let outcomes = try await checks(site).compactMap { $0["outcome"]?.stringValue }
            #expect(outcomes == ["failure", "success", "success"])
        }
    }

    @Test(
        "Killed at any step, a replacement leaves the old ledger or the new one",
        arguments: [("ledger-made", 70), ("ledger-kept", 70), ("ledger-replaced", 0)])
    func killed(_ point: String, _ code: Int32) async throws {
        try await withDifference { site, sandbox in
            let killed = try await rebuild(site, "--replace", failPoint: point).ended
            #expect(killed.signal == SIGKILL, "\(point) was not reached: \(killed)")
            #expect(try await rebuild(site).ended.code == code)
            #expect(try await rebuild(site, "--replace").ended.code == 0)
            #expect(try await rebuild(site).ended.code == 0)
            #expect(try kept(site).isEmpty == false)
            try await site.runUntilFinal([Self.first])
            try await Oracle(site: site, sandbox: sandbox).check([Self.first])
        }
    }

    @Test("A ledger that is no database any more, and one that is gone, are made anew")
    func damaged() async throws {
        try await withDifference { site, sandbox in
            let path = site.root + "/state/ledger.sqlite"
            try Scratch.put(String(repeating: "no database ", count: 800), at: path)
            #expect(try await rebuild(site).ended.code == 70)
            #expect(try await rebuild(site, "--replace").ended.code == 0)
            #expect(try await rebuild(site).report?["standing"] == "agrees")
            try FileManager.default.removeItem(atPath: path)
            #expect(try await rebuild(site).report?["standing"] == "absent")
            #expect(try await rebuild(site, "--replace").ended.code == 0)
            try await site.runUntilFinal([Self.first])
            try await Oracle(site: site, sandbox: sandbox).check([Self.first])
        }
    }

    @Test("A log put back from a backup replaces no ledger")
    func olderLog() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.run().code == 0)
            let files = FileManager.default
            for folder in ["audit", "state/keys"] {
                try files.copyItem(
                    atPath: site.root + "/" + folder,
                    toPath: scratch.folder + "/older-" + folder.replacing("/", with: "-"))
            }
            try site.drop(Self.first)
            #expect(try await site.run().code == 10)
            for folder in ["audit", "state/keys"] {
                try files.removeItem(atPath: site.root + "/" + folder)
                try files.copyItem(
                    atPath: scratch.folder + "/older-" + folder.replacing("/", with: "-"),
                    toPath: site.root + "/" + folder)
            }
            let ledger = try site.bytes("state/ledger.sqlite")
            for arguments in [[], ["--replace"]] {
                let ended = try await site.tool("rebuild", ["--json"] + arguments)
                #expect(ended.code == 70, "\(ended)")
                #expect(ended.output.contains("\"standing\":\"ahead\""), "\(ended)")
            }
            #expect(try site.bytes("state/ledger.sqlite") == ledger)
            // Nor is it gone on with: what it tells would be passed over, and sent again and again.
            for _ in 1...2 {
                let ended = try await site.run()
                #expect(ended.code == 70, "\(ended)")
                #expect(ended.errors.contains("put back from a backup"), "\(ended)")
            }
        }
    }

    @Test("Retention says what it would do, waits for a daemon, and takes nothing that is young")
    func retention() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.first)
            #expect(try await site.run().code == 10)
            for (arguments, code) in [
                (["--keep", "1d"], 0), (["--keep", "5y", "--dry-run", "--json"], 0),
                (["--keep", "never"], 64), ([], 64),
            ] as [([String], Int32)] {
                let ended = try await site.tool("retention", arguments)
                #expect(ended.code == code, "\(ended)")
                if code == 0 { #expect(ended.output.contains("nothing is sealed behind it")) }
            }
            let daemon = try site.daemon()
            try site.drop(Self.second)
            try await site.finals([Self.second], by: daemon)
            #expect(try await site.tool("retention", ["--keep", "5y"]).code == 75)
            #expect(try await site.tool("retention", ["--keep", "5y", "--dry-run"]).code == 0)
            daemon.send(SIGTERM)
            _ = try await daemon.end()
        }
    }
}
