import Foundation
import Glibc
import OrderedJSON
import Testing

/// The listener against repetitions, crashes, wrong credentials and nonsense. No provider is needed:
/// nothing is sent.
@Suite(.fewAtATime)
struct ListenerTests {
    private static let receipt: JSONObject = [
        "contractNumber": "SKY9910000002", "amount": "300.00", "phone": "09191234567",
        "receiptNumber": "R-1|Pasig", "collectedTime": "2026-11-21 12:00:00", "payChannel": "10",
    ]
    private static let offer: JSONObject = [
        "contractNumber": "SKY9910000002", "amount": "300.00", "phone": "09191234567",
    ]

    private func site(_ scratch: Scratch, requestSeconds: Int = 60) throws -> Site {
        try Site(
            scratch, port: try Loopback.freePort(),
            more: Listener.section(requestSeconds: requestSeconds))
    }

    private func code(_ scratch: Scratch, _ answer: Listener.Answer) async throws -> String? {
        #expect(answer.status == 200, "\(answer.text)")
        let isPlain = answer.body.first == 0x7B
        let object =
            isPlain
            ? try JSONValue(parsing: answer.body)
            : try await Message.opened(scratch, answer.text)
        return object["responseCode"]?.stringValue
    }

    /// Events about callbacks, without those of files that were dropped.
    private func told(_ site: Site) async throws -> [JSONValue] {
        try await site.events().filter {
            $0["type"]?.stringValue?.hasPrefix("callback.") == true
                || $0["type"] == "file.duplicate"
        }
    }

    /// Registers the collection and asks about it, so that the counter may report its payment.
    private func inquired(_ scratch: Scratch, _ listener: Listener) async throws {
        try listener.site.drop("reg.json", PostedCallbackTests.collections)
        _ = try await eventually("the registration") {
            listener.site.exists("outbox/reg.json.result.json") ? true : nil
        }
        let asked = try listener.post(Message.plain("collectionInquiry", Self.offer))
        #expect(try await code(scratch, asked) == "1000")
    }

