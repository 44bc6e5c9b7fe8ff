import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// One action with a request for it, and how to see whether it took effect.
struct ActionCase: Sendable, CustomTestStringConvertible {
    let action: String
    /// What has to be there first: a payout at a store.
    let needsStorePayout: Bool
    /// A request under this control or contract number.
    let fields: @Sendable (_ number: String) -> JSONObject
    /// Effects seen in the ledger; nil for enquiries, which have none.
    let effects: (@Sendable (_ ledger: JSONValue, _ number: String) -> Int)?
    var testDescription: String { action }

    private static func row(_ ledger: JSONValue, _ number: String) -> JSONValue? {
        ledger["payouts"]?.arrayValue?.first { $0["controlNumber"]?.stringValue == number }
    }

    private static func applied(_ ledger: JSONValue, _ number: String) -> Int {
        row(ledger, number)?["applied"]?.integerValue ?? 0
    }

    private static func enquiry(_ action: String, _ fields: JSONObject) -> ActionCase {
        ActionCase(
            action: action, needsStorePayout: false, fields: { _ in fields }, effects: nil)
    }

    private static func report(_ dateType: String) -> JSONObject {
        [
            "startDate": "2026-11-21", "endDate": "2026-11-21", "dateType": .string(dateType),
            "pagination": 1, "pageSize": 100,
        ]
    }

    static let moving = [
        ActionCase(
            action: "payoutQueue", needsStorePayout: false, fields: { payout($0, amount: "1.00") },
            effects: applied),
        ActionCase(
            action: "payoutQueueV2", needsStorePayout: false, fields: { storePayout($0) },
            effects: applied),
        ActionCase(
            action: "amendTransactionV2", needsStorePayout: true,
            fields: { amendment($0, name: "Reyes,Bea") },
            effects: { row($0, $1)?["name"] == "Reyes,Bea" ? 1 : 0 }),
        ActionCase(
            action: "cancelPayout", needsStorePayout: true,
            fields: { ["controlNumbers": [["controlNumber": .string($0)]]] },
            effects: { row($0, $1)?["status"] == "cancelled" ? 1 : 0 }),
        ActionCase(
            action: "balanceTransfer", needsStorePayout: false,
            // The amount tells one transfer from another, as nothing else does.
            fields: {
                [
                    "transferFrom": "SKY99", "transferTo": "SKY98",
                    "amount": .number(String($0.suffix(4))),
                ]
            },
            effects: { ledger, number in
                let notices = ledger["notifications"]?.arrayValue ?? []
                let amount = JSONValue.number(String(number.suffix(4)) + ".00")
                return notices.count { $0["amount"] == amount } / 2
            }),
        ActionCase(
            action: "generate711Barcode", needsStorePayout: false,
            fields: {
                [
                    "contractNumber": .string($0), "name": "Reyes,Ana", "phone": "09171234567",
                    "amount": "1.00",
                ]
            },
            effects: { ledger, number in
                let barcodes = ledger["barcodes"]?.arrayValue ?? []
                return barcodes.count { $0["contractNumber"]?.stringValue == number }
            }),
    ]

    static let all =
        moving + [
            enquiry(
                "payoutQueryStatus", ["controlNumbers": [["controlNumber": "SKY9912345678"]]]),
            enquiry("getReportPayout", report("PayTime")),
            enquiry("getReportCollection", report("CollectedTime")),
            enquiry("balanceQuery", [:]),
            enquiry(
                "notificationInquiry",
                [
                    "transctionDate": "2026-11-21", "transEndDate": "2026-11-21",
                    "statementTypes": ["1"],
                ]),
            enquiry("getCatalog", ["catalogType": "getBankCode", "versionDate": ""]),
        ]
}

@Suite("Faults in pairs, for every action")
struct FaultPairTests {
    /// What the client sees, not applied and applied. Delays are one second.
    private static let pairs: [(before: String?, after: String?, sight: String)] = [
        ("drop-before", "drop-after", "nothing"), ("timeout-before", "timeout-after", "nothing"),
        ("code:-9999", "code-after:-9999", "-9999"), ("http:503", "http-after:503", "HTTP 503"),
        ("http-500", "http-500-after", "HTTP 500"),
        ("garbled-before", "garbled", "unreadable"), ("truncated-before", "truncated", "nothing"),
        ("drip-before", nil, "-9999"), (nil, "drip", "good"), (nil, "slow", "good"),
    ]

