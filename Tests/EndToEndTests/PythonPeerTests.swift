import Foundation
import OrderedJSON
import Testing

/// Messages exchanged with a client and servers that share no line with this project.
@Suite(.fewAtATime, .enabled(if: PythonPeer.python != nil, "needs Python with cryptography"))
struct PythonPeerTests {
    private static let url = "http://127.0.0.1:"

    private func ask(
        _ scratch: Scratch, _ port: Int, _ action: String, _ fields: String
    ) async throws -> JSONValue {
        let url = Self.url + "\(port)/services/demo"
        let ended = try await PythonPeer.run(
            scratch, ["ask", url, Secrets.passwordKey, action, fields])
        #expect(ended.code == 0, "\(ended.errors)")
        return try JSONValue(parsing: Array(ended.output.utf8))
    }

    @Test(
        "A client in Python queues a payout at the sandbox, finds it, and is refused a second one")
    func client() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let payout = """
                {"sender":"Acme","controlNumber":"SKY9912345678","name":"Pe\u{F1}a,Ana",
                "phone":"09171234567","amount":"1500.00","accountNo":"09171234567",
                "withdrawChannel":"6"}
                """
            let queued = try await ask(scratch, sandbox.port, "payoutQueue", payout)
            #expect(queued["responseCode"] == "1000")
            let again = try await ask(scratch, sandbox.port, "payoutQueue", payout)
            #expect(again["responseCode"] == "-1008")
            let status = try await ask(
                scratch, sandbox.port, "payoutQueryStatus",
                #"{"controlNumbers":[{"controlNumber":"SKY9912345678"}]}"#)
            #expect(status["result"]?.arrayValue?.first?["status"] == "1")
            let balance = try await ask(scratch, sandbox.port, "balanceQuery", "{}")
            #expect(balance["balance"] == .number("998500.00"))
            #expect(try sandbox.ledger().map(\.applied) == [1])
        }
    }

    @Test("A partner in Python gets the sandbox's callbacks, and answers its counter")
    func partner() async throws {
        try await Scratch.with { scratch in
            let partner = try await PythonPeer.start(scratch, "partner")
            let url = Self.url + "\(partner.port)"
            let sandbox = try await Sandbox.start(
                scratch,
                [
                    "--callback-url", url + "/all", "--callback-url",
                    "financeNotification=" + url + "/money",
                ])
            let payout = """
                {"sender":"Acme","controlNumber":"SKY9912345678","name":"Reyes,Ana",
                "phone":"09171234567","amount":"1500.00","accountNo":"09171234567",
                "withdrawChannel":"6"}
                """
            _ = try await ask(scratch, sandbox.port, "payoutQueue", payout)
            _ = try await ask(
                scratch, sandbox.port, "balanceTransfer",
                #"{"transferFrom":"SKY99","transferTo":"SKY98","amount":10.5}"#)
            let seen = try await eventually("three callbacks") { () -> [JSONValue]? in
                let messages = try partner.messages()
                return messages.count == 3 ? messages : nil
            }
            #expect(Set(seen.compactMap { $0["path"]?.stringValue }) == ["/all", "/money"])
            let paid = seen.first { $0["action"] == "payoutQueuePayout" }
            #expect(paid?["payType"] == "2")
            let accounts = seen.compactMap { $0["accountNo"]?.stringValue }
            #expect(accounts.sorted() == ["SKY98", "SKY99"])

            let counter = try await scratch.run(
                Binaries.sandbox, ["payout", "SKY9900000001", "--url", url + "/counter"])
            #expect(counter.code == 0, "\(counter.errors)")
            let answers = try counter.output.split(separator: "\n").map {
                try JSONValue(parsing: Array($0.utf8))
            }
            #expect(answers.map { $0["action"] } == ["payoutInquiry", "payoutPayout"])
            #expect(answers.first?["answer"]?["name"] == "Pe\u{F1}a,Ana")
        }
    }

    @Test("The runner pays through a provider in Python: each row once, and final")
    func provider() async throws {
        try await Scratch.with { scratch in
            let provider = try await PythonPeer.start(scratch, "provider")
            let site = try Site(scratch, port: provider.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 5)
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            let rows = try site.response("b.csv.final.json")["rows"]?.arrayValue ?? []
            #expect(rows.map { $0["outcome"] } == Array(repeating: "paid", count: 5))
            let requests = try provider.messages().filter { $0["action"] == "payoutQueue" }
            #expect(
                requests.compactMap { $0["controlNumber"]?.stringValue }.sorted()
                    == batch.good.map(\.controlNumber))
            #expect(requests.allSatisfy { $0["type"] == "text/plain" })
            #expect(requests.allSatisfy { $0["path"] == "/services/demo" })
            #expect(requests.allSatisfy { $0["name"] == "Halimbawa,Uno,Test" })
        }
    }

    @Test("A callback sealed in Python is answered by the runner in text that Python opens")
    func callback() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let message = """
                {"userName":"DemoApp@skypay","action":"payoutQueuePayout",
                "authentication":"\(Secrets.authentication)","controlNumber":"SKY9912345678",
                "payType":"2","dealTime":"2026-11-21 12:00:00","failDescription":"Pe\u{F1}a"}
                """
            let plain = try scratch.write("message.json", message)
            let sealed = try await PythonPeer.run(
                scratch, ["seal", Secrets.passwordKey], input: plain)
            try site.drop("paid.txt", sealed.output)
            _ = try await site.run()
            let answer = site.outbox + "/paid.txt.response.txt"
            let opened = try await PythonPeer.run(
                scratch, ["open", Secrets.passwordKey], input: answer)
            #expect(opened.code == 0, "\(opened.errors)")
            let object = try JSONValue(parsing: Array(opened.output.utf8))
            #expect(object["responseCode"] == "1000")
            #expect(try site.bytes("outbox/paid.txt.response.json").starts(with: [0x7B]))
        }
    }
}