    @Test("The same callback over the wire, again, and in a file: one effect, the same answer")
    func repeated() async throws {
        try await Scratch.with { scratch in
            let site = try site(scratch)
            let listener = try await Listener.start(site)
            try await inquired(scratch, listener)
            let paid = Message.plain("collectionCollect", Self.receipt)
            let sealed = try await Message.sealed(scratch, paid)
            // At once, plain and encrypted: they wait for each other.
            let all = try await withThrowingTaskGroup(of: Listener.Answer.self) { group in
                for number in 0..<8 {
                    group.addTask { try listener.post(number % 2 == 0 ? paid : sealed) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for answer in all { #expect(try await code(scratch, answer) == "1000") }
            #expect(all.filter { $0.body.first == 0x7B }.count == 4)
            try site.drop("paid.txt", sealed)
            _ = try await eventually("the file's answer") {
                site.exists("outbox/paid.txt.response.json") ? true : nil
            }
            #expect(try site.response("paid.txt.response.json")["responseCode"] == "1000")
            #expect(try await listener.stop().code == 0)
            let events = try await told(site)
            #expect(events.filter { $0["type"] == "callback.collected" }.count == 1)
            #expect(events.filter { $0["data"]?["replay"] == true }.count == 8)
            #expect(try await site.verify().code == 0)
        }
    }

    @Test(
        "Killed before its answer left, delivered again: one event, one effect",
        arguments: ["posted", "decided", "recorded:1", "recorded:2", "recorded:3"])
    func killed(_ point: String) async throws {
        try await Scratch.with { scratch in
            let site = try site(scratch)
            let before = try await Listener.start(site)
            try await inquired(scratch, before)
            #expect(try await before.stop().code == 0)
            let first = try await Listener.start(site, failPoint: point)
            let paid = try await Message.sealed(
                scratch, Message.plain("collectionCollect", Self.receipt))
            let answer = try first.post(paid)
            let ended = try await first.daemon.end()
            #expect(ended.signal == SIGKILL, "\(point) was not reached: \(ended)")
            #expect(answer.status == nil, "it was answered: \(answer.text)")
            let second = try await Listener.start(site)
            #expect(try await code(scratch, try second.post(paid)) == "1000")
            #expect(try await code(scratch, try second.post(paid)) == "1000")
            _ = try await eventually("the final file") {
                site.exists("outbox/reg.json.final.json") ? true : nil
            }
            #expect(try await second.stop().code == 0)
            let events = try await site.events()
            #expect(events.filter { $0["type"] == "callback.collected" }.count == 1)
            #expect(try await site.verify().code == 0)
            #expect(try site.snapshot("state/staging").isEmpty)
        }
    }

    @Test("Wrong credentials are answered, raised, and applied to nothing")
    func credentials() async throws {
        try await Scratch.with { scratch in
            let site = try site(scratch)
            let listener = try await Listener.start(site)
            try await inquired(scratch, listener)
            let forged = Message.plain(
                "collectionCollect", Self.receipt, authentication: "E0000000")
            #expect(try await code(scratch, try listener.post(forged)) == "-1001")
            let report: JSONObject = [
                "controlNumber": "SKY9912345678", "payType": "2", "dealTime": "2026-11-21 12:00:00",
            ]
            let told = Message.plain("payoutQueuePayout", report, authentication: "E0000000")
            #expect(try await code(scratch, try listener.post(told)) == "1000")
            #expect(try await listener.stop().code == 30)
            let events = try await raised(site)
            #expect(events.count == 2)
            #expect(events.allSatisfy { $0["data"]?["verified"] == false })
            #expect(!events.contains { $0.text().contains("E0000000") })
        }
    }

    private func raised(_ site: Site) async throws -> [JSONValue] {
        try await told(site).filter { $0["data"]?["action"] != "collectionInquiry" }
    }

    @Test("What is no callback is refused and leaves no trace: nothing is kept, nothing recorded")
    func nonsense() async throws {
        try await Scratch.with { scratch in
            let site = try site(scratch, requestSeconds: 3)
            let listener = try await Listener.start(site)
            let host = "Host: 127.0.0.1\r\nConnection: close\r\n"
            let refused: [(String, Int)] = [
                ("GET / HTTP/1.1\r\n\(host)\r\n", 405),
                ("PUT / HTTP/1.1\r\n\(host)Content-Length: 2\r\n\r\n{}", 405),
                (post("{}"), 400), (post("not JSON"), 400), (post(""), 400),
                (post("[1]"), 400), (post(#"{"action":"payoutQueue"}"#), 400),
                (post(Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 1).text), 400),
                (post(PostedCallbackTests.collections), 400),
                // Whole blocks of base64 under no key of ours.
                (post(String(repeating: "QUJDREVGR0hJSktMTU5PUA==", count: 1)), 400),
                (post(String(repeating: "A", count: 65_537)), 413),
                ("POST / HTTP/1.1\r\n\(host)Content-Length: x\r\n\r\n", 400),
                ("nonsense\r\n\r\n", 400),
            ]
            for (request, status) in refused {
                let answer = try listener.exchange(request)
                #expect(answer.status == status, "\(request.prefix(60)): \(answer.text)")
            }
            try await slow(listener)
            // A header without end.
            let long = "POST / HTTP/1.1\r\n\(host)X: " + String(repeating: "a", count: 100_000)
            #expect(try listener.exchange(long).status != 200)
            #expect(try site.snapshot("state/files").isEmpty)
            #expect(try await listener.stop().code == 0)
            let events = try await site.events()
            #expect(!events.contains { $0["subject"]?["file"] != nil })
        }
    }

    private func post(_ body: String) -> String {
        "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    /// Clients that send a byte now and then are cut off; others are served meanwhile.
    private func slow(_ listener: Listener) async throws {
        let drips = [
            "POST / HTTP/1.1\r\nHo",
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\n{",
        ]
        let connections = try drips.map { text in
            let connection = try listener.open()
            listener.send(text, on: connection)
            return connection
        }
        defer { for connection in connections { close(connection) } }
        #expect(try listener.post("{}").status == 400)
        for connection in connections {
            let answer = try await eventually("the slow client is cut off") {
                () -> Listener.Answer? in
                listener.send("a", on: connection)
                var byte: UInt8 = 0
                let peeked = recv(
                    connection, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
                let isOpen = peeked < 0 && errno == EAGAIN
                return isOpen ? nil : listener.receive(connection)
            }
            #expect(answer.status == nil)
        }
    }

    @Test("A stop answers what is in flight, and waits for no client that says nothing")
    func stopped() async throws {
        try await Scratch.with { scratch in
            let site = try site(scratch, requestSeconds: 2)
            let listener = try await Listener.start(site)
            let idle = try listener.open()
            let half = try listener.open()
            defer { for connection in [idle, half] { close(connection) } }
            listener.send(
                "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{", on: half)
            #expect(try await listener.stop().code == 0)
            #expect(listener.receive(half).status != 200)
            #expect(!site.exists("state/status.json"))
            #expect(throws: HarnessFailure.self) { try listener.open() }
        }
    }

    @Test("A daemon says when its port is taken; a run does not listen at all")
    func taken() async throws {
        try await Scratch.with { scratch in
            let (socket, port) = try Loopback.listen()
            defer { close(socket) }
            let site = try Site(
                scratch, port: try Loopback.freePort(), more: Listener.section(port: port))
            #expect(try await site.run().code == 0)
            let ended = try await site.daemon().end()
            #expect(ended.code == 40, "\(ended)")
            #expect(ended.errors.contains("callbacks.listen"), "\(ended.errors)")
            let other = try Site(
                scratch, port: try Loopback.freePort(), name: "other",
                more: Listener.section(tls: true))
            for name in ["cert.pem", "key.pem"] {
                try Scratch.put("nothing", at: other.root + "/" + name)
            }
            let broken = try await other.daemon().end()
            #expect(broken.code == 40)
            #expect(broken.errors.contains("tlsCertificateFile"), "\(broken.errors)")
        }
    }
}
