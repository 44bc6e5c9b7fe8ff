import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct CheckTests {
    private static let samples: [(String, Int32)] = [
        ("payouts.json", 0), ("payouts-plain.csv", 0), ("payouts-mixed.csv", 10),
        ("rejected-whole.csv", 30), ("payout-callback.json", 0), ("payout-callback.txt", 0),
        ("README.md", 30),
    ]

    @Test("check tells the exit code of a run and writes nothing", arguments: samples)
    func exitCode(_ name: String, _ code: Int32) async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            let before = try site.snapshot(".")
            let check = try await site.tool("check", ["--json", Repository.sample(name)])
            #expect(check.code == code, "\(check)")
            #expect(try JSONValue(parsing: Array(check.output.utf8))["verdict"] != nil)
            #expect(try site.snapshot(".") == before)
            let folders = try FileManager.default.contentsOfDirectory(atPath: site.root)
            #expect(folders.sorted() == ["batchrunner.yaml", "inbox"])
        }
    }

    @Test("With intake.onRowFault reject-batch, check rejects what a run rejects")
    func rejectBatch() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            let check = try await site.tool(
                "check", ["--json", Repository.sample("payouts-mixed.csv")],
                environment: ["INTAKE_ON_ROW_FAULT": "reject-batch"])
            #expect(check.code == 30, "\(check)")
            let report = try JSONValue(parsing: Array(check.output.utf8))
            #expect(report["verdict"] == "rejected")
            #expect(report["reason"]?.stringValue?.contains("intake.onRowFault") == true)
        }
    }

    @Test("The worst of several files decides")
    func several() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            let names = ["payouts.json", "rejected-whole.csv", "payouts-mixed.csv"]
            let check = try await site.tool("check", names.map(Repository.sample))
            #expect(check.code == 30, "\(check)")
        }
    }

    @Test("check knows what was taken before, and leaves the ledger alone")
    func besideLedger() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(sample: "payouts.json")
            try await site.runUntilFinal([try Batch.sample("payouts.json", id: "")])
            let before = try site.snapshot(".")
            let check = try await site.tool("check", ["--json", Repository.sample("payouts.json")])
            #expect(check.code == 0)
            #expect(try JSONValue(parsing: Array(check.output.utf8))["verdict"] == "duplicate")
            let after = try site.snapshot(".")
            #expect(after.keys.sorted() == before.keys.sorted())
            let changed = before.filter { after[$0.key] != $0.value }.keys.sorted()
            #expect(changed.isEmpty)
        }
    }

    @Test(
        "The same rows under another side file are another batch, to check as to a run",
        arguments: [
            ("PAY-20261121-003", "PAY-20261121-004", nil), ("  ", "    ", "batch-id-used"),
        ] as [(String, String, String?)])
    func otherSideFile(_ old: String, _ new: String, _ fault: String?) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let name = "payouts-plain.csv"
            try site.drop(sample: name + ".ctl")
            try site.drop(sample: name)
            try await site.runUntilFinal([try Batch.sample(name, id: "")])
            func check(_ path: String) async throws -> (code: Int32?, report: JSONValue) {
                let ended = try await site.tool("check", ["--json", path])
                return (ended.code, try JSONValue(parsing: Array(ended.output.utf8)))
            }
            let same = try await check(Repository.sample(name))
            #expect(same.code == 0 && same.report["verdict"] == "duplicate")
            let rows = try String(contentsOfFile: Repository.sample(name), encoding: .utf8)
            let side = try String(contentsOfFile: Repository.sample(name + ".ctl"), encoding: .utf8)
                .replacing(old, with: new)
            try Scratch.put(rows, at: scratch.folder + "/other.csv")
            try Scratch.put(side, at: scratch.folder + "/other.csv.ctl")
            let other = try await check(scratch.folder + "/other.csv")
            #expect(other.code == 30 && other.report["verdict"] == "rejected", "\(other)")
            if let fault {
                #expect(other.report["faults"]?.arrayValue?.first?["code"]?.stringValue == fault)
            }
            try site.drop("other.csv.ctl", side)
            try site.drop("other.csv", rows)
            #expect(try await site.run().code == 30, "as check said")
            #expect(try site.response("other.csv.ack.json")["verdict"] == "rejected")
        }
    }

    @Test("A file of 300,000 rows is checked in less than 100 MiB")
    func large() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            let path = scratch.folder + "/large.csv"
            try writeLarge(path, rows: 300_000)
            let begin = ContinuousClock.now
            let check = try await site.tool("check", ["--json", path], within: 120)
            let report = try JSONValue(parsing: Array(check.output.utf8))
            #expect(check.code == 0, "\(report["reason"] ?? "")")
            #expect(report["totals"]?["accepted"]?["rows"]?.integerValue == 300_000)
            #expect((1..<100 * 1_048_576).contains(check.peakMemoryBytes))
            print(
                "check of 300,000 rows: \(ContinuousClock.now - begin),",
                "peak \(check.peakMemoryBytes / 1_048_576) MiB")
        }
    }

    /// Rows like those of the samples, made from bytes: character loops would take minutes.
    private func writeLarge(_ path: String, rows: Int) throws {
        var bytes = Array("H,batch=LARGE-1,action=payoutQueue,mode=test\n".utf8)
        bytes += Array("C,controlNumber,name,phone,amount,accountNo,withdrawChannel\n".utf8)
        let after = Array(",\"Halimbawa,Uno,Test\",09171234567,100.50,09171234567,6\n".utf8)
        bytes.reserveCapacity(rows * 80)
        for row in 0..<rows {
            bytes += Array("D,SKY99\(10_000_000 + row)".utf8)
            bytes += after
        }
        bytes += Array("T,count=\(rows),amount=\(Money.text(rows * 10_050))\n".utf8)
        try Scratch.put(bytes, at: path)
    }
}
