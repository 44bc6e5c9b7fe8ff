import Foundation
import Glibc
import OrderedJSON
import Testing

/// What SkyPay asks and tells at the counter, through real files and the built program. The
/// callbacks are written here, field by field, so that they rest on nothing of the program's.
@Suite(.fewAtATime)
struct CounterTests {
    private static let payouts = """
        H,batch=REG-1,action=registerPayout,mode=test
        C,controlNumber,senderAddress,name,birthday,identificationId,idType,phone,amount,\
        idcardPicType,idcardPicUrl,location,expiresAt
        D,SKY9910000001,"1 Halimbawa St, Makati","Subok,Uno,Test",1990-01-31,ID-7,Passport,\
        09171234567,1500.00,jpg,https://example.test/1.jpg,Manila,
        D,SKY9910000002,"2 Halimbawa St, Makati","Subok,Dos,Test",1991-02-28,ID-8,Passport,\
        09181234567,25.50,jpg,https://example.test/2.jpg,Cebu,2020-01-01 00:00:00
        D,SKY9910000003,"3 Halimbawa St, Makati","Subok,Tres,Test",1992-02-29,ID-9,Passport,\
        9181234567,1.00,jpg,https://example.test/3.jpg,Cebu,
        T,count=3,amount=1526.50

        """
    private static let collections = """
        {"batch":"REG-2","action":"registerCollection","mode":"test","count":1,"amount":"300.00",
         "items":[{"contractNumber":"SKY9910000001","amount":"300.00","payerName":"Bayad,Uno",
         "payerAddress":"4 Halimbawa St, Pasig","payerPhone":"09191234567",
         "expiresAt":"2099-12-31 00:00:00"}]}

        """

    /// Members of a good answer to a payoutInquiry.
    private static let payoutAnswer = [
        "responseTime", "responseCode", "responseDescription", "controlNumber", "sender",
        "senderAddress", "name", "birthday", "identificationId", "idType", "phone", "amount",
        "idcardPicType", "idcardPicUrl", "location",
    ]
    /// Members of a good answer to a collectionInquiry.
    private static let collectionAnswer = [
        "responseTime", "responseCode", "responseDescription", "amount", "payerName",
        "payerAddress", "payerPhone",
    ]

    /// A callback as SkyPay writes it, plain.
    private func callback(
        _ action: String, _ fields: [String: String],
        authentication: String = Secrets.authentication
    ) -> String {
        var object: JSONObject = [
            "userName": "DemoApp@skypay", "action": .string(action),
            "authentication": .string(authentication),
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            object[name] = .string(value)
        }
        return JSONValue.object(object).text()
    }

    /// Drops a callback, runs, and gives the answer.
    private func ask(
        _ site: Site, _ name: String, _ action: String, _ fields: [String: String],
        exit code: Int32 = 0, authentication: String = Secrets.authentication
    ) async throws -> JSONValue {
        try site.drop(name, callback(action, fields, authentication: authentication))
        let run = try await site.run()
        #expect(run.code == code, "\(name): \(run.output) \(run.errors)")
        return try site.response(name + ".response.json")
    }

    private func site(_ scratch: Scratch) async throws -> Site {
        let sandbox = try await Sandbox.start(scratch)
        return try Site(scratch, port: sandbox.port)
    }

    /// People stand in private copies and answers; the log counts the payout to its party.
    private func personalData(_ site: Site) async throws {
        let events = try await site.events()
        let paid = events.filter { $0["type"] == "callback.paid" }
        #expect(paid.count == 1)
        #expect(paid.first?["data"]?["amount"] == "1500.00")
        #expect(paid.first?["data"]?["party"]?.stringValue?.hasPrefix("p_") == true)
        let places = try site.snapshot("state").filter { !$0.key.hasPrefix("files/") }
        for text in ["Subok", "Halimbawa St", "ID-7", "example.test"] {
            #expect(!events.contains { $0.text().contains(text) })
            for (name, bytes) in places {
                #expect(Data(bytes).range(of: Data(text.utf8)) == nil, "\(name) holds \(text)")
            }
        }
    }

