import Locks
import OrderedJSON
import SkyPay
import Testing

/// A provider that opens one key, answers in it, and remembers what it was sent.
private final class OneKeyProvider: Transport {
    private struct State {
        var key: String
        var opened: [String] = []
        var refused = 0
        var trouble: [String] = []
    }

    private let state: Locked<State>

    init(_ key: String) { state = Locked(State(key: key)) }

    var key: String {
        get { state.withLock { $0.key } }
        set { state.withLock { $0.key = newValue } }
    }
    /// Actions it could read, in order.
    var opened: [String] { state.withLock { $0.opened } }
    var refused: Int { state.withLock { $0.refused } }

    /// Answers the next request with this code, in plain and without a look at it.
    func stumble(_ code: String) { state.withLock { $0.trouble.append(code) } }

    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome {
        state.withLock { state in
            if !state.trouble.isEmpty {
                let answer = "{\"responseCode\":\"\(state.trouble.removeFirst())\"}"
                return .response(status: 200, body: Array(answer.utf8))
            }
            let envelope = Envelope(passwordKey: state.key)
            let action = (try? envelope.open(Array(body.utf8)))
                .flatMap { try? JSONValue(parsing: $0) }?["action"]?.stringValue
            if let action { state.opened.append(action) } else { state.refused += 1 }
            let answer =
                action == nil
                ? #"{"responseCode":"-1000"}"# : #"{"responseCode":"1000","balance":1}"#
            return .response(status: 200, body: Array(envelope.seal(Array(answer.utf8)).utf8))
        }
    }
}

@Suite("Around a key change")
struct SealingKeyTests {
    private static let new = "NEWKEY0000000002"
    private static let old = "OLDKEY0000000001"

    private func client(
        _ provider: any Transport, chooses: Bool = true, previous: String? = old
    ) -> SkyPayClient {
        SkyPayClient(
            url: "https://example.test/services",
            credentials: SkyPayCredentials(
                callerName: "demo", userName: "DemoApp@skypay", authentication: "GUID",
                passwordKey: Self.new, previousPasswordKey: previous),
            transport: provider, choosesSealingKey: chooses)
    }

    private func code(_ outcome: SendOutcome) -> String? {
        if case .answered(let answer) = outcome { answer.code.rawValue } else { nil }
    }

    @Test("Whichever key is in force, a payout is sealed with it, once, after a balance query")
    func choosing() async {
        for (key, refused) in [(Self.new, 0), (Self.old, 1)] {
            let provider = OneKeyProvider(key)
            let client = client(provider)
            for _ in 0..<2 {
                let sent = await client.send(client.prepare(.payoutQueue, fields: [:]))
                #expect(code(sent) == "1000")
            }
            #expect(provider.opened == ["balanceQuery", "payoutQueue", "payoutQueue"])
            #expect(provider.refused == refused)
        }
    }

    @Test("With one key nothing is asked")
    func oneKey() async {
        let provider = OneKeyProvider(Self.new)
        let client = client(provider, previous: nil)
        #expect(!client.isChangingKeys)
        _ = await client.send(client.prepare(.payoutQueue, fields: [:]))
        #expect(provider.opened == ["payoutQueue"])
    }

    @Test("When the new key comes into force, the next round finds out, and then stays with it")
    func changingOver() async {
        let provider = OneKeyProvider(Self.old)
        let client = client(provider)
        #expect(await client.sealingChoice() == .previous)
        provider.key = Self.new
        await client.reconsiderSealing()
        #expect(await client.sealingChoice() == .present)
        let asked = provider.opened.count
        await client.reconsiderSealing()
        #expect(await client.sealingChoice() == .present)
        #expect(provider.opened.count == asked)
    }

    @Test("A change between choice and request is one decrypted -1000, never a second sealing")
    func changedMeanwhile() async {
        let provider = OneKeyProvider(Self.old)
        let client = client(provider)
        #expect(await client.sealingChoice() == .previous)
        provider.key = Self.new
        let outcome = await client.send(client.prepare(.payoutQueue, fields: [:]))
        #expect(code(outcome) == "-1000")
        #expect(!provider.opened.contains("payoutQueue"))
        // The caller may send it anew, as for every -1000; the choice is made anew then.
        #expect(code(await client.send(client.prepare(.payoutQueue, fields: [:]))) == "1000")
        #expect(provider.opened == ["balanceQuery", "balanceQuery", "payoutQueue"])
    }

    @Test("With a third key in force nothing leaves")
    func neither() async {
        let provider = OneKeyProvider("THIRDKEY00000003")
        let client = client(provider)
        // Its -1000 is sealed with a key we do not have, so there is no answer that tells.
        guard case .certainlyNotSent = await client.send(client.prepare(.payoutQueue, fields: [:]))
        else {
            Issue.record("sent")
            return
        }
        #expect(provider.opened == [])
    }

    @Test("A provider that says -1000 in plain to both keys opens neither; without an answer, too")
    func noAnswer() async {
        let plain = CannedTransport(
            .response(status: 200, body: Array(#"{"responseCode":"-1000"}"#.utf8)))
        #expect(await client(plain).sealingChoice() == .neither)
        #expect(plain.requests.count == 2)
        let down = CannedTransport(.unknown(reason: "time-out"))
        #expect(await client(down).sealingChoice() == .noAnswer(reason: "time-out"))
        let outcome = await client(down).send(client(down).prepare(.payoutQueue, fields: [:]))
        guard case .certainlyNotSent(let reason) = outcome else {
            Issue.record("sent")
            return
        }
        #expect(reason.contains("time-out"))
    }

    @Test(
        "A code that shows nothing about a key, sealed or plain, is no answer: nothing else leaves",
        arguments: ["-9999", "-1009", "-1010", "-1013", "-1032", "7777"], [false, true])
    func showsNothing(_ code: String, _ isSealed: Bool) async {
        let answer = Array("{\"responseCode\":\"\(code)\"}".utf8)
        let body = isSealed ? Array(Envelope(passwordKey: Self.new).seal(answer).utf8) : answer
        let canned = CannedTransport(.response(status: 200, body: body))
        let client = client(canned)
        let outcome = await client.send(client.prepare(.payoutQueue, fields: [:]))
        guard case .certainlyNotSent(let reason) = outcome else {
            Issue.record("sent")
            return
        }
        #expect(reason.contains(code))
        #expect(canned.requests.count == 1)
        // Nor does it show that the only key there is works.
        guard case .noAnswer = await self.client(canned, previous: nil).trySealing() else {
            Issue.record("taken for an answer")
            return
        }
    }

    @Test("After a stumble of SkyPay's the next request asks again which key is in force")
    func stumbling() async {
        let provider = OneKeyProvider(Self.old)
        let client = client(provider)
        provider.stumble("-9999")
        let held = await client.send(client.prepare(.payoutQueue, fields: [:]))
        guard case .certainlyNotSent = held else {
            Issue.record("sent")
            return
        }
        #expect(code(await client.send(client.prepare(.payoutQueue, fields: [:]))) == "1000")
        #expect(provider.opened == ["balanceQuery", "payoutQueue"])
    }

    @Test("Requests that begin together share one question")
    func together() async {
        let provider = OneKeyProvider(Self.old)
        let client = client(provider)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { _ = await client.send(client.prepare(.payoutQueue, fields: [:])) }
            }
        }
        #expect(provider.opened.count { $0 == "balanceQuery" } == 1)
        #expect(provider.opened.count { $0 == "payoutQueue" } == 20)
        #expect(provider.refused == 1)
    }
}
