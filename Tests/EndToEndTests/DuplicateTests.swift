import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct DuplicateTests {
    private static let first = Batch.made("first.csv", id: "B-1", first: 10_000_000, count: 4)

    /// A site on which the first batch is done, and the number of payouts sent for it.
    private func afterFirst(
        _ body: (Site, Sandbox) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.first)
            #expect(try await site.run().code == 0)
            try await body(site, sandbox)
        }
    }

    @Test("The same content under another name is a duplicate with the stored answer, exit 0")
    func sameContent() async throws {
        try await afterFirst { site, sandbox in
            try site.drop("other.csv", Self.first.text)
            #expect(try await site.run().code == 0)
            let ack = try site.response("other.csv.ack.json")
            #expect(ack["verdict"] == "duplicate")
            #expect(ack["original"]?["file"] == "first.csv")
            #expect(!site.exists("outbox/other.csv.result.json"))
            #expect(try sandbox.requests("payoutQueue") == 4)
        }
    }

    @Test("The same batch id with other content is rejected, exit 30")
    func sameBatch() async throws {
        try await afterFirst { site, sandbox in
            try site.drop(Batch.made("other.csv", id: "B-1", first: 20_000_000, count: 2))
            #expect(try await site.run().code == 30)
            let ack = try site.response("other.csv.ack.json")
            #expect(ack["verdict"] == "rejected")
            #expect(ack["reason"]?.stringValue?.contains("B-1") == true)
            #expect(try sandbox.requests("payoutQueue") == 4)
        }
    }

    @Test("A control number of an earlier file is rejected, the other rows go on")
    func usedBefore() async throws {
        try await afterFirst { site, sandbox in
            var second = Batch.made("second.csv", id: "B-2", first: 20_000_000, count: 3)
            second.rows[1].controlNumber = Self.first.rows[2].controlNumber
            second.text = Batch.csv(id: "B-2", second.rows)
            second.rows[1].isBad = true
            try site.drop(second)
            #expect(try await site.run().code == 10)
            try await site.runUntilFinal([Self.first, second])
            try await Oracle(site: site, sandbox: sandbox).check([Self.first, second])
            let faults = try site.response("second.csv.ack.json")["faults"]?.arrayValue ?? []
            #expect(faults.map { $0["field"]?.stringValue } == ["controlNumber"])
            #expect(faults.map { $0["line"]?.integerValue } == [4])
        }
    }

    @Test("Two rows with one control number are both rejected")
    func twice() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            var batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 4)
            batch.rows[3].controlNumber = batch.rows[0].controlNumber
            batch.text = Batch.csv(id: "B-1", batch.rows)
            batch.rows[0].isBad = true
            batch.rows[3].isBad = true
            try site.drop(batch)
            #expect(try await site.run().code == 10)
            try await site.runUntilFinal([batch])
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test(
        "Rejected rows, corrected and dropped again, are paid once, be they numbered or not",
        arguments: [nil, 118] as [Int?])
    func corrected(_ number: Int?) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(
                scratch, port: sandbox.port,
                more: number == nil ? "" : "senders: {default: {sequence: true}}")
            var batch = Batch.made(
                "b.csv", id: "B-1", first: 10_000_000, count: 5, badRows: [1, 3])
            let stated = number.map { ",sequence=\($0)" } ?? ""
            batch.text = batch.text.replacing("mode=test\n", with: "mode=test\(stated)\n")
            try site.drop(batch)
            #expect(try await site.run().code == 10)
            let next = number.map { ",sequence=\($0 + 1)" } ?? ""
            let blank = number.map { _ in ",sequence=" } ?? ""
            let refused = try site.text("outbox/b.csv.rejected.csv")
            #expect(refused.hasPrefix("H,batch=,action=payoutQueue,mode=test\(blank)\nC,"))
            let text =
                refused
                .replacing("batch=,", with: "batch=B-1-again,")
                .replacing("mode=test\(blank)\n", with: "mode=test\(next)\n")
                .replacing(",9171234567,", with: ",09171234567,")
            let rows = batch.bad.map { row in
                Batch.Row(controlNumber: row.controlNumber, amount: row.amount)
            }
            let again = Batch(name: "again.csv", id: "B-1-again", rows: rows, text: text)
            try site.drop(again)
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([batch, again])
            try await Oracle(site: site, sandbox: sandbox).check([batch, again])
        }
    }

    @Test("Several files dropped at once with one content are paid once")
    func atOnce() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            for name in ["a.csv", "b.csv", "c.csv"] { try site.drop(name, Self.first.text) }
            #expect(try await site.run().code == 0)
            let verdicts = try ["a.csv", "b.csv", "c.csv"].map {
                try site.response($0 + ".ack.json")["verdict"]?.stringValue ?? ""
            }
            #expect(verdicts.sorted() == ["accepted", "duplicate", "duplicate"])
            try Oracle(site: site, sandbox: sandbox).money([Self.first])
        }
    }
}
