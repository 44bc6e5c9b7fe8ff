import Foundation
import OrderedJSON
import Testing

/// `batchrunner call` and `batchrunner catalog`.
@Suite(.fewAtATime)
struct CallTests {
    private func call(
        _ site: Site, _ action: String, _ fields: [String] = [], _ more: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> Ended {
        try await site.tool(
            "call", [action, "--json"] + fields.flatMap { ["--field", $0] } + more,
            environment: environment)
    }

    @Test("Plain questions are asked directly, beside a daemon too")
    func questions() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "321.00"])
            let site = try Site(scratch, port: sandbox.port)
            let daemon = try site.daemon()
            _ = try await eventually("the daemon's site") { () -> Bool? in
                site.exists("state/ledger.sqlite") ? true : nil
            }
            let balance = try await call(site, "balanceQuery")
            #expect(balance.code == 0, "\(balance.errors)")
            #expect(
                try JSONValue(parsing: Array(balance.output.utf8))["balance"]?.scalarText
                    == "321.00")
            let banks = try await call(site, "getCatalog", ["catalogType=getBankCode"])
            #expect(banks.code == 0, "\(banks.errors)")
            #expect(banks.output.contains("SEC"))
            let report = try await call(
                site, "getReportPayout",
                ["startDate=2026-01-01", "endDate=2026-01-02", "dateType=PayTime"])
            #expect(report.code == 0, "\(report.errors)")
            let notes = try await call(
                site, "notificationInquiry",
                ["transctionDate=2026-01-01", "transEndDate=2026-01-02", "statementTypes=1 3"])
            #expect(notes.code == 0, "\(notes.errors)")
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 0)
        }
    }

    @Test("A call that moves money is a journalled batch of one row, sent once")
    func transfer() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let waiting = Batch.made("pay.csv", id: "P-1", first: 80_000_000, count: 2)
            try site.drop(waiting)
            let fields = ["transferFrom=SKY99", "transferTo=SKY98", "amount=10.00"]
            let done = try await call(site, "balanceTransfer", fields)
            #expect(done.code == 0, "\(done.output)\(done.errors)")
            let report = try JSONValue(parsing: Array(done.output.utf8))
            #expect(report["row"]?["outcome"] == "transferred")
            let name = try #require(report["file"]?.stringValue)
            #expect(try site.outcomes(name + ".final.json") == ["transferred"])
            // Nothing else was taken or sent.
            #expect(try sandbox.requests("payoutQueue") == 0)
            #expect(site.exists("inbox/pay.csv"))
            let intents = try await site.events().filter { $0["type"] == "batch.request-intended" }
            #expect(intents.count == 1)
            let lost = try await { () async throws -> Ended in
                try sandbox.fault("balanceTransfer:drop-after:1")
                return try await call(site, "balanceTransfer", fields, ["--again"])
            }()
            #expect(lost.code == 20, "\(lost.output)\(lost.errors)")
            #expect(
                try JSONValue(parsing: Array(lost.output.utf8))["row"]?["outcome"] == "held")
            #expect(try sandbox.requests("balanceTransfer") == 2)
            #expect(try await site.run().code == 20)
            #expect(try sandbox.requests("balanceTransfer") == 2)
            try Oracle(site: site, sandbox: sandbox).money([waiting])
        }
    }

    @Test("A payout by hand is paid once; its number is taken for good")
    func payout() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let fields = [
                "controlNumber=SKY9981000001", "name=Subok,Uno", "phone=09171234567",
                "amount=12.00", "accountNo=09171234567", "withdrawChannel=6",
            ]
            let done = try await call(site, "payoutQueue", fields)
            #expect(done.code == 0, "\(done.output)\(done.errors)")
            let again = try await call(site, "payoutQueue", fields)
            #expect(again.code == 30, "\(again.output)\(again.errors)")
            #expect(again.output.contains("duplicate-control-number"))
            let payouts = try sandbox.ledger()
            #expect(payouts.map(\.applied) == [1])
            let code = try await call(
                site, "generate711Barcode",
                [
                    "contractNumber=SKY9981000002", "name=Subok,Uno", "phone=09171234567",
                    "amount=12.00",
                ])
            #expect(code.code == 0, "\(code.output)\(code.errors)")
            let row = try JSONValue(parsing: Array(code.output.utf8))["row"]
            #expect(row?["answer"]?["referenceNumber"]?.stringValue?.isEmpty == false)
            #expect(row?["answer"]?["expiresAt"]?.stringValue?.isEmpty == false)
        }
    }

    private static let unfunded = [
        "balanceTransfer": ["transferFrom=SKY99", "transferTo=SKY98", "amount=10.00"],
        "payoutQueue": [
            "controlNumber=SKY9981000003", "name=Subok,Uno", "phone=09171234567",
            "amount=12.00", "accountNo=09171234567", "withdrawChannel=6",
        ],
    ]

    @Test(
        "Without funds a call ends with 50; once there are some the next run sends it",
        arguments: ["payoutQueue", "balanceTransfer"])
    func withoutFunds(_ action: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--balance", "0.50"])
            let site = try Site(scratch, port: sandbox.port)
            let ended = try await call(site, action, Self.unfunded[action] ?? [])
            #expect(ended.code == 50, "\(ended.output)\(ended.errors)")
            let report = try JSONValue(parsing: Array(ended.output.utf8))
            #expect(report["row"]?["outcome"] == "unsent")
            #expect(report["row"]?["responseCode"] == "-1016")
            #expect(ended.output.contains("top up"), "\(ended.output)")
            #expect(try await site.run().code == 50)
            try sandbox.notify(1, "100.00")
            #expect(try await site.run().code == 0)
            #expect(try sandbox.requests(action) == 3)
        }
    }

    @Test("Killed at any step, a call is finished by the next run, and sent at most once")
    func killed() async throws {
        for point in ["dropped", "claimed", "recorded:2", "intended", "sent", "answered"] {
            try await Scratch.with { scratch in
                let sandbox = try await Sandbox.start(scratch)
                let site = try Site(scratch, port: sandbox.port)
                let ended = try await call(
                    site, "balanceTransfer",
                    ["transferFrom=SKY99", "transferTo=SKY98", "amount=10.00"],
                    environment: ["BATCHRUNNER_FAIL_POINT": point])
                #expect(ended.signal == SIGKILL, "\(point)")
                let code = try await site.run().code
                switch point {
                case "intended": #expect(code == 20, "\(point)")
                // Held, or already proven by its notifications.
                case "sent": #expect(code == 20 || code == 0, "\(point)")
                default: #expect(code == 0, "\(point)")
                }
                #expect(try sandbox.requests("balanceTransfer") == (point == "intended" ? 0 : 1))
            }
        }
    }

    @Test("What is wrong is said in one line, and nothing is asked")
    func usage() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let unknown = try await call(site, "balanceQuerry")
            #expect(unknown.code == 64)
            #expect(unknown.errors.contains("balanceQuery"))
            let form = try await call(
                site, "getReportPayout", ["startDate=yesterday", "dateType=PayTime"])
            #expect(form.code == 64)
            #expect(form.errors.contains("startDate") && form.errors.contains("endDate"))
            let twice = try await call(site, "balanceTransfer", ["amount=1.00", "amount=2.00"])
            #expect(twice.code == 64)
            let amount = try await call(
                site, "balanceTransfer",
                ["transferFrom=SKY99", "transferTo=SKY98", "amount=1,000.00"])
            #expect(amount.code == 30, "\(amount.output)")
            #expect(try sandbox.requests("balanceTransfer") == 0)
            #expect(try sandbox.requests("getReportPayout") == 0)
        }
    }

    @Test(
        "A list that comes cut off or empty is told, and the good one stays in force",
        arguments: [("truncated", Int32(40), "no readable answer"), ("missing", 20, "is empty")])
    func spoiltCatalog(_ kind: String, _ code: Int32, _ told: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.tool("catalog").code == 0)
            let good = try site.snapshot("state/catalogs")
            #expect(good.count == 6)
            try sandbox.fault("getCatalog:\(kind):6")
            let spoilt = try await site.tool("catalog")
            #expect(spoilt.code == code, "\(spoilt.output)\(spoilt.errors)")
            let words = spoilt.output + spoilt.errors
            #expect(words.components(separatedBy: told).count == 7, "\(words)")
            #expect(try site.snapshot("state/catalogs") == good)
        }
    }

    @Test("The catalogs are fetched, kept, and values checked by them; without SkyPay they stay")
    func catalog() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let fetched = try await site.tool("catalog", ["--json"])
            #expect(fetched.code == 0, "\(fetched.output)\(fetched.errors)")
            let lines = fetched.output.split(separator: "\n")
            #expect(lines.count == 6)
            let kept = try site.snapshot("state/catalogs")
            #expect(kept.count == 6)
            let one = try await site.tool("catalog", ["getBankCode"])
            #expect(one.output.contains(/getBankCode: [1-9]\d* entries/), "\(one.output)")
            let wrong = try await site.tool("catalog", ["getBankCod"])
            #expect(wrong.code == 64)
            #expect(wrong.errors.contains("getBankCode"))
            let row: JSONObject = [
                "controlNumber": "SKY9982000001", "name": "Subok,Uno", "phone": "09171234567",
                "amount": "12.00", "accountNo": "1234567890", "withdrawChannel": "5",
                "bankNo": "SEK",
            ]
            let text = ActionBatch.json("P-1", "payoutQueue", [row], amount: "12.00")
            #expect(try await site.runWith("p.json", text).code == 30)
            let fault = try site.response("p.json.ack.json")["faults"]?.arrayValue?.first
            #expect(fault?["field"] == "bankNo")
            #expect(
                fault?["message"]?.stringValue?.contains("SEC") == true, "\(fault?.text() ?? "")")
            try await sandbox.stop()
            let before = try site.snapshot("state/catalogs")
            let gone = try await site.tool("catalog")
            #expect(gone.code == 40)
            #expect(try site.snapshot("state/catalogs") == before)
        }
    }
}
