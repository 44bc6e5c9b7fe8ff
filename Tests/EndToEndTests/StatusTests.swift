import Foundation
import OrderedJSON
import Testing

/// `status` is asked when somebody is about to pay by hand: it may say that it cannot tell, never that
/// nothing was sent.
@Suite(.fewAtATime)
struct StatusTests {
    @Test("Of a site that paid, nobody is told that nothing was run, sent or used")
    func withoutLedger() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let fresh = try await site.tool("status")
            #expect(fresh.code == 0 && fresh.errors.contains("nothing was ever run"), "\(fresh)")
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 2)
            let number = batch.rows[0].controlNumber
            #expect(try await site.tool("status", [number]).code == 64)
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            for name in try site.snapshot("state").keys where name.hasPrefix("ledger.sqlite") {
                try FileManager.default.removeItem(atPath: site.root + "/state/" + name)
            }
            for words in [[], [number], ["--json", number]] {
                let status = try await site.tool("status", words)
                #expect(status.code == 20 && status.output.isEmpty, "\(status)")
                #expect(status.errors.contains("from the audit log: ask then"), "\(status)")
            }
            let path = try scratch.write("again.csv", batch.text)
            let check = try await site.tool("check", ["--json", path])
            let report = try JSONValue(parsing: Array(check.output.utf8))
            #expect(check.code == 20 && report["verdict"] == "accepted", "\(check)")
            #expect(report["note"]?.stringValue?.contains("used before is not known") == true)
            #expect(check.errors.contains("used before is not known"), "\(check)")
            #expect(try await site.tool("reconcile").code == 20)
            #expect(try await site.run().code == 0)
            let status = try await site.tool("status", ["--json", number])
            let row = try JSONValue(parsing: Array(status.output.utf8))
            #expect(status.code == 0 && row["moneySent"] == "yes, paid", "\(status)")
            #expect(try await site.tool("check", [path]).code == 0)
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }
}
