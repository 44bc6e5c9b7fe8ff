import Foundation
import Glibc
import OrderedJSON
import Testing

/// Callbacks over HTTP and TLS into a daemon: the sandbox's own, and its test tools.
@Suite(.fewAtATime)
struct PostedCallbackTests {
    static let payouts = """
        H,batch=REG-1,action=registerPayout,mode=test
        C,controlNumber,senderAddress,name,birthday,identificationId,idType,phone,amount,\
        idcardPicType,idcardPicUrl,location
        D,SKY9910000001,"1 Halimbawa St, Makati","Subok,Uno,Test",1990-01-31,ID-7,Passport,\
        09171234567,1500.00,jpg,https://example.test/1.jpg,Manila
        T,count=1,amount=1500.00

        """
    static let collections = """
        {"batch":"REG-2","action":"registerCollection","mode":"test","count":1,"amount":"300.00",
         "items":[{"contractNumber":"SKY9910000002","amount":"300.00","payerName":"Bayad,Uno",
         "payerAddress":"4 Halimbawa St, Pasig","payerPhone":"09191234567"}]}

        """

    private func answers(_ ended: Ended) throws -> [JSONValue] {
        try ended.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }

    private func settled(_ site: Site, _ name: String) async throws {
        _ = try await eventually("\(name)") { site.exists("outbox/" + name) ? true : nil }
    }