    @Test("A registered payout is answered, paid once, and its file becomes final")
    func payout() async throws {
        try await Scratch.with { scratch in
            let site = try await site(scratch)
            try site.drop("reg.csv", Self.payouts)
            #expect(try await site.run().code == 10)
            #expect(try site.response("reg.csv.ack.json")["verdict"] == "partial")
            let result = try site.response("reg.csv.result.json")
            #expect(result["counts"]?["accepted"] == 2)
            #expect(result["counts"]?["rejected"] == 1)
            let number = ["controlNumber": "SKY9910000001"]
            let paid = number.merging([
                "withdrawChannel": "1", "payTime": "2026-11-21 12:00:00",
            ]) { $1 }
            // In order: the payment before the inquiry is refused and raised.
            let early = try await ask(site, "early.json", "payoutPayout", paid, exit: 20)
            #expect(early["responseCode"] == "-1012")
            let told = try await ask(site, "ask.json", "payoutInquiry", number)
            #expect(told["responseCode"] == "1000")
            #expect(told["name"] == "Subok,Uno,Test")
            #expect(told["amount"] == "1500.00")
            #expect(told["sender"] == "Demo Company")
            #expect(told["senderAddress"] == "1 Halimbawa St, Makati")
            // Nothing is missing, and nothing more than the contract has.
            #expect(told.objectValue?.members.map(\.name) == Self.payoutAnswer)
            #expect(told.objectValue?.members.allSatisfy { $0.value.stringValue != nil } == true)
            // The same bytes again: asked anew, answered anew, nothing changes.
            let again = try await ask(site, "again.json", "payoutInquiry", number)
            #expect(again["name"] == told["name"])
            let done = try await ask(site, "paid.json", "payoutPayout", paid)
            #expect(done["responseCode"] == "1000")
            // The same payment, its time in another way of writing that readers have to take.
            let anew = paid.merging(["payTime": "2026-11-21T12:00:00.000"]) { $1 }
            let replay = try await ask(site, "replay.json", "payoutPayout", anew)
            #expect(replay["responseCode"] == "1000")
            let late = try await ask(site, "late.json", "payoutInquiry", number)
            #expect(late["responseCode"] == "-1026")
            #expect(late["name"] == nil)
            var second = paid
            second["payTime"] = "2026-11-21 13:00:00"
            let twice = try await ask(site, "twice.json", "payoutPayout", second, exit: 20)
            #expect(twice["responseCode"] == "-1026")
            // A report about it asks nobody and moves nothing: it is no payout of the queue.
            let report = number.merging(["payType": "4", "dealTime": "2026-11-21 12:00:00"]) { $1 }
            _ = try await ask(site, "report.json", "payoutQueuePayout", report)
            let status = try await site.tool("status", ["--json", "SKY9910000001"])
            let facts = try JSONValue(parsing: Array(status.output.utf8))
            #expect(facts["state"] == "settled")
            #expect(facts["moneySent"] == "yes, at a counter")
            try await personalData(site)
            let final = try site.response("reg.csv.final.json")
            #expect(final["counts"]?["paid"] == 1)
            // Its time was over before anybody asked.
            #expect(final["counts"]?["withdrawn"] == 1)
            #expect(final["conservation"]?["balanced"] == true)
            let rows = final["rows"]?.arrayValue ?? []
            #expect(rows.first?["outcome"] == "paid")
            #expect(rows.first?["at"] == "2026-11-21T12:00:00+08:00")
        }
    }

    @Test("A registered collection is answered, collected once, by its receipt")
    func collection() async throws {
        try await Scratch.with { scratch in
            let site = try await site(scratch)
            try site.drop("reg.json", Self.collections)
            // The same number as a payout's is another matter.
            try site.drop("out.csv", Self.payouts)
            #expect(try await site.run().code == 10)
            let offer = [
                "contractNumber": "SKY9910000001", "amount": "300.00", "phone": "09191234567",
            ]
            let receipt = offer.merging([
                "receiptNumber": "R-1|Pasig", "collectedTime": "2026-11-21 12:00:00",
                "payChannel": "10",
            ]) { $1 }
            let early = try await ask(site, "early.json", "collectionCollect", receipt, exit: 20)
            #expect(early["responseCode"] == "-1015")
            var other = offer
            other["amount"] = "299.00"
            let wrong = try await ask(site, "wrong.json", "collectionInquiry", other)
            #expect(wrong["responseCode"] == "2001")
            let told = try await ask(site, "ask.json", "collectionIcnquiry", offer)
            #expect(told["responseCode"] == "1000")
            #expect(told["payerName"] == "Bayad,Uno")
            #expect(told["payerPhone"] == "09191234567")
            #expect(told.objectValue?.members.map(\.name) == Self.collectionAnswer)
            #expect(told["amount"] == "300.00")
            let done = try await ask(site, "done.json", "collectionCollect", receipt)
            #expect(done["responseCode"] == "1000")
            var again = receipt
            again["collectedTime"] = "2026-11-22 09:00:00"
            let replay = try await ask(site, "replay.json", "collectionCollect", again)
            #expect(replay["responseCode"] == "1000")
            let late = try await ask(site, "late.json", "collectionInquiry", offer)
            #expect(late["responseCode"] == "-1026")
            again["receiptNumber"] = "R-2|Pasig"
            let twice = try await ask(site, "twice.json", "collectionCollect", again, exit: 20)
            #expect(twice["responseCode"] == "-1015")
            let final = try site.response("reg.json.final.json")
            #expect(final["counts"]?["paid"] == 1)
            #expect(final["rows"]?.arrayValue?.first?["contractNumber"] == "SKY9910000001")
            #expect(!site.exists("outbox/out.csv.final.json"))
        }
    }

