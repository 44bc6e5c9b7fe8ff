import Foundation
import OrderedJSON
import Testing

/// Does everything add up? Files, rows and money of the site, and SkyPay's report beside its ledger.
@Suite(.fewAtATime)
struct ReconcileTests {
    private static let batch = Batch.made(
        "b.csv", id: "B-1", first: 10_000_000, count: 6, badRows: [2])

    /// A site all of whose payouts are paid.
    private func paid(_ body: (Site, Sandbox, _ day: String) async throws -> Void) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.batch)
            try await site.runUntilFinal([Self.batch])
            let received = try site.response("b.csv.ack.json")["receivedAt"]?.stringValue
            try await body(site, sandbox, String(try #require(received).prefix(10)))
        }
    }

    private func reconcile(
        _ site: Site, _ arguments: String...
    ) async throws -> (code: Int32?, report: JSONValue) {
        let ended = try await site.tool("reconcile", ["--json"] + arguments)
        return (ended.code, try JSONValue(parsing: Array(ended.output.utf8)))
    }

    private func differences(_ report: JSONValue) -> [String] {
        (report["differences"]?.arrayValue ?? []).map { difference in
            "\(difference["kind"]?.stringValue ?? "") "
                + "\(difference["controlNumber"]?.stringValue ?? "")"
        }
    }

    @Test("Rows and money in are rows and money out, and SkyPay's report says the same")
    func agrees() async throws {
        try await paid { site, sandbox, day in
            let (code, report) = try await reconcile(site)
            #expect(code == 0, "\(report)")
            let figures = report["days"]?.arrayValue?.first
            #expect(figures?["day"]?.stringValue == day)
            #expect(figures?["in"]?["rows"]?.integerValue == 6)
            #expect(figures?["out"]?["paid"]?["rows"]?.integerValue == 5)
            #expect(figures?["out"]?["rejected"]?["rows"]?.integerValue == 1)
            let (asked, compared) = try await reconcile(site, "--day", day)
            #expect(asked == 0, "\(compared)")
            let skypay = compared["skypay"]
            #expect(skypay?["rows"]?.integerValue == 5)
            #expect(skypay?["amount"] == skypay?["ledgerAmount"])
            // Nothing of this site hangs on what counters take in, so nobody asks.
            #expect(compared["collections"] == nil && compared["notCompared"] == [])
            #expect(try sandbox.requests("getReportCollection") == 0)
            let page = try await site.tool("reconcile", ["--date", day])
            #expect(page.code == 0 && page.output.contains("Everything agrees."), "\(page)")
        }
    }

    @Test("A payout we never asked for, one the report lacks and one it has twice are named")
    func differs() async throws {
        try await paid { site, sandbox, day in
            let stranger = Batch.made("x.csv", id: "X-1", first: 30_000_000, count: 1)
            let other = try Site(site.scratch, port: sandbox.port, name: "other")
            try other.drop(stranger)
            try await other.runUntilFinal([stranger])
            let (code, report) = try await reconcile(site, "--day", day)
            #expect(code == 20)
            #expect(differences(report) == ["not-ours " + stranger.rows[0].controlNumber])

            // The other site knows nothing of ours either.
            let ours = Self.batch.good.map(\.controlNumber)
            let (_, theirs) = try await reconcile(other, "--day", day)
            #expect(differences(theirs) == ours.map { "not-ours " + $0 })

            try sandbox.fault("getReportPayout:missing:1:control=" + ours[0])
            let (lacking, lacks) = try await reconcile(site, "--day", day)
            #expect(lacking == 20)
            #expect(Set(differences(lacks)).contains("not-reported " + ours[0]), "\(lacks)")
            try sandbox.clearFaults()
            try sandbox.fault("getReportPayout:doubled:1:control=" + ours[1])
            let (_, twice) = try await reconcile(site, "--day", day)
            #expect(Set(differences(twice)).contains("twice " + ours[1]), "\(twice)")
        }
    }

    @Test("Without SkyPay, without a ledger, and without a day there is a code for each")
    func codes() async throws {
        try await paid { site, sandbox, day in
            #expect(try await site.tool("reconcile", ["--day", "yesterday"]).code == 64)
            try await sandbox.stop()
            let (code, report) = try await reconcile(site, "--day", day)
            #expect(code == 40 && report["problem"] != nil)
            #expect(try await reconcile(site).code == 0)
            let empty = try Site(site.scratch, port: sandbox.port, name: "empty")
            #expect(try await empty.tool("reconcile").code == 64)
        }
    }

    @Test(
        "A report that cannot be compared whole is not compared, and the code says what to do",
        arguments: [
            (#"{"totalTransaction":450,"lastPage":5,"result":null}"#, 40, "did not come"),
            (#"{"totalTransaction":450,"result":[]}"#, 40, "did not come"),
            (#"{"responseCode":"-1002"}"#, 40, "refused with -1002"),
            (#"{"lastPage":1,"result":[{"controlNo":"SKY991","amount":1}]}"#, 20, "createDate"),
            (#"{"lastPage":1,"result":[{"createDate":"2026-11-21"}]}"#, 20, "without a number"),
        ] as [(String, Int32, String)])
    func unread(_ answer: String, _ code: Int32, _ reason: String) async throws {
        try await Scratch.with { scratch in
            let provider = try ScriptedProvider([answer])
            defer { provider.stop() }
            let site = try Site(scratch, port: provider.port)
            #expect(try await site.run().code == 0)
            let (ended, report) = try await reconcile(site, "--day", "2026-11-21")
            #expect(ended == code, "\(report)")
            #expect(report["problem"]?.stringValue?.contains(reason) == true, "\(report)")
            #expect(report["notCompared"]?.arrayValue?.count == 1 && report["skypay"] == nil)
        }
    }

    @Test("What SkyPay paid and the ledger does not know yet is open until a query has asked")
    func open() async throws {
        try await Scratch.with { scratch in
            let number = Self.batch.rows[0].controlNumber
            let sandbox = try await Sandbox.start(
                scratch, ["--fault", "payoutQueue:code-after:-1009:1:control=\(number)"])
            let site = try Site(
                scratch, port: sandbox.port,
                skypay: ["queryAfterSeconds": "3600", "queryEverySeconds": "3600"])
            try site.drop(Self.batch)
            #expect(try await site.run().code == 20)
            let received = try site.response("b.csv.ack.json")["receivedAt"]?.stringValue
            let day = String(try #require(received).prefix(10))
            let (code, report) = try await reconcile(site, "--day", day)
            #expect(code == 20)
            #expect(Set(differences(report)).contains("open " + number), "\(report)")
            #expect(
                report["days"]?.arrayValue?.first?["out"]?["unknown"]?["rows"]?.integerValue == 1)
            #expect(try await reconcile(site).code == 0)
        }
    }
}
