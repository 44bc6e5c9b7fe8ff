import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct OutputTests {
    @Test("Output to a closed pipe changes neither the exit code nor the work")
    func closedPipe() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let mixed = Repository.sample("payouts-mixed.csv")
            let check = try await site.tool("check", [mixed], output: .closedPipe)
            #expect(check.code == 10, "\(check)")
            let batch = try Batch.samples()[0]
            try site.drop(batch)
            let run = try await site.tool("run", output: .closedPipe)
            #expect(run.code == 10, "\(run)")
            let status = try await site.tool("status", output: .closedPipe)
            #expect(status.code == 0, "\(status)")
            let verify = try await scratch.run(
                Binaries.auditlog, ["verify", "--log", site.root + "/audit"], output: .closedPipe)
            #expect(verify.code == 0, "\(verify)")
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("Output that cannot be written is told, costs success, and changes nothing of the work")
    func fullDisk() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 3)
            try site.drop(batch)
            let path = try scratch.write("again.csv", batch.text)
            for (command, words) in [
                ("run", []), ("status", ["--json"]), ("check", [path]),
            ] as [(String, [String])] {
                let ended = try await site.tool(command, words, output: .fullDisk)
                #expect(ended.code == 20, "\(command): \(ended)")
                #expect(ended.errors.contains("standard output cannot be written"), "\(ended)")
            }
            let template = try await scratch.run(
                Binaries.batchrunner, ["template", "payoutQueue"], output: .fullDisk)
            #expect(template.code == 20, "\(template)")
            let verify = try await scratch.run(
                Binaries.auditlog, ["verify", "--log", site.root + "/audit"], output: .fullDisk)
            #expect(verify.code == 1, "\(verify)")
            #expect(try sandbox.requests("payoutQueue") == 3)
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("A worse exit code than that of a full disk stays")
    func fullDiskAndWorse() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            try site.drop(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 1))
            let run = try await site.tool("run", output: .fullDisk)
            #expect(run.code == 40 && run.errors.contains("cannot be written"), "\(run)")
        }
    }

    @Test("With standard streams closed nothing that is said gets into the site's files")
    func closedStreams() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            func words(_ command: String) -> [String] {
                ["-c", "exec \"$@\" <&- >&- 2>&-", "sh", Binaries.batchrunner, command]
                    + ["--root", site.root]
            }
            let (first, second) = (
                Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 2),
                Batch.made("c.csv", id: "C-1", first: 20_000_000, count: 2)
            )
            // The first run tells the root key on standard error.
            try site.drop(first)
            let run = try await scratch.run("/bin/sh", words("run"))
            #expect(run.code == 0, "\(run)")
            let daemon = try scratch.start("/bin/sh", words("daemon"))
            try site.drop(second)
            try await site.finals([first, second], by: daemon)
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 0)
            for lock in ["state/lock", "state/keys/writer.lock"] {
                #expect(try site.bytes(lock).isEmpty, "\(lock)")
            }
            #expect(try await site.run().code == 0)
            try await Oracle(site: site, sandbox: sandbox).check([first, second])
        }
    }

    @Test("Everything --json prints is JSON")
    func json() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(sample: "payouts-mixed.csv")
            let run = try await site.run("--json")
            let report = try JSONValue(parsing: Array(run.output.utf8))
            #expect(report["exit"]?.integerValue == 10 && run.code == 10)
            #expect(report["sent"]?.integerValue == 26)
            for subject in [[], ["payouts-mixed.csv"], ["PAY-20261121-001"], ["SKY9926112101"]] {
                let status = try await site.tool("status", ["--json"] + subject)
                #expect(status.code == 0, "\(status)")
                _ = try JSONValue(parsing: Array(status.output.utf8))
            }
            let daemon = try scratch.start(
                Binaries.batchrunner, ["daemon", "--root", site.root, "--json"])
            try site.drop(sample: "payouts.json")
            try await site.finals([try Batch.sample("payouts.json", id: "")], by: daemon)
            daemon.send(SIGTERM)
            let lines = try await daemon.end().output.split(separator: "\n")
            #expect(lines.count >= 1)
            for line in lines { _ = try JSONValue(parsing: Array(line.utf8)) }
            let path = site.root + "/audit"
            let verify = try await scratch.run(
                Binaries.auditlog, ["verify", "--log", path, "--json"])
            #expect(verify.code == 0, "\(verify)")
            _ = try JSONValue(parsing: Array(verify.output.utf8))
        }
    }

    @Test(
        "What cannot be understood is a usage error, exit 64",
        arguments: [
            ["run", "--no-such-flag"], ["no-such-command"], ["check"], ["run", "one", "two"],
            ["check", "--faults=-1", "payouts.csv"], ["status", "--root", "/nowhere"],
            ["check", "--root", "/nowhere", "payouts.csv"], ["status", "--root", "/dev/null"],
        ])
    func usage(_ words: [String]) async throws {
        try await Scratch.with { scratch in
            let ended = try await scratch.run(Binaries.batchrunner, words)
            #expect(ended.code == 64, "\(ended)")
        }
    }

    @Test(
        "A configuration that cannot be used is one line with the remedy, exit 40",
        arguments: ["skypya: {}", "windows: [night]", "mode: live"])
    func configuration(_ line: String) async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9, more: line.hasPrefix("mode") ? "" : line)
            if line.hasPrefix("mode") {
                let path = site.root + "/batchrunner.yaml"
                let text = try site.text("batchrunner.yaml").replacing("mode: test", with: line)
                try Scratch.put(text, at: path)
                chmod(path, 0o600)
            }
            let ended = try await site.run()
            #expect(ended.code == 40, "\(ended)")
            #expect(ended.errors.hasPrefix("batchrunner: "))
            #expect(!site.exists("audit/log.json"))
        }
    }

    @Test("init prepares a site, and keeps a configuration that is there")
    func initialise() async throws {
        try await Scratch.with { scratch in
            let root = scratch.folder + "/new"
            let made = try await scratch.run(Binaries.batchrunner, ["init", "--root", root])
            #expect(made.code == 0, "\(made)")
            let path = root + "/batchrunner.yaml"
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            try Scratch.put("mode: test\n", at: path)
            let again = try await scratch.run(Binaries.batchrunner, ["init", "--root", root])
            #expect(again.code == 0)
            #expect(FileManager.default.contents(atPath: path) == Data("mode: test\n".utf8))
        }
    }

    @Test("A file whose 60,000 rows are all refused is answered in less than 100 MiB")
    func everyRowRefused() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            let rows = 60_000
            // Five faults in each row, made from bytes: character loops would take minutes.
            var bytes = Array("H,batch=LARGE-1,action=payoutQueue,mode=test\n".utf8)
            bytes += Array("C,controlNumber,name,phone,amount,accountNo,withdrawChannel\n".utf8)
            let after = Array(",Halimbawa,9171234567,100.50,,seven\n".utf8)
            for row in 0..<rows {
                bytes += Array("D,WRONG\(10_000_000 + row)".utf8)
                bytes += after
            }
            bytes += Array("T,count=\(rows),amount=\(Money.text(rows * 10_050))\n".utf8)
            try Scratch.put(bytes, at: site.inbox + "/large.csv")
            let run = try await site.tool("run", within: 180)
            #expect(run.code == 30, "\(run.output)\(run.errors)")
            #expect(
                (1..<100 * 1_048_576).contains(run.peakMemoryBytes),
                "\(run.peakMemoryBytes / 1_048_576) MiB")
            let table = try site.bytes("outbox/large.csv.rejected.csv")
            #expect(table.count { $0 == 0x0A } == rows + 3)
        }
    }
}
