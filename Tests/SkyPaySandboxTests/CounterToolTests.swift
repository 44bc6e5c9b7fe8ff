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

    /// An answer nothing is wrong with.
    private static func answer(to action: String, code: String = "1000") -> JSONObject {
        var answer: JSONObject = [
            "responseTime": "2026-11-21 12:00:00.0000", "responseCode": .string(code),
            "responseDescription": "Success",
        ]
        guard code == "1000" else { return answer }
        let more: JSONObject? =
            switch action {
            case "payoutInquiry":
                [
                    "controlNumber": "SKY9912345678", "sender": "Acme", "senderAddress": "Cebu",
                    "name": "Reyes,Ana", "birthday": "1990-02-28", "identificationId": "A-1",
                    "idType": "Passport", "phone": "09171234567", "amount": "1500.00",
                    "idcardPicType": "jpg", "idcardPicUrl": "https://example.test/a",
                    "location": "Cebu",
                ]
            case "collectionInquiry":
                [
                    "amount": "250.00", "payerName": "Reyes,Ana", "payerAddress": "Cebu",
                    "payerPhone": "09171234567",
                ]
            default: nil
            }
        answer.members += more?.members ?? []
        return answer
    }

    /// Changes to that answer, and what is told of each; nil when it is still good.
    private static let changes: [(name: String, value: JSONValue?, fault: String?)] = [
        ("name", nil, "has no name"), ("location", nil, "has no location"),
        ("amount", .number("1500.00"), "amount is malformed"),
        ("amount", "1500", "amount is malformed"), ("phone", "9171234567", "phone is malformed"),
        ("birthday", "1990-02-30", "birthday is malformed"), ("idType", "", "idType is malformed"),
        ("sender", .string(String(repeating: "s", count: 101)), "sender is malformed"),
        ("responseTime", "2026-11-21 12:00:00", "responseTime is malformed"),
        ("responseTime", "2026-11-21T12:00:00.0000", "responseTime is malformed"),
        ("responseCode", 1000, "responseCode is malformed"),
        ("responseDescription", nil, "has no responseDescription"),
        ("expiresAt", "2026-11-22 00:00:00", "has expiresAt"),
        ("controlNumber", "SKY9912345679", "another control number"),
        ("contractNumber", "C-1", nil),
    ]

    @Test("A 1000 without all that belongs to it is no success", arguments: changes)
    func incomplete(_ change: (name: String, value: JSONValue?, fault: String?)) async throws {
        try await Partner.run { action, _ in
            var answer = Self.answer(to: action)
            if action == "payoutInquiry" { answer[change.name] = change.value }
            return answer
        } _: { partner, url in
            let transport = HTTPTransport()
            var tool = CounterTool(
                Self.demo, target: .urls(inquiry: url, confirmation: url), transport: transport)
            let answers = try? await tool.payout(
                "SKY9912345678", channel: "9", payTime: Self.time, step: .both)
            await transport.shutdown()
            let told = answers?.first?.fault
            #expect((told == nil) == (change.fault == nil), "\(told ?? "")")
            if let fault = change.fault { #expect(told?.contains(fault) == true, "\(told ?? "")") }
            #expect(partner.actions.count == (change.fault == nil ? 2 : 1))
        }
    }

    @Test("The vendor's own spelling, with a space, is taken")
    func spelling() async throws {
        try await Partner.run { action, _ in
            var answer = Self.answer(to: action)
            for name in ["sender", "payer"] {
                guard let address = answer[name + "Address"] else { continue }
                answer[name + "Address"] = nil
                answer[name + " address"] = address
            }
            return answer
        } _: { _, url in
            let transport = HTTPTransport()
            var tool = CounterTool(
                Self.demo, target: .urls(inquiry: url, confirmation: url), transport: transport)
            let paid = try? await tool.payout(
                "SKY9912345678", channel: "9", payTime: Self.time, step: .both)
            let collected = try? await tool.collect(Self.payment, step: .both)
            await transport.shutdown()
            #expect(paid?.map(\.isGood) == [true, true])
            #expect(collected?.map(\.isGood) == [true, true])
        }
    }

    /// Runs a test with a tool that posts to a partner who answers these codes.
    private func withTool(
        _ codes: [String: String], memory: String? = nil,
        _ test: (inout CounterTool, Partner) async throws -> Void
    ) async throws {
        try await Partner.run { action, _ in
            Self.answer(to: action, code: codes[action] ?? "1000")
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
            #expect(answers.map { $0.answer?["amount"] } == ["1500.00", nil])
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
