import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("Client against sandbox, over HTTP")
struct ClientAgainstSandboxTests {
    @Test("A payout is queued, found, and paid from the balance")
    func success() async throws {
        try await Counterparts.run { both in
            #expect(await both.pay(payout()).word == "answered 1000")
            #expect(await both.record("SKY9912345678") == "1 1 completed")
            guard
                case .rows(let rows) = await both.client.queryStatus(
                    ["SKY9912345678", "SKY9900000000"])
            else {
                Issue.record("no rows")
                return
            }
            #expect(rows.map(\.controlNumber) == ["SKY9912345678"])
            #expect(rows.first?.status == .completed)
            guard case .balance(let balance) = await both.client.balance() else {
                Issue.record("no balance")
                return
            }
            #expect(balance == "998500.00")
        }
    }

    @Test("A number is paid once, whoever asks again")
    func reused() async throws {
        try await Counterparts.run { both in
            #expect(await both.pay(payout()).word == "answered 1000")
            #expect(await both.pay(payout()).word == "answered -1008")
            #expect(await both.pay(payout(amount: "1.00")).word == "answered -1008")
            #expect(await both.record("SKY9912345678") == "3 1 completed")
        }
    }

    @Test("More than the balance is refused, and no money moves")
    func balance() async throws {
        var settings = SandboxSettings()
        settings.balance = Amount(centavos: 200_000)
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout()).word == "answered 1000")
            #expect(await both.pay(payout("SKY9912345679")).word == "answered -1016")
            #expect(await both.record("SKY9912345679") == "1 0 none")
            #expect(
                await both.pay(payout("SKY9912345680", amount: "500.00")).word == "answered 1000")
            #expect(await both.server.ledger()["balance"] == "0.00")
        }
    }

    struct FaultCase: Sendable, CustomTestStringConvertible {
        let rule: String
        let outcome: String
        let record: String
        var testDescription: String { rule }

        init(_ rule: String, _ outcome: String, _ record: String) {
            self.rule = rule
            self.outcome = outcome
            self.record = record
        }
    }

    @Test(
        "Every fault: what the client learns, and that one request came and what it did",
        arguments: [
            FaultCase("drop-before", "unknown", "1 0 none"),
            FaultCase("drop-after", "unknown", "1 1 completed"),
            FaultCase("timeout-before", "unknown", "1 0 none"),
            FaultCase("timeout-after", "unknown", "1 1 completed"),
            FaultCase("code:-1009", "answered -1009", "1 0 none"),
            FaultCase("code-after:-1009", "answered -1009", "1 1 completed"),
            FaultCase("code:-1016", "answered -1016", "1 0 none"),
            FaultCase("http-500", "unknown", "1 0 none"),
            FaultCase("http-500-after", "unknown", "1 1 completed"),
            FaultCase("garbled", "unknown", "1 1 completed"),
            FaultCase("truncated", "unknown", "1 1 completed"),
        ])
    func fault(_ item: FaultCase) async throws {
        try await Counterparts.run { both in
            // The first payout opens a connection, so that the second meets a reused one.
            #expect(await both.pay(payout("SKY9900000001")).word == "answered 1000")
            await both.server.addFaults([try FaultRule(parsing: "payoutQueue:" + item.rule)])
            // Only an answer that never comes is to be waited for in vain.
            let client = item.rule.hasPrefix("timeout") ? both.impatient : both.client
            let outcome = await client.send(client.prepare(.payoutQueue, fields: payout()))
            #expect(outcome.word == item.outcome)
            #expect(await both.record("SKY9912345678") == item.record)
            #expect(await both.server.requests()["payoutQueue"] == 2)
        }
    }

    @Test("Faults meet the requests they are meant for: by count, by place, by number")
    func aim() async throws {
        var settings = SandboxSettings()
        settings.faults = [
            try FaultRule(parsing: "payoutQueue:code:-9999:2:nth=2"),
            try FaultRule(parsing: "*:code:-1013:control=SKY9900000009"),
        ]
        try await Counterparts.run(settings) { both in
            var words: [String] = []
            for number in 1...4 {
                words.append(await both.pay(payout("SKY990000000\(number)")).word)
            }
            #expect(
                words == [
                    "answered 1000", "answered -9999", "answered -9999", "answered 1000",
                ])
            #expect(await both.pay(payout("SKY9900000009")).word == "answered -1013")
            #expect(await both.pay(payout("SKY9900000009")).word == "answered 1000")
            await both.server.addFaults([try FaultRule(parsing: "*:http-500:9")])
            await both.server.removeFaults()
            #expect(await both.pay(payout()).word == "answered 1000")
        }
    }

    @Test("Wrong credentials, key or caller are told apart")
    func strangers() async throws {
        try await Counterparts.run { both in
            func word(_ caller: String, _ secret: String, _ key: String) async -> String {
                let transport = HTTPTransport()
                let client = SkyPayClient(
                    url: "http://127.0.0.1:\(both.port)/services",
                    credentials: SkyPayCredentials(
                        callerName: caller, userName: "DemoApp@skypay", authentication: secret,
                        passwordKey: key), transport: transport)
                let outcome = await client.send(client.prepare(.balanceQuery, fields: [:]))
                await transport.shutdown()
                return outcome.word
            }
            let demo = SandboxSettings.demoCredentials
            #expect(
                await word("demo", demo.authentication, demo.passwordKey) == "answered 1000")
            #expect(await word("demo", "x", demo.passwordKey) == "answered -1001")
            #expect(await word("demo", demo.authentication, "OTHER") == "answered -1000")
            #expect(await word("other", demo.authentication, demo.passwordKey) == "unknown")
        }
    }

    @Test("Sixty-four at once are each paid once")
    func together() async throws {
        try await Counterparts.run { both in
            let words = await withTaskGroup(of: String.self) { group in
                for number in 0..<64 {
                    group.addTask { await both.pay(payout("SKY99000001\(10 + number)")).word }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(words == ["answered 1000": 64])
            #expect(await both.server.ledger()["balance"] == "904000.00")
        }
    }
}
