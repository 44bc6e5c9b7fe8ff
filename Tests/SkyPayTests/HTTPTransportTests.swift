import SkyPay
import Testing

/// Each test: what the transport says, and how many requests the server really got.
@Suite("HTTP transport")
struct HTTPTransportTests {
    /// Never reached, however slow the machine is.
    static let plentySeconds = 300

    /// Posts once; with deadlines that are not reached, where they are not what it is about.
    func post(
        _ url: String, _ transport: HTTPTransport, _ body: String = "body",
        connect: Int = plentySeconds, answer: Int = plentySeconds
    ) async -> TransportOutcome {
        await transport.post(
            body, to: url, connectTimeoutSeconds: connect, answerTimeoutSeconds: answer)
    }

    func run<Value>(
        connect: Int = plentySeconds,
        _ script: @escaping @Sendable (Int) -> ScriptedServer.Step,
        _ test: (ScriptedServer, HTTPTransport) async throws -> Value
    ) async throws -> Value {
        let server = try ScriptedServer(script)
        let transport = HTTPTransport(requestsInFlight: 1, connectTimeoutSeconds: Int64(connect))
        defer { server.stop() }
        do {
            let value = try await test(server, transport)
            await transport.shutdown()
            return value
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    @Test("A whole response is given as it came, whatever its status", arguments: [200, 404, 500])
    func response(_ status: Int) async throws {
        try await run({ _ in .send(.response("\(status) Text", "answer")) }) { server, transport in
            let outcome = await post(server.url, transport, "the body")
            #expect(outcome == .response(status: status, body: Array("answer".utf8)))
            #expect(server.seen.bodies == ["the body"])
        }
    }

    static let unknownCases: [(name: String, step: ScriptedServer.Step)] = [
        ("closed after the request", .close), ("silence", .silence),
        ("cut in the body", .sendAndClose("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nhalf")),
        ("cut in the head", .sendAndClose("HTTP/1.1 200 OK\r\nContent-Le")),
        ("body that never ends", .send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nhalf")),
        ("not HTTP", .sendAndClose("SSH-2.0-OpenSSH_9.9\r\n\r\n")),
        ("too long", .send("HTTP/1.1 200 OK\r\nContent-Length: 16777217\r\n\r\n")),
    ]

    @Test(
        "After the request left, every failure is unknown, and nothing is sent again",
        arguments: unknownCases)
    func unknown(_ item: (name: String, step: ScriptedServer.Step)) async throws {
        try await run({ _ in item.step }) { server, transport in
            guard case .unknown = await post(server.url, transport, answer: 2) else {
                Issue.record("\(item.name) was not unknown")
                return
            }
            #expect(server.seen.bodies.count == 1)
            #expect(server.seen.connections == 1)
        }
    }

    @Test("A redirect is an answer, and is not followed", arguments: [301, 302, 307, 308])
    func redirect(_ status: Int) async throws {
        let script: @Sendable (Int) -> ScriptedServer.Step = { _ in
            .send(.response("\(status) Moved", "", headers: "Location: /services/demo\r\n"))
        }
        try await run(script) { server, transport in
            #expect(await post(server.url, transport) == .response(status: status, body: []))
            #expect(server.seen.bodies.count == 1)
        }
    }

    @Test("A kept connection that closes under the second request is unknown, without a retry")
    func reusedConnection() async throws {
        let script: @Sendable (Int) -> ScriptedServer.Step = {
            $0 == 0 ? .send(.response("200 OK", "first")) : .close
        }
        try await run(script) { server, transport in
            let first = await post(server.url, transport, "one")
            #expect(first == .response(status: 200, body: Array("first".utf8)))
            guard case .unknown = await post(server.url, transport, "two") else {
                Issue.record("the second request was not unknown")
                return
            }
            #expect(server.seen.bodies == ["one", "two"])
            // A busy machine may not have given the first connection back in time.
            #expect((1...2).contains(server.seen.connections))
        }
    }

    @Test(
        "A kept connection that the server closed meanwhile never doubles a request",
        arguments: 0..<20)
    func closedMeanwhile(_ round: Int) async throws {
        try await run({ _ in .sendAndClose(.response("200 OK", "x")) }) { server, transport in
            var answered = 0
            for body in ["one", "two", "three"] {
                if case .response = await post(server.url, transport, body) { answered += 1 }
            }
            let bodies = server.seen.bodies
            #expect(Set(bodies).count == bodies.count)
            #expect(answered <= bodies.count)
        }
    }

    @Test("A refused connection is certainly not sent")
    func refused() async throws {
        let server = try ScriptedServer { _ in .close }
        server.stop()
        let transport = HTTPTransport()
        let outcome = await post(server.url, transport)
        await transport.shutdown()
        guard case .certainlyNotSent = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test(
        "A URL that leads nowhere is certainly not sent",
        arguments: ["http://no-such-host.invalid/x", "ftp://127.0.0.1/x", "nonsense", ""])
    func nowhere(_ url: String) async throws {
        let transport = HTTPTransport()
        let outcome = await post(url, transport)
        await transport.shutdown()
        guard case .certainlyNotSent = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A server that never finishes the TLS handshake is certainly not sent")
    func noHandshake() async throws {
        try await run(connect: 1, { _ in .silence }) { server, transport in
            let outcome = await post(
                "https://127.0.0.1:\(server.port)/", transport, connect: 1, answer: 2)
            guard case .certainlyNotSent = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    @Test("A request that waits for the only connection until its deadline is certainly not sent")
    func noConnectionFree() async throws {
        try await run({ _ in .silence }) { server, transport in
            async let first = post(server.url, transport, "one", connect: 5, answer: 10)
            async let second = post(server.url, transport, "two", connect: 5, answer: 10)
            let outcomes = await [first, second].map { outcome in
                switch outcome {
                case .unknown: "unknown"
                case .certainlyNotSent: "not sent"
                case .response: "response"
                }
            }
            #expect(outcomes.sorted() == ["not sent", "unknown"])
            #expect(server.seen.bodies.count == 1)
        }
    }

    @Test(
        "A caller who gives up, also in the middle of an answer, learns that nobody knows",
        arguments: [
            ScriptedServer.Step.silence, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
            .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        ])
    func cancelled(_ step: ScriptedServer.Step) async throws {
        let (steps, stepped) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (Int) -> ScriptedServer.Step = { _ in
            stepped.yield()
            return step
        }
        try await run(script) { server, transport in
            let task = Task {
                let outcome = await post(server.url, transport)
                // Should it end before the request arrived, nobody waits for it.
                stepped.yield()
                return outcome
            }
            for await _ in steps { break }
            task.cancel()
            let outcome = await task.value
            guard case .unknown = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }
}