    @Test("Unknown and foreign numbers, wrong credentials and malformed callbacks change nothing")
    func refused() async throws {
        try await Scratch.with { scratch in
            let site = try await site(scratch)
            try site.drop("reg.csv", Self.payouts)
            #expect(try await site.run().code == 10)
            let number = ["controlNumber": "SKY9910000001"]
            func code(_ answer: JSONValue) -> String? { answer["responseCode"]?.stringValue }
            let wrong = try await ask(
                site, "wrong.json", "payoutInquiry", number, exit: 30,
                authentication: "WRONG-0000")
            #expect(code(wrong) == "-1001")
            #expect(wrong["name"] == nil)
            let unknown = ["controlNumber": "SKY9919999999"]
            #expect(code(try await ask(site, "unknown.json", "payoutInquiry", unknown)) == "-1012")
            let foreign = ["controlNumber": "ABC1210000001"]
            #expect(code(try await ask(site, "foreign.json", "payoutInquiry", foreign)) == "-1014")
            // Refused by validation, so it was never registered; and one whose time is over.
            for (name, digit) in [("bad", 3), ("over", 2)] {
                let number = ["controlNumber": "SKY991000000\(digit)"]
                let answer = try await ask(site, name + ".json", "payoutInquiry", number)
                #expect(code(answer) == "-1012")
            }
            let contract = ["contractNumber": "SKY9910000001"]
            let none = try await ask(site, "none.json", "collectionInquiry", contract)
            #expect(code(none) == "-1015")
            let empty = try await ask(site, "empty.json", "payoutInquiry", [:], exit: 30)
            #expect(code(empty) == "-1009")
            let finance = try await ask(
                site, "finance.json", "financeNotification", ["statementType": "9"], exit: 30)
            #expect(code(finance) == "1000")
            let log = try await site.events().map { $0.text() }
            #expect(!log.contains { $0.contains("WRONG-0000") || $0.contains("Subok") })
            #expect(!log.contains { $0.contains("\"inquired\"") || $0.contains("\"settled\"") })
            // The right credentials now: the first question is answered after all.
            #expect(code(try await ask(site, "right.json", "payoutInquiry", number)) == "1000")
        }
    }

    @Test(
        "Killed anywhere around a payment, it is booked once and answered as if nothing was",
        arguments: ["recorded:1", "recorded:2", "recorded:3", "half-written", "published"])
    func killed(_ point: String) async throws {
        try await Scratch.with { scratch in
            let site = try await site(scratch)
            try site.drop("reg.csv", Self.payouts)
            #expect(try await site.run().code == 10)
            let number = ["controlNumber": "SKY9910000001"]
            let paid = number.merging(["withdrawChannel": "1", "payTime": "2026-11-21 12:00:00"]) {
                $1
            }
            for (name, action, fields) in [
                ("ask.json", "payoutInquiry", number), ("paid.json", "payoutPayout", paid),
            ] {
                try site.drop(name, callback(action, fields))
                let killed = try await site.tool(
                    "run", environment: ["BATCHRUNNER_FAIL_POINT": point])
                #expect(killed.signal == SIGKILL, "\(name)")
                #expect(try await site.run().code == 0)
                let answer = try site.response(name + ".response.json")
                #expect(answer["responseCode"] == "1000", "\(name)")
                let isInquiry = action == "payoutInquiry"
                #expect((answer["name"] == "Subok,Uno,Test") == isInquiry)
            }
            let booked = try await site.events().filter { $0["type"] == "callback.paid" }
            #expect(booked.count == 1)
            let again = try await ask(site, "again.json", "payoutPayout", paid)
            #expect(again["responseCode"] == "1000")
        }
    }

    @Test("A control number is taken once, sent or registered; answers survive a lost ledger")
    func numbers() async throws {
        try await Scratch.with { scratch in
            let site = try await site(scratch)
            try site.drop("reg.csv", Self.payouts)
            #expect(try await site.run().code == 10)
            let batch = Batch(
                name: "pay.csv", id: "PAY-1",
                rows: [
                    Batch.Row(
                        controlNumber: "SKY9910000001", amount: "1.00", account: "09171234567")
                ], text: "")
            try site.drop("pay.csv", Batch.csv(id: "PAY-1", batch.rows))
            #expect(try await site.run().code == 30)
            let fault = try site.response("pay.csv.ack.json")["faults"]?.arrayValue?.first
            #expect(fault?["code"] == "duplicate-control-number")
            let number = ["controlNumber": "SKY9910000001"]
            let paid = number.merging(["withdrawChannel": "9", "payTime": "2026-11-21 12:00:00"]) {
                $1
            }
            _ = try await ask(site, "ask.json", "payoutInquiry", number)
            _ = try await ask(site, "paid.json", "payoutPayout", paid)
            for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
                try? FileManager.default.removeItem(atPath: site.root + "/state/" + name)
            }
            let late = try await ask(site, "late.json", "payoutInquiry", number)
            #expect(late["responseCode"] == "-1026")
            let again = try await ask(site, "again.json", "payoutPayout", paid)
            #expect(again["responseCode"] == "1000")
        }
    }
}
