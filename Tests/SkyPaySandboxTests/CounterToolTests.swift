import Foundation
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("The test tools")
struct CounterToolTests {
    private static let demo = SandboxSettings.demoCredentials
    private static let time = "2026-11-21 12:00:00"
    private static let payment = CounterPayment(
        contractNumber: "SKY9900000001", amount: "250.00", phone: "09171234567",
        receiptNumber: "R-1|Cebu", channel: "10", collectedTime: time)

    /// Runs a test with a tool that posts to a partner who answers these codes.
    private func withTool(
        _ codes: [String: String], memory: String? = nil,
        _ test: (inout CounterTool, Partner) async throws -> Void
    ) async throws {
        try await Partner.run { action, _ in
            ["responseCode": .string(codes[action] ?? "1000"), "amount": "1500.00"]
        } _: { partner, url in
            let transport = HTTPTransport()
            var tool = CounterTool(
                Self.demo, target: .urls(inquiry: url, confirmation: url), transport: transport,
                memoryFolder: memory)
            do {
                try await test(&tool, partner)
            } catch {
                await transport.shutdown()
                throw error
            }
            await transport.shutdown()
        }
    }

    @Test("A payout is asked about, then confirmed")
    func payout() async throws {
        try await withTool([:]) { tool, partner in
            let answers = try await tool.payout(
                "SKY9912345678", channel: "9", payTime: Self.time, step: .both)
            #expect(answers.map(\.action) == ["payoutInquiry", "payoutPayout"])
            #expect(answers.allSatisfy { $0.answer?["amount"] == "1500.00" })
            #expect(partner.actions == ["payoutInquiry", "payoutPayout"])
            let confirmation = try #require(partner.messages.last)
            #expect(confirmation["withdrawChannel"] == "9")
            #expect(confirmation["payTime"] == .string(Self.time))
            #expect(Callback.credentialsMatch(confirmation, Self.demo))
        }
    }

    @Test("After a refused inquiry nothing is confirmed")
    func refused() async throws {
        try await withTool(["collectionInquiry": "-1015"]) { tool, partner in
            let answers = try await tool.collect(Self.payment, step: .both)
            #expect(answers.map(\.isGood) == [false])
            #expect(partner.actions == ["collectionInquiry"])
            await #expect(throws: SandboxError.self) {
                try await tool.collect(Self.payment, step: .confirmation)
            }
            tool.isForced = true
            _ = try await tool.collect(Self.payment, step: .confirmation)
            #expect(partner.actions == ["collectionInquiry", "collectionCollect"])
        }
    }

    @Test("The steps can be taken by two tools with one memory, and by no others")
    func memory() async throws {
        let folder = try TemporaryFolder()
        try await withTool([:], memory: folder.path) { tool, _ in
            _ = try await tool.collect(Self.payment, step: .inquiry)
        }
        try await withTool([:], memory: folder.path) { tool, partner in
            let answers = try await tool.collect(Self.payment, step: .confirmation)
            #expect(answers.map(\.isGood) == [true])
            #expect(partner.messages.first?["receiptNumber"] == "R-1|Cebu")
            await #expect(throws: SandboxError.self) {
                try await tool.payout(
                    "SKY9900000001", channel: "1", payTime: Self.time, step: .confirmation)
            }
        }
        try await withTool([:]) { tool, partner in
            await #expect(throws: SandboxError.self) {
                try await tool.collect(Self.payment, step: .confirmation)
            }
            #expect(partner.messages.isEmpty)
        }
    }

    @Test("Every payType can be faked", arguments: PayType.allCases)
    func fake(_ type: PayType) async throws {
        try await withTool([:]) { tool, partner in
            let answered = try await tool.fake(
                "SKY9912345678", payType: type, dealTime: Self.time, failDescription: "closed")
            #expect(answered.isGood)
            let message = try #require(partner.messages.first)
            guard case .payoutQueuePayout(let result) = try Callback.parse(message) else {
                Issue.record("no payoutQueuePayout: \(message)")
                return
            }
            #expect(result.payType == type)
            #expect(result.failDescription == "closed")
        }
    }

    @Test("As files: the answer is awaited in the other folder", arguments: [true, false])
    func files(_ isPlain: Bool) async throws {
        let inbox = try TemporaryFolder()
        let outbox = try TemporaryFolder()
        let transport = HTTPTransport()
        let ending = isPlain ? "json" : "txt"
        let name = "payoutInquiry-SKY9912345678-7.\(ending)"
        let answer = JSONValue.object(["responseCode": "-1012"]).bytes()
        let text =
            isPlain ? answer : Array(Envelope(passwordKey: Self.demo.passwordKey).seal(answer).utf8)
        try SandboxFiles.create("\(outbox.path)/\(name).response.\(ending)", text)
        var tool = CounterTool(
            Self.demo, target: .folder(inbox.path, answers: outbox.path, isPlain: isPlain),
            transport: transport, answerSeconds: 5, clock: { 7 })
        let answers = try await tool.payout(
            "SKY9912345678", channel: "1", payTime: Self.time, step: .both)
        #expect(answers.map { $0.answer?["responseCode"] } == ["-1012"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: inbox.path) == [name])
        let written = try SandboxFiles.read("\(inbox.path)/\(name)")
        let object = try JSONValue(parsing: try Callback.open(written, Self.demo)).objectValue
        #expect(object?["action"] == "payoutInquiry")
        await transport.shutdown()
    }

    @Test("Where nobody waits for answers nothing counts as asked")
    func unanswered() async throws {
        let inbox = try TemporaryFolder()
        let transport = HTTPTransport()
        var tool = CounterTool(
            Self.demo, target: .folder(inbox.path, answers: nil, isPlain: true),
            transport: transport)
        let answers = try await tool.payout(
            "SKY9912345678", channel: "1", payTime: Self.time, step: .inquiry)
        #expect(answers.map(\.answer) == [nil])
        await #expect(throws: SandboxError.self) {
            try await tool.payout(
                "SKY9912345678", channel: "1", payTime: Self.time, step: .confirmation)
        }
        await transport.shutdown()
    }
}
