import Foundation
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct MainJobTests {
    @Test("The samples are paid once, answered in full, and a second run changes nothing")
    func samples() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batches = try Batch.samples()
            try dropAll(into: site)
            let first = try await site.run()
            #expect(first.code == 30, "\(first.output)\(first.errors)")
            for name in Self.firstNames { #expect(site.exists("outbox/" + name), "\(name)") }
            #expect(try site.response("rejected-whole.csv.ack.json")["verdict"] == "rejected")
            let oracle = Oracle(site: site, sandbox: sandbox)
            try await oracle.check(batches, stage: .result)
            try await oracle.repeats(exit: 30)
            #expect(Set(try await site.runUntilFinal(batches)) == [30])
            try await oracle.check(batches)
            try await oracle.repeats(exit: 30)
        }
    }

    @Test("The samples dropped again are duplicates, and nothing is sent twice")
    func again() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batches = try Batch.samples()
            try dropAll(into: site)
            _ = try await site.runUntilFinal(batches)
            let before = try site.snapshot("outbox")
            let sent = try sandbox.requests("payoutQueue")
            try dropAll(into: site)
            #expect(try await site.run().code == 30)
            for batch in batches {
                let ack = try site.response(batch.name + "~2.ack.json")
                #expect(ack["verdict"] == "duplicate")
                let earlier = try site.response(batch.name + ".ack.json")["fileId"]
                #expect(ack["duplicateOf"] == earlier)
            }
            #expect(try site.response("rejected-whole.csv~2.ack.json")["verdict"] == "rejected")
            #expect(try sandbox.requests("payoutQueue") == sent)
            try await Oracle(site: site, sandbox: sandbox).check(batches)
            let after = try site.snapshot("outbox")
            for (name, bytes) in before { #expect(after[name] == bytes, "\(name) was changed") }
        }
    }

    @Test("Times in responses are RFC 3339 in +08:00")
    func times() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = try Batch.sample("payouts.json", id: "PAY-20261121-002")
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            let form = /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?\+08:00/
            let received = try site.response(batch.name + ".ack.json")["receivedAt"]?.stringValue
            var times = [received]
            for kind in ["result", "final"] {
                let rows = try site.response("\(batch.name).\(kind).json")["rows"]?.arrayValue
                times += (rows ?? []).map { $0["at"]?.stringValue }
            }
            #expect(times.count == 11)
            for time in times { #expect((time ?? "").wholeMatch(of: form) != nil, "\(time ?? "")") }
        }
    }

    private func dropAll(into site: Site) throws {
        let names = ["payouts-plain.csv.ctl", "payouts-plain.csv", "payouts-mixed.csv"]
        for name in names + ["payouts.json", "rejected-whole.csv", "finance-notification.json"] {
            try site.drop(sample: name)
        }
    }

    private static let firstNames =
        ["payouts-mixed.csv", "payouts.json", "payouts-plain.csv"].flatMap { name in
            [".ack.json", ".result.json", ".result.csv"].map { name + $0 }
        } + [
            "payouts-mixed.csv.rejected.csv", "rejected-whole.csv.ack.json",
            "finance-notification.json.response.json",
        ]
}