    @Test(
        "The test tools pay out and collect over the wire, and both sides book it",
        arguments: ["http", "https"])
    func counter(_ scheme: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let isSecure = scheme == "https"
            let site = try Site(
                scratch, port: sandbox.port, more: Listener.section(tls: isSecure))
            let trust = isSecure ? ["--trust", try await Listener.certify(site)] : []
            let listener = try await Listener.start(site)
            try site.drop("reg.csv", Self.payouts)
            try site.drop("reg.json", Self.collections)
            for name in ["reg.csv", "reg.json"] { try await settled(site, name + ".result.json") }
            let target =
                ["--url", "\(scheme)://127.0.0.1:\(listener.port)/skypay"] + trust
                + ["--port", String(sandbox.port)]
            let paid = try await scratch.run(
                Binaries.sandbox, ["payout", "SKY9910000001", "--channel", "9"] + target)
            #expect(paid.code == 0, "\(paid.output) \(paid.errors)")
            let told = try answers(paid)
            #expect(told.map { $0["action"] } == ["payoutInquiry", "payoutPayout"])
            #expect(told.first?["answer"]?["name"] == "Subok,Uno,Test")
            let collected = try await scratch.run(
                Binaries.sandbox,
                ["collect", "SKY9910000002", "--amount", "300.00", "--phone", "09191234567"]
                    + target)
            #expect(collected.code == 0, "\(collected.output) \(collected.errors)")
            for name in ["reg.csv", "reg.json"] { try await settled(site, name + ".final.json") }
            #expect(try sandbox.ledger().map(\.applied) == [1])
            let again = try await scratch.run(
                Binaries.sandbox, ["payout", "SKY9910000001"] + target)
            #expect(try answers(again).map { $0["answer"]?["responseCode"] } == ["-1026"])
            try await record(site, listener, url: "\(scheme)://127.0.0.1:\(listener.port)")
        }
    }

    /// Five callbacks: each kept whole, claimed with its way, answered, and nothing in the outbox.
    private func record(_ site: Site, _ listener: Listener, url: String) async throws {
        let status = try await site.tool("status", ["--json"])
        let facts = try JSONValue(parsing: Array(status.output.utf8))
        #expect(facts["callbacks"]?["url"]?.stringValue == url)
        #expect(try await listener.stop().code == 0)
        let after = try await site.tool("status", ["--json"])
        #expect(try JSONValue(parsing: Array(after.output.utf8))["callbacks"] == nil)
        let events = try await site.events()
        let posted = events.filter { $0["data"]?["identity"]?["via"] == "http" }
        #expect(posted.count == 5)
        #expect(posted.allSatisfy { $0["data"]?["identity"]?["from"] == "127.0.0.1" })
        for event in posted {
            let fileID = event["subject"]?["file"]?.stringValue ?? ""
            let copy = try site.bytes("state/files/" + fileID)
            #expect(copy.count == event["data"]?["bytes"]?.integerValue)
        }
        for type in ["callback.paid", "callback.collected"] {
            #expect(events.filter { $0["type"]?.stringValue == type }.count == 1)
        }
        #expect(try site.outboxNames().filter { $0.contains("callback") } == [])
        #expect(!events.contains { $0.text().contains("Subok") })
        #expect(try await site.verify().code == 0)
    }

    @Test(
        "The sandbox reports payouts and movements by itself; a query agrees, and all is final",
        arguments: ["http", "https"])
    func provider(_ scheme: String) async throws {
        try await Scratch.with { scratch in
            // Each has to know the other's port.
            let port = try Loopback.freePort()
            let isSecure = scheme == "https"
            let provider = try Loopback.freePort()
            let site = try Site(
                scratch, port: provider, more: Listener.section(port: port, tls: isSecure))
            let trust =
                isSecure ? ["--callback-trust", try await Listener.certify(site)] : []
            let sandbox = try await Sandbox.start(
                scratch, port: provider,
                ["--callback-url", "\(scheme)://127.0.0.1:\(port)/all"] + trust)
            try sandbox.fault("payoutQueuePayout:again:1:delay=1")
            let listener = try await Listener.start(site)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 4)
            try site.drop(batch)
            try site.drop(
                "move.json",
                ActionBatch.json(
                    "T-1", "balanceTransfer",
                    [["transferFrom": "SKY99", "transferTo": "SKY98", "amount": "10.00"]],
                    amount: "10.00"))
            try await site.finals([batch], by: listener.daemon)
            let told = try await eventually("every callback") { () -> [JSONValue]? in
                let events = try await site.eventsSoFar().filter {
                    $0["type"] == "callback.received" || $0["type"] == "file.duplicate"
                }
                // Four payouts, one of them told twice, and both accounts of the transfer.
                return events.count >= 7 ? events : nil
            }
            #expect(told.filter { $0["type"] == "file.duplicate" }.count == 1)
            let received = told.filter { $0["type"] == "callback.received" }
            #expect(received.allSatisfy { $0["data"]?["verified"] == true })
            #expect(received.allSatisfy { $0["data"]?["encrypted"] == true })
            let actions = received.compactMap { $0["data"]?["action"]?.stringValue }
            #expect(actions.filter { $0 == "financeNotification" }.count == 2)
            #expect(actions.filter { $0 == "payoutQueuePayout" }.count == 4)
            #expect(try await listener.stop().code == 0)
            try Oracle(site: site, sandbox: sandbox).money([batch])
        }
    }

    @Test("A daemon that pauses since SkyPay tells nothing sends no more for each callback")
    func pauseIsKept() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(
                scratch, ["--fault", "payoutQueue:http-500:10000"])
            let site = try Site(
                scratch, port: sandbox.port,
                // So the pause is as long as with SkyPay.
                skypay: ["requestsInFlight": "4", "queryAfterSeconds": "300"],
                more: Listener.section())
            let listener = try await Listener.start(site)
            let began = ContinuousClock.now
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 100)
            try site.drop(batch)
            _ = try await eventually("twenty payouts without an answer") { () -> Bool? in
                try sandbox.requests("payoutQueue") >= 20 ? true : nil
            }
            for second in 10..<20 {
                let report = Message.plain(
                    "payoutQueuePayout",
                    [
                        "controlNumber": "SKY9912345678", "payType": "2",
                        "dealTime": .string("2026-11-21 12:00:\(second)"),
                    ])
                #expect(try listener.post(report).status == 200)
                // Words are taken between two rounds: what reports set off is over by the second.
                guard second >= 18 else { continue }
                let word = try await site.tool(
                    "resolve", ["SKY9912345678", "--as", "failed", "--reason", "none of ours"])
                #expect(word.code == 64, "\(word.output)\(word.errors)")
            }
            let sent = try sandbox.requests("payoutQueue")
            let probes = try sandbox.requests("balanceQuery")
            // On a machine so slow the pause may have come to its end.
            if ContinuousClock.now - began < .seconds(55) {
                #expect(sent <= 23, "what was in flight besides")
                #expect(probes == 0)
            }
            #expect(try await listener.stop().signal == nil)
            try sandbox.clearFaults()
            _ = try await site.tool(
                "run", ["--wait-unknown"], environment: ["SKYPAY_QUERY_AFTER_SECONDS": "1"])
            try Oracle(site: site, sandbox: sandbox).money([batch])
        }
    }

    @Test(
        "A client in Python posts callbacks over TLS, and opens the answers",
        .enabled(if: PythonPeer.python != nil, "needs Python with cryptography"))
    func python() async throws {
        try await Scratch.with { scratch in
            let site = try Site(
                scratch, port: try Loopback.freePort(), more: Listener.section(tls: true))
            let certificate = try await Listener.certify(site)
            let listener = try await Listener.start(site)
            func post(_ action: String, _ fields: String) async throws -> JSONValue {
                let url = "https://127.0.0.1:\(listener.port)/" + action
                let done = try await PythonPeer.run(
                    scratch, ["ask", url, Secrets.passwordKey, action, fields],
                    environment: ["SSL_CERT_FILE": certificate])
                #expect(done.code == 0, "\(done.errors)")
                return try JSONValue(parsing: Array(done.output.utf8))
            }
            let report = try await post(
                "payoutQueuePayout",
                #"{"controlNumber":"SKY9912345678","payType":2,"dealTime":"2026-11-21 12:00:00"}"#)
            #expect(report["responseCode"] == "1000")
            let asked = try await post(
                "collectionInquiry",
                #"{"contractNumber":"SKY9912345678","amount":"1.00","phone":"09171234567"}"#)
            #expect(asked["responseCode"] == "-1015")
        }
    }
}
