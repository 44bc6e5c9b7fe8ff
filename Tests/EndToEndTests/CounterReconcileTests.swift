import Foundation
import OrderedJSON
import Testing

/// A counter's payment is booked on its message alone: SkyPay's reports are the second opinion.
@Suite(.fewAtATime)
struct CounterReconcileTests {
    private static let payout = "SKY9950000001"
    private static let contracts = ["SKY9950000001", "SKY9950000002"]
    private static let payouts = """
        H,batch=REG-1,action=registerPayout,mode=test
        C,controlNumber,senderAddress,name,birthday,identificationId,idType,phone,amount,\
        idcardPicType,idcardPicUrl,location,expiresAt
        D,\(payout),"1 Halimbawa St, Makati","Subok,Uno,Test",1990-01-31,ID-7,Passport,\
        09171234567,1500.00,jpg,https://example.test/1.jpg,Manila,
        T,count=1,amount=1500.00

        """

    /// A site whose counters have paid out one payout and taken in two collections, as their messages
    /// say; SkyPay knows nothing of it.
    private func booked(_ body: (Site, Sandbox, _ day: String) async throws -> Void) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("out.csv", Self.payouts)
            let items: [JSONObject] = Self.contracts.map {
                [
                    "contractNumber": .string($0), "amount": "300.00", "payerName": "Bayad,Uno",
                    "payerAddress": "4 Halimbawa St, Pasig", "payerPhone": "09191234567",
                ]
            }
            try site.drop(
                "in.json",
                ActionBatch.json("REG-2", "registerCollection", items, amount: "600.00"))
            let run = try await site.run()
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            let received = try site.response("in.json.ack.json")["receivedAt"]?.stringValue
            let day = String(try #require(received).prefix(10))
            let number = ["controlNumber": Self.payout]
            try await tell(site, "ask.json", "payoutInquiry", number)
            try await tell(
                site, "paid.json", "payoutPayout",
                number.merging(["withdrawChannel": "1", "payTime": day + " 12:00:00"]) { $1 })
            for number in Self.contracts {
                let offer = [
                    "contractNumber": number, "amount": "300.00", "phone": "09191234567",
                ]
                try await tell(site, number + ".ask.json", "collectionInquiry", offer)
                try await tell(
                    site, number + ".json", "collectionCollect", Self.receipt(number, day))
            }
            try await body(site, sandbox, day)
        }
    }

    private static func receipt(_ number: String, _ day: String) -> [String: String] {
        [
            "contractNumber": number, "amount": "300.00", "phone": "09191234567",
            "receiptNumber": "R-" + number, "payChannel": "10",
            "collectedTime": day + " 12:00:00",
        ]
    }

    /// Drops a counter's message, which is answered with 1000.
    private func tell(
        _ site: Site, _ name: String, _ action: String, _ fields: [String: String]
    ) async throws {
        var object: JSONObject = [
            "userName": "DemoApp@skypay", "action": .string(action),
            "authentication": .string(Secrets.authentication),
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            object[name] = .string(value)
        }
        try site.drop(name, JSONValue.object(object).text())
        let run = try await site.run()
        #expect(run.code == 0, "\(run.output)\(run.errors)")
        #expect(try site.response(name + ".response.json")["responseCode"] == "1000")
    }

    /// SkyPay learns what the counters did.
    private func known(_ sandbox: Sandbox, _ day: String) throws {
        try sandbox.counterPaid([
            "controlNumber": Self.payout, "amount": "1500.00", "phone": "09171234567",
            "withdrawChannel": "1",
        ])
        for number in Self.contracts { try sandbox.collected(Self.receipt(number, day)) }
    }

    private func reconcile(
        _ site: Site, _ day: String
    ) async throws -> (code: Int32?, report: JSONValue) {
        let ended = try await site.tool("reconcile", ["--json", "--day", day])
        return (ended.code, try JSONValue(parsing: Array(ended.output.utf8)))
    }

    private func differences(_ report: JSONValue) -> [String] {
        (report["differences"]?.arrayValue ?? []).map { difference in
            ["report", "kind", "controlNumber"].map { difference[$0]?.stringValue ?? "" }
                .joined(separator: " ")
        }
    }

    @Test("What SkyPay does not report of it is named; once it does, everything agrees")
    func reported() async throws {
        try await booked { site, sandbox, day in
            let (code, report) = try await reconcile(site, day)
            #expect(code == 20)
            #expect(
                differences(report) == [
                    "payouts not-reported " + Self.payout,
                    "collections not-reported " + Self.contracts[0],
                    "collections not-reported " + Self.contracts[1],
                ])
            try known(sandbox, day)
            let (agreed, all) = try await reconcile(site, day)
            #expect(agreed == 0 && differences(all) == [], "\(all)")
            #expect(all["skypay"]?["amount"]?.stringValue == "1500.00")
            #expect(all["collections"]?["rows"]?.integerValue == 2)
            #expect(all["collections"]?["amount"]?.stringValue == "600.00")
            #expect(all["collections"]?["ledgerAmount"]?.stringValue == "600.00")
            let page = try await site.tool("reconcile", ["--day", day])
            #expect(page.code == 0 && page.output.contains("Everything agrees."), "\(page)")
            // Money for a contract that nobody registered.
            let stranger = "SKY9959999999"
            try sandbox.collected(Self.receipt(stranger, day))
            let (other, more) = try await reconcile(site, day)
            #expect(other == 20 && differences(more) == ["collections not-ours " + stranger])
        }
    }

    @Test("An account that may not read one report has the other compared, and is told so")
    func refused() async throws {
        try await booked { site, sandbox, day in
            try known(sandbox, day)
            try sandbox.fault("getReportCollection:code:-1002:2")
            let (code, report) = try await reconcile(site, day)
            #expect(code == 20 && report["differing"]?.integerValue == 0, "\(report)")
            #expect(report["skypay"]?["rows"]?.integerValue == 1)
            let missing = report["notCompared"]?.arrayValue ?? []
            #expect(missing.map { $0["report"]?.stringValue } == ["collections"])
            let page = try await site.tool("reconcile", ["--day", day])
            #expect(page.code == 20 && !page.output.contains("verything agrees."), "\(page)")
            #expect(page.output.contains("Not everything could be compared."))
            try sandbox.clearFaults()
            // One that does not come is another matter: asking again helps.
            try sandbox.fault("getReportCollection:drop-before:3")
            let (silent, lacking) = try await reconcile(site, day)
            #expect(silent == 40, "\(lacking)")
            #expect(lacking["skypay"]?["rows"]?.integerValue == 1)
            try sandbox.clearFaults()
            try sandbox.fault("getReportPayout:code:-1002:1")
            let (others, collected) = try await reconcile(site, day)
            #expect(others == 20 && collected["skypay"] == nil, "\(collected)")
            #expect(collected["collections"]?["rows"]?.integerValue == 2)
        }
    }
}