    @Test("The same sight, with and without effect, once", arguments: ActionCase.all)
    func pairs(_ item: ActionCase) async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            var number = 9_900_001_000
            for pair in Self.pairs {
                for (rule, applies) in [(pair.before, false), (pair.after, true)] {
                    guard let rule else { continue }
                    number += 1
                    let effects = try await Self.effects(
                        item, of: rule, "SKY\(number)", both, sight: pair.sight)
                    #expect(effects == (applies && item.effects != nil ? 1 : 0), "\(rule)")
                }
            }
        }
    }

    @Test("A request whose connection closed takes effect later", arguments: ActionCase.moving)
    func late(_ item: ActionCase) async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            let number = "SKY9900001001"
            let effects = try await Self.effects(
                item, of: "drop-late", number, both, sight: "nothing")
            #expect(effects == 0)
            clock.advance(1)
            #expect(item.effects?(await both.server.ledger(), number) == 1)
        }
    }

    @Test(
        "It takes effect also after a restart, once, and no secret lies in the ledger until then",
        arguments: ActionCase.moving)
    func lateRestart(_ item: ActionCase) async throws {
        let clock = ManualClock()
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.stateFolder = folder.path
        let number = "SKY9900001001"
        try await Counterparts.run(settings) { both in
            let effects = try await Self.effects(
                item, of: "drop-late", number, both, sight: "nothing")
            #expect(effects == 0)
        }
        let kept = String(
            decoding: try SandboxFiles.read(folder.path + "/ledger.jsonl"), as: UTF8.self)
        #expect(!kept.contains(settings.credentials.authentication))
        for _ in 0..<2 {
            clock.advance(1)
            try await Counterparts.run(settings) { both in
                #expect(item.effects?(await both.server.ledger(), number) == 1)
            }
        }
    }

    @Test("A stranger's request comes to nothing later too")
    func lateStranger() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.faults = [try FaultRule(parsing: "payoutQueue:drop-late:delay=1")]
        try await Counterparts.run(settings) { both in
            let demo = settings.credentials
            let stranger = SkyPayClient(
                url: "http://127.0.0.1:\(both.port)/services",
                credentials: SkyPayCredentials(
                    callerName: demo.callerName, userName: demo.userName,
                    authentication: "SOMEBODY-ELSE", passwordKey: demo.passwordKey),
                transport: both.transport, connectTimeoutSeconds: 300, answerTimeoutSeconds: 300)
            let sent = await stranger.send(stranger.prepare(.payoutQueue, fields: payout()))
            #expect(sent.word == "unknown")
            clock.advance(1)
            #expect(await both.record("SKY9912345678") == "1 0 none")
        }
    }

    /// Sends one request into a fault, checks what the client sees, and counts the effects.
    private static func effects(
        _ item: ActionCase, of rule: String, _ number: String, _ both: Counterparts, sight: String
    ) async throws -> Int {
        if item.needsStorePayout {
            #expect(await both.code("payoutQueueV2", storePayout(number)) == "1000")
        }
        let text = "\(item.action):\(rule):delay=1"
        await both.server.addFaults([try FaultRule(parsing: text)])
        let seen = await both.sight(item.action, item.fields(number))
        #expect(seen == sight, "\(text)")
        return item.effects?(await both.server.ledger(), number) ?? 0
    }
}

extension Counterparts {
    /// What a client sees of an answer: nothing, HTTP and its status, unreadable, a code other
    /// than 1000, or good.
    func sight(_ action: String, _ fields: JSONObject) async -> String {
        switch await post(action, fields) {
        case .unknown, .certainlyNotSent: return "nothing"
        case .response(200, let body):
            let envelope = Envelope(passwordKey: SandboxSettings.demoCredentials.passwordKey)
            guard let json = try? envelope.open(body), let answer = try? JSONValue(parsing: json)
            else { return "unreadable" }
            let code = answer["responseCode"]?.stringValue ?? "1000"
            return code == "1000" ? "good" : code
        case .response(let status, _): return "HTTP \(status)"
        }
    }
}
