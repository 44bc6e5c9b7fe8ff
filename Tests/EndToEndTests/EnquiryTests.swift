import Foundation
import OrderedJSON
import Testing

/// Questions to SkyPay: balance, status, reports, notifications, catalogs.
@Suite(.fewAtATime)
struct EnquiryTests {
    private static let day = "2026-01-01"
    private static let endOfTime = "2099-12-31"

    private func site(
        _ scratch: Scratch, _ arguments: [String] = [], skypay: [String: String] = [:]
    ) async throws -> (Site, Sandbox) {
        let sandbox = try await Sandbox.start(scratch, arguments)
        return (try Site(scratch, port: sandbox.port, skypay: skypay), sandbox)
    }

    @Test("balanceQuery, from CSV without columns and from JSON: the answer as SkyPay gave it")
    func balance() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(scratch, ["--balance", "777.50"])
            try site.drop("a.csv", ActionBatch.csv("B-1", "balanceQuery", [], [[]]))
            let run = try await site.runWith(
                "b.json", ActionBatch.json("B-2", "balanceQuery", [[:]]))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            for name in ["a.csv", "b.json"] {
                let row = try site.rows(name + ".result.json")[0]
                #expect(row["outcome"] == "answered")
                #expect(row["responseCode"] == "1000")
                #expect(row["answer"]?["balance"]?.scalarText == "777.50")
                #expect(try site.outcomes(name + ".final.json") == ["answered"])
            }
            let table = CSVReading.table(try site.text("outbox/a.csv.result.csv"))
            #expect(table.map { $0["balance"] } == ["777.50"])
            #expect(try sandbox.requests("balanceQuery") == 2)
            #expect(try await site.verify().code == 0)
        }
    }

    @Test(
        "A question without an answer is asked again until there is one",
        arguments: ["drop-before", "code:-9999", "http-500", "garbled"])
    func again(_ kind: String) async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(scratch)
            try sandbox.fault("balanceQuery:\(kind):2")
            let text = ActionBatch.json("B-1", "balanceQuery", [[:]])
            // On a slow machine its turn may come again within the first run.
            let code = try await site.runWith("b.json", text).code
            #expect(code == 0 || code == 20)
            try await site.runUntil("b.json.result.json")
            #expect(try site.rows("b.json.result.json")[0]["attempts"]?.integerValue == 3)
            #expect(try sandbox.requests("balanceQuery") == 3)
        }
    }

    @Test("A question that SkyPay refuses is refused, once")
    func refused() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(scratch)
            try sandbox.fault("balanceQuery:code:-1011")
            let text = ActionBatch.json("B-1", "balanceQuery", [[:]])
            #expect(try await site.runWith("b.json", text).code == 10)
            #expect(try site.outcomes("b.json.final.json") == ["refused"])
            #expect(try await site.run().code == 10)
            #expect(try sandbox.requests("balanceQuery") == 1)
        }
    }

    @Test(
        "Every catalog",
        arguments: [
            ("getNationality", "NationalityName"), ("getCivilStatus", "CivilStatus"),
            ("getIdentificationType", "IdentificationType"), ("getTownCity", "TownCity"),
            ("getProvince", "Province"), ("getBankCode", "BankName"),
        ])
    func catalogs(_ type: String, _ column: String) async throws {
        try await Scratch.with { scratch in
            let (site, _) = try await site(scratch)
            let items: [JSONObject] = [["catalogType": .string(type)]]
            let run = try await site.runWith("c.json", ActionBatch.json("C", "getCatalog", items))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            let row = try site.rows("c.json.result.json")[0]
            let entries = row["answer"]?.arrayValue ?? []
            #expect(!entries.isEmpty)
            #expect(row["entries"]?.integerValue == entries.count)
            #expect(entries.allSatisfy { $0[column]?.scalarText?.isEmpty == false }, "\(entries)")
            let table = CSVReading.table(try site.text("outbox/c.json.result.csv"))
            #expect(table.map { $0[column] ?? "" } == entries.map { $0[column]?.scalarText ?? "" })
        }
    }

    @Test("Both reports are read to their last page, and the tables have every row")
    func reports() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(scratch)
            // Two pages and a half.
            let batch = Batch.made("pay.csv", id: "P-1", first: 40_000_000, count: 250)
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            try site.drop(
                "r.json",
                ActionBatch.json(
                    "R-1", "getReportPayout",
                    [
                        [
                            "startDate": .string(Self.day), "endDate": .string(Self.endOfTime),
                            "dateType": "PayTime",
                        ],
                        [
                            "startDate": "2020-01-01", "endDate": "2020-01-02",
                            "dateType": "PayTime",
                        ],
                    ]))
            try sandbox.fault("getReportPayout:drop-before:1:nth=2")
            try await site.runUntil("r.json.result.json")
            let rows = try site.rows("r.json.result.json")
            #expect(rows.map { $0["outcome"] } == ["answered", "answered"])
            #expect(rows.map { $0["entries"]?.integerValue } == [250, 0])
            let numbers = (rows[0]["answer"]?.arrayValue ?? []).compactMap {
                $0["controlNo"]?.stringValue
            }
            #expect(Set(numbers) == Set(batch.rows.map(\.controlNumber)))
            #expect(numbers.count == 250)
            let table = CSVReading.table(try site.text("outbox/r.json.result.csv"))
            #expect(table.count == 251)
            #expect(table.last?["controlNo"] == "")

            try sandbox.collected([
                "contractNumber": "SKY9900000001", "amount": "300.00", "phone": "09191234567",
                "receiptNumber": "R-1|Pasig", "payChannel": "10",
                "collectedTime": "2026-11-20 12:00:00",
            ])
            let collections: [JSONObject] = [
                [
                    "startDate": .string(Self.day), "endDate": .string(Self.endOfTime),
                    "dateType": "CollectedTime",
                ],
                [
                    "startDate": "2026-11-21", "endDate": "2026-11-21",
                    "dateType": "CollectedTime",
                ],
            ]
            let run = try await site.runWith(
                "k.json", ActionBatch.json("R-2", "getReportCollection", collections))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            let counted = try site.rows("k.json.result.json")
            #expect(counted.map { $0["entries"]?.integerValue } == [1, 0])
            let collected = counted[0]["answer"]?.arrayValue?.first
            #expect(collected?["contractNo"] == "SKY9900000001")
            #expect(collected?["amount"]?.scalarText == "300.00")
            #expect(collected?["receiptNo"] == "R-1|Pasig")
            #expect(collected?["status"] == "Confirmed")
            let places = CSVReading.table(try site.text("outbox/k.json.result.csv"))
            #expect(places.first?["collectionTime"] == "2026-11-20 12:00:00")
            #expect(try await site.verify().code == 0)
        }
    }

    @Test("Notifications of some days and kinds, with both sides of a transfer")
    func notifications() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(scratch)
            try sandbox.notify(1, "500.00")
            let transfer: [JSONObject] = [
                ["transferFrom": "SKY99", "transferTo": "SKY98", "amount": "12.34"]
            ]
            let move = ActionBatch.json("T-1", "balanceTransfer", transfer, amount: "12.34")
            #expect(try await site.runWith("t.json", move).code == 0)
            let items: [JSONObject] = [
                [
                    "transctionDate": .string(Self.day), "transEndDate": .string(Self.endOfTime),
                    "statementTypes": "3",
                ],
                [
                    "transctionDate": .string(Self.day), "transEndDate": .string(Self.endOfTime),
                    "statementTypes": ["1", "2"],
                ],
            ]
            let run = try await site.runWith(
                "n.json", ActionBatch.json("N-1", "notificationInquiry", items))
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            let entries = try site.rows("n.json.result.json")[0]["answer"]?.arrayValue ?? []
            #expect(entries.count == 2)
            #expect(entries.allSatisfy { $0["amount"]?.scalarText == "12.34" })
            #expect(Set(entries.map { $0["signType"]?.stringValue }) == ["recharge", "reduce"])
            let others = try site.rows("n.json.result.json")[1]["answer"]?.arrayValue ?? []
            #expect(others.map { $0["statementType"]?.scalarText } == ["1"])
            #expect(others.first?["amount"]?.scalarText == "500.00")
            // The table has a list as a CSV batch would, one record for each entry.
            let table = CSVReading.table(try site.text("outbox/n.json.result.csv"))
            #expect(table.map { $0["statementTypes"] } == ["3", "3", "1 2"])
        }
    }

    @Test("Status of 120 payouts: asked 50 at a time, each number not sooner than the rules allow")
    func status() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(scratch, ["--settle-seconds", "0"])
            let batch = Batch.made("pay.csv", id: "P-1", first: 50_000_000, count: 119)
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            let before = try sandbox.requests("payoutQueryStatus")
            let numbers = batch.rows.map(\.controlNumber) + ["SKY9999999999"]
            let text = ActionBatch.csv(
                "S-1", "payoutQueryStatus", ["controlNumber"], numbers.map { [$0] })
            try site.drop("s.csv", text)
            try await site.runUntil("s.csv.result.json")
            let rows = try site.rows("s.csv.result.json")
            #expect(rows.allSatisfy { $0["outcome"] == "answered" })
            #expect(rows.dropLast().allSatisfy { $0["answer"]?["status"]?.scalarText == "1" })
            #expect(rows.last?["answer"] == nil)
            #expect(rows.last?["responseDescription"] == "not found")
            #expect(try sandbox.requests("payoutQueryStatus") >= before + 3)
            let table = CSVReading.table(try site.text("outbox/s.csv.result.csv"))
            #expect(table.count == 120)
            #expect(table[0]["status"] == "1")
        }
    }

    @Test("A question about a payout waits until it may be asked, and then learns from one call")
    func statusWaits() async throws {
        try await Scratch.with { scratch in
            let (site, sandbox) = try await site(
                scratch, skypay: ["queryAfterSeconds": "3600", "queryEverySeconds": "3600"])
            let batch = Batch.made("pay.csv", id: "P-1", first: 60_000_000, count: 1)
            #expect(try await site.runWith(batch.name, batch.text).code == 0)
            let number = batch.rows[0].controlNumber
            let text = ActionBatch.csv("S-1", "payoutQueryStatus", ["controlNumber"], [[number]])
            let run = try await site.runWith("s.csv", text)
            #expect(run.code == 20, "\(run.output)\(run.errors)")
            #expect(!site.exists("outbox/s.csv.result.json"))
            #expect(try sandbox.requests("payoutQueryStatus") == 0)
        }
    }
}
