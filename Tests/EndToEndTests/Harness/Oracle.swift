import Foundation
import OrderedJSON
import Testing

/// Judges a site and its provider from outside: only the dropped batches, the provider's ledger and
/// the files of the site. Knows nothing of the runner's code.
struct Oracle {
    /// How far the batches have come.
    enum Stage { case result, final }

    let site: Site
    let sandbox: Sandbox

    /// Everything that must hold when nothing is open any more.
    func check(_ batches: [Batch], stage: Stage = .final, finalOutcome: String = "paid")
        async throws
    {
        try money(batches)
        for batch in batches {
            try acknowledgement(batch)
            try document(batch, "result", outcomes: ["accepted", "paid"])
            if stage == .final { try document(batch, "final", outcomes: [finalOutcome]) }
            try rejectedRows(batch)
        }
        try tidy()
        try await audit()
    }

    /// Each good row's money moved once and in the right amount, and no other money at all.
    func money(_ batches: [Batch]) throws {
        let applied = try sandbox.ledger().filter { $0.applied > 0 }
        #expect(applied.filter { $0.applied != 1 }.map(\.controlNumber) == [])
        let moved = Dictionary(applied.map { ($0.controlNumber, $0.amount ?? "") }) { $0 + $1 }
        let rows = batches.flatMap(\.good)
        let owed = Dictionary(rows.map { ($0.controlNumber, $0.amount) }) { $0 + $1 }
        #expect(moved == owed)
    }

    private func acknowledgement(_ batch: Batch) throws {
        let ack = try site.response(batch.name + ".ack.json")
        #expect(ack["verdict"]?.stringValue == (batch.bad.isEmpty ? "accepted" : "partial"))
        #expect(ack["batch"]?.stringValue == batch.id)
        let parts = [("total", batch.rows), ("accepted", batch.good), ("rejected", batch.bad)]
        for (name, rows) in parts {
            #expect(ack["counts"]?[name]?.integerValue == rows.count, "\(batch.name) \(name)")
            #expect(ack["amounts"]?[name]?.stringValue == Money.text(Money.sum(rows)))
        }
        #expect(ack["audit"]?["checkpoint"]?.stringValue?.isEmpty == false)
    }

    /// Every accepted row once, in its order; the figures add up; the CSV twin says the same.
    private func document(_ batch: Batch, _ kind: String, outcomes: Set<String>) throws {
        let name = "\(batch.name).\(kind)"
        let json = try site.response(name + ".json")
        let rows = json["rows"]?.arrayValue ?? []
        #expect(rows.map { $0["controlNumber"]?.stringValue } == batch.good.map(\.controlNumber))
        #expect(rows.map { $0["amount"]?.stringValue } == batch.good.map(\.amount))
        #expect(rows.allSatisfy { outcomes.contains($0["outcome"]?.stringValue ?? "") }, "\(name)")
        #expect(rows.allSatisfy { ($0["attempts"]?.integerValue ?? 0) >= 1 })
        try conservation(json, batch)
        let table = CSVReading.table(try site.text("outbox/" + name + ".csv"))
        for column in ["line", "controlNumber", "outcome", "responseCode", "at", "amount"] {
            #expect(
                table.map { $0[column] ?? "" } == rows.map { $0[column]?.scalarText ?? "" },
                "\(name).csv \(column)")
        }
    }

    private func conservation(_ json: JSONValue, _ batch: Batch) throws {
        let figures = try #require(json["conservation"])
        #expect(figures["balanced"]?.booleanValue == true)
        #expect(figures["in"]?["rows"]?.integerValue == batch.rows.count)
        #expect(figures["in"]?["amount"]?.stringValue == Money.text(Money.sum(batch.rows)))
        let out = figures["out"]?.objectValue?.members.map(\.value) ?? []
        #expect(out.reduce(0) { $0 + ($1["rows"]?.integerValue ?? 0) } == batch.rows.count)
        let money = out.reduce(0) { $0 + Money.centavos($1["amount"]?.stringValue ?? "") }
        #expect(money == Money.sum(batch.rows))
    }

    private func rejectedRows(_ batch: Batch) throws {
        let path = "outbox/\(batch.name).rejected.csv"
        guard !batch.bad.isEmpty else {
            #expect(!site.exists(path))
            return
        }
        let lines = try site.text(path).split(separator: "\n").filter { $0.hasPrefix("D,") }
        let numbers = lines.map { CSVReading.cells(String($0))[1] }
        #expect(numbers == batch.bad.map(\.controlNumber))
    }

    /// Nothing is left where something was only passing through.
    func tidy() throws {
        let inbox = try FileManager.default.contentsOfDirectory(atPath: site.inbox)
        #expect(inbox.filter { $0 != ".claimed" } == [])
        #expect(try site.snapshot("inbox/.claimed").isEmpty)
        #expect(try site.snapshot("state/staging").isEmpty)
        let names = try site.outboxNames()
        #expect(names.filter { $0.hasPrefix(".") || $0.hasSuffix(".writing") } == [])
        #expect(names.filter { $0.hasSuffix(".status.json") } == [])
    }

    /// The log reads with zcat, is whole, and holds an intent for every request the provider saw.
    func audit() async throws {
        let events = try await site.events()
        #expect(events.map { $0["seq"]?.integerValue } == Array(0..<events.count))
        let times = events.compactMap { $0["time"]?.stringValue }
        #expect(times == times.sorted() && times.count == events.count)
        let intended = events.filter { $0["type"]?.stringValue == "payout.intended" }
        let hashes = Set(intended.compactMap { $0["data"]?["bodySha256"]?.stringValue })
        for payout in try sandbox.ledger() {
            #expect(hashes.isSuperset(of: payout.bodies), "no intent for \(payout.controlNumber)")
        }
        let verified = try await site.verify()
        #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
    }

    /// A further run sends nothing and leaves every response as it was.
    func repeats(exit code: Int32) async throws {
        let before = try site.snapshot("outbox")
        let sent = try sandbox.requests("payoutQueue")
        let again = try await site.run()
        #expect(again.code == code, "\(again.output)\(again.errors)")
        #expect(try sandbox.requests("payoutQueue") == sent)
        let after = try site.snapshot("outbox")
        for (name, bytes) in before { #expect(after[name] == bytes, "\(name) was changed") }
    }
}

extension Site {
    /// `auditlog verify` on the site's log.
    func verify() async throws -> Ended {
        try await scratch.run(Binaries.auditlog, ["verify", "--log", root + "/audit"])
    }

    /// True when these responses of every batch lie in the outbox.
    func has(_ suffixes: [String], of batches: [Batch]) -> Bool {
        batches.allSatisfy { batch in
            suffixes.allSatisfy { exists("outbox/" + batch.name + $0) }
        }
    }

    /// Runs until every batch has its final file; the runs' exit codes.
    @discardableResult
    func runUntilFinal(_ batches: [Batch], within seconds: Int = 90) async throws -> [Int32?] {
        var codes: [Int32?] = []
        _ = try await eventually(within: seconds, "final files") { () -> Bool? in
            codes.append(try await run().code)
            return has([".final.json", ".final.csv"], of: batches) ? true : nil
        }
        return codes
    }

    /// Waits until a daemon has written every batch's final file.
    func finals(_ batches: [Batch], by daemon: Child, within seconds: Int = 90) async throws {
        _ = try await eventually(within: seconds, "the daemon's final files") { () -> Bool? in
            if let ended = daemon.result {
                throw HarnessFailure("the daemon ended: \(ended)")
            }
            return has([".final.json", ".final.csv"], of: batches) ? true : nil
        }
    }
}
