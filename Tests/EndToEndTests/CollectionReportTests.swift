import Foundation
import OrderedJSON
import Testing

/// getReportCollection over collections that the sandbox really has: some made just now with the
/// vendor's test tool against the runner's counter, the others in an earlier life of the sandbox.
@Suite(.fewAtATime)
struct CollectionReportTests {
    private static let day = "2020-01-02"

    /// A sandbox's ledger with collections of 1.01, 1.02 … to 1.99 and again from 1.00.
    private func history(_ scratch: Scratch, count: Int) throws -> String {
        let folder = scratch.folder + "/history"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        var lines = [#"{"event":"opened","balance":"1000.00"}"#]
        lines.reserveCapacity(count + 1)
        for row in 1...count {
            let number = String(10_000_000 + row)
            lines.append(
                #"{"event":"collected","contractNumber":"SKY99"# + number
                    + #"","amount":"1."# + Self.cents(row)
                    + #"","phone":"09191234567","receiptNumber":"R"# + number
                    + #"","channel":"10","collectedTime":""# + Self.day
                    + #" 10:00:00","at":1577930400000000}"#)
        }
        try Scratch.put(lines.joined(separator: "\n") + "\n", at: folder + "/ledger.jsonl")
        return folder
    }

    private static func cents(_ row: Int) -> String {
        (row % 100 < 10 ? "0" : "") + String(row % 100)
    }

    private static func centavos(ofFirst count: Int) -> Int {
        (1...count).reduce(0) { $0 + 100 + $1 % 100 }
    }

    private static func report(_ id: String, from: String = day, to: String = day) -> String {
        ActionBatch.json(
            id, "getReportCollection",
            [
                [
                    "startDate": .string(from), "endDate": .string(to),
                    "dateType": "CollectedTime",
                ]
            ])
    }

    /// Two contracts collected now: inquiry and confirmation through the runner's own counter.
    private func collectNow(_ scratch: Scratch, _ sandbox: Sandbox, _ site: Site) async throws {
        let daemon = try site.daemon()
        let items: [JSONObject] = ["SKY9990000001", "SKY9990000002"].map {
            [
                "contractNumber": .string($0), "amount": "300.00", "payerName": "Bayad,Uno",
                "payerAddress": "4 Halimbawa St, Pasig", "payerPhone": "09191234567",
            ]
        }
        try site.drop(
            "reg.json", ActionBatch.json("REG-1", "registerCollection", items, amount: "600.00"))
        _ = try await eventually("the registrations' result") { () -> Bool? in
            site.exists("outbox/reg.json.result.json") ? true : nil
        }
        for number in ["SKY9990000001", "SKY9990000002"] {
            let done = try await scratch.run(
                Binaries.sandbox,
                [
                    "collect", number, "--amount", "300.00", "--phone", "09191234567", "--port",
                    String(sandbox.port), "--folder", site.inbox, "--answers", site.outbox,
                ])
            #expect(done.code == 0, "\(done.output) \(done.errors)")
        }
        daemon.send(SIGTERM)
        _ = try await daemon.end()
    }

    @Test("Every collection of several pages is told once, and their money adds up, in both forms")
    func pages() async throws {
        try await Scratch.with { scratch in
            let past = 248
            let sandbox = try await Sandbox.start(
                scratch, ["--state", try history(scratch, count: past)])
            let site = try Site(scratch, port: sandbox.port)
            try await collectNow(scratch, sandbox, site)
            // A page without an answer is asked for again.
            try sandbox.fault("getReportCollection:drop-after:1:nth=2")
            let run = try await site.runWith(
                "k.json", Self.report("R-1", from: "2020-01-01", to: "2099-12-31"))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            let row = try site.rows("k.json.result.json")[0]
            #expect(row["entries"]?.integerValue == past + 2)
            let entries = row["answer"]?.arrayValue ?? []
            let numbers = entries.compactMap { $0["contractNo"]?.stringValue }
            #expect(Set(numbers).count == past + 2 && numbers.count == past + 2)
            #expect(numbers.contains("SKY9990000002"))
            #expect(entries.allSatisfy { $0["status"] == "Confirmed" })
            let expected = Self.centavos(ofFirst: past) + 60_000
            let sum = entries.reduce(0) {
                $0 + Money.centavos($1["amount"]?.scalarText ?? "0.00")
            }
            #expect(sum == expected)
            let table = CSVReading.table(try site.text("outbox/k.json.result.csv"))
            #expect(table.map { $0["contractNo"] ?? "" } == numbers)
            #expect(table.reduce(0) { $0 + Money.centavos($1["amount"] ?? "0.00") } == expected)
            // Four requests: three pages, one of them twice.
            #expect(try sandbox.requests("getReportCollection") == 4)
            // The days decide: those collected today alone.
            let today = try await site.runWith(
                "d.json", Self.report("R-2", from: "2020-01-03", to: "2099-12-31"))
            #expect(today.code == 0, "\(today.output)\(today.errors)")
            #expect(try site.rows("d.json.result.json")[0]["entries"]?.integerValue == 2)
            #expect(try await site.verify().code == 0)
        }
    }

    @Test("A report of 100,000 collections is read page by page in bounded memory")
    func large() async throws {
        try await Scratch.with { scratch in
            let count = 100_000
            let sandbox = try await Sandbox.start(
                scratch, ["--state", try history(scratch, count: count)])
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("k.json", Self.report("R-1"))
            let begin = ContinuousClock.now
            let run = try await site.tool("run", within: 600)
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect((1..<100 * 1_048_576).contains(run.peakMemoryBytes))
            print(
                "report of 100,000 collections: \(ContinuousClock.now - begin), peak",
                "\(run.peakMemoryBytes / 1_048_576) MiB")
            // The figures of the provider and of the table, without reading either whole.
            let table = try site.bytes("outbox/k.json.result.csv")
            #expect(table.count { $0 == 0x0A } == count + 1)
            #expect(try sandbox.requests("getReportCollection") == count / 100)
            let stored = try site.snapshot("state/answers").values.first ?? []
            #expect(stored.count { $0 == 0x0A } == count)
        }
    }
}
