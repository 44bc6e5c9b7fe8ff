import Locks
import OrderedJSON
import SkyPay
import Testing

/// A network that answers as told and remembers what it was given.
final class CannedTransport: Transport {
    private let outcome: TransportOutcome
    private let seen = Locked<[(body: String, url: String)]>([])

    init(_ outcome: TransportOutcome) { self.outcome = outcome }

    var requests: [(body: String, url: String)] { seen.withLock { $0 } }

    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome {
        seen.withLock { $0.append((body, url)) }
        return outcome
    }
}

@Suite("Client")
struct ClientTests {
    static let credentials = SkyPayCredentials(
        callerName: "demo", userName: "DemoApp@skypay", authentication: "GUID",
        passwordKey: "TESTKEY000000001", previousPasswordKey: "OLDKEY0000000001")

    func client(_ transport: any Transport) -> SkyPayClient {
        SkyPayClient(
            url: "https://example.test/services/", credentials: Self.credentials,
            transport: transport)
    }

    func answering(_ json: String, key: String = "TESTKEY000000001") -> SkyPayClient {
        let sealed = Envelope(passwordKey: key).seal(Array(json.utf8))
        return client(CannedTransport(.response(status: 200, body: Array(sealed.utf8))))
    }

    func outcome(status: Int = 200, body: String) async -> SendOutcome {
        let canned = CannedTransport(.response(status: status, body: Array(body.utf8)))
        let client = client(canned)
        return await client.send(client.prepare(.payoutQueue, fields: [:]))
    }

    @Test("A request holds userName, action, authentication, then the fields, quoted")
    func prepared() throws {
        let request = client(CannedTransport(.unknown(reason: ""))).prepare(
            .payoutQueue,
            fields: ["amount": "1.00", "withdrawChannel": 6, "bankNo": "", "cityId": nil])
        #expect(
            String(decoding: request.json, as: UTF8.self)
                == #"{"userName":"DemoApp@skypay","action":"payoutQueue","#
                + #""authentication":"GUID","amount":"1.00","withdrawChannel":"6"}"#)
        #expect(
            request.bodySHA256
                == "2d77d457d294c0c4909d877ecc1b8023fa1bc6d585fb72c45350fc813e3b8e61")
    }

    @Test("Only pagination, pageSize and balanceTransfer's amount are written as numbers")
    func writtenNumbers() throws {
        let client = client(CannedTransport(.unknown(reason: "")))
        let fields: JSONObject = ["amount": "5.00", "pagination": "1", "pageSize": 100]
        func text(_ action: SkyPayAction) throws -> String {
            let value = try JSONValue(parsing: client.prepare(action, fields: fields).json)
            let members = (value.objectValue?.members ?? []).dropFirst(3)
            return JSONValue.object(JSONObject(members.map { ($0.name, $0.value) })).text()
        }
        #expect(
            try text(.balanceTransfer) == #"{"amount":5.00,"pagination":"1","pageSize":"100"}"#)
        #expect(
            try text(.getReportPayout) == #"{"amount":"5.00","pagination":1,"pageSize":100}"#)
        #expect(
            try text(.payoutQueue) == #"{"amount":"5.00","pagination":"1","pageSize":"100"}"#)
    }

    @Test("The request goes to the partner's URL, encrypted, once")
    func sent() async throws {
        let canned = CannedTransport(.certainlyNotSent(reason: "no"))
        let client = client(canned)
        let request = client.prepare(.balanceQuery, fields: [:])
        _ = await client.send(request)
        #expect(canned.requests.map(\.url) == ["https://example.test/services/demo"])
        let opened = try Envelope(passwordKey: "TESTKEY000000001")
            .open(Array((canned.requests.first?.body ?? "").utf8))
        #expect(opened == request.json)
    }

    @Test(
        "Answers are read tolerantly",
        arguments: [
            #"{"ResponseCode":"1000"}"#, #"{"responseCode":1000}"#, #" {"RESPONSECODE":1000 } "#,
            #"{"responseCode":"1000","responseDescription":null,"somethingNew":{"a":[1]}}"#,
        ])
    func tolerant(_ json: String) async throws {
        for body in [
            json, Envelope(passwordKey: "TESTKEY000000001").seal(Array(json.utf8)),
            Envelope(passwordKey: "OLDKEY0000000001").seal(Array(json.utf8)) + "\r\n",
        ] {
            guard case .answered(let answer) = await outcome(body: body) else {
                Issue.record("not read: \(body)")
                continue
            }
            #expect(answer.code == .success)
            #expect(answer.description == "")
            #expect(answer.fields == (try JSONValue(parsing: Array(json.utf8))).objectValue)
        }
    }

    @Test("A code nobody knows is an answer, and means unknown")
    func unknownCode() async {
        guard case .answered(let answer) = await outcome(body: #"{"responseCode":"-7777"}"#) else {
            Issue.record("not an answer")
            return
        }
        #expect(answer.code.payoutMeaning == .unknown)
    }

    @Test(
        "What cannot be read is unknown, never an answer",
        arguments: [
            (200, ""), (200, "not base64!"), (200, "269CBSKGL8PJTS74JZ07cw=="), (200, "{"),
            (200, "[]"), (200, #"{"responseCode":""}"#), (200, #"{"responseCode":null}"#),
            (200, #"{"responseCode":["1000"]}"#), (200, #"{"responseCode":"1000"} x"#),
            (302, #"{"responseCode":"1000"}"#), (500, #"{"responseCode":"1000"}"#),
            (404, "no such partner"),
        ])
    func unreadable(_ status: Int, _ body: String) async {
        guard case .unknown(let reason) = await outcome(status: status, body: body) else {
            Issue.record("taken for an answer")
            return
        }
        if status != 200 { #expect(reason == "HTTP \(status): \(body)") }
    }

    @Test("Rows of a status query, with \"\" as absent and unknown statuses kept")
    func rows() async throws {
        let client = answering(
            #"{"responseCode":"1000","Payouts":[{"ControlNumber":"SKY9912345678","status":1,"#
                + #""payTime":"2026-11-21T12:00:00","cancelTime":""},"#
                + #"{"controlNumber":"SKY9912345679","status":"77"}]}"#)
        let numbers = ["SKY9912345678", "SKY9912345679"]
        guard case .rows(let rows) = await client.queryStatus(numbers) else {
            Issue.record("no rows")
            return
        }
        #expect(rows.map(\.status) == [.completed, .other("77")])
        #expect(rows.first?.payTime == "2026-11-21T12:00:00")
        #expect(rows.first?.cancelTime == nil)
    }

    @Test(
        "A query that failed, or whose rows cannot be read, is no information",
        arguments: [
            #"{"responseCode":"-1009"}"#, #"{"responseCode":"1000"}"#,
            #"{"responseCode":"1000","result":[{"status":"1"}]}"#,
            #"{"responseCode":"1000","result":[1]}"#,
            #"{"responseCode":"1000","a":[],"b":[]}"#,
            // An answer to another question, and our number in another spelling.
            #"{"responseCode":"1000","a":[{"controlNumber":"SKY9900000000","status":"1"}]}"#,
            #"{"responseCode":"1000","a":[{"controlNumber":"sky9912345678","status":"1"}]}"#,
        ])
    func noInformation(_ json: String) async {
        guard case .noInformation = await answering(json).queryStatus(["SKY9912345678"]) else {
            Issue.record("taken for information")
            return
        }
    }

    @Test("A query of no number or of more than 50 is not sent", arguments: [0, 51])
    func queryLimit(_ count: Int) async {
        let canned = CannedTransport(.unknown(reason: ""))
        let outcome = await client(canned).queryStatus(
            Array(repeating: "SKY9912345678", count: count))
        guard case .notAsked = outcome else {
            Issue.record("taken for a question that was asked")
            return
        }
        #expect(canned.requests.isEmpty)
    }

    @Test("The balance is given as its text came")
    func balance() async {
        let client = answering(#"{"responseCode":"1000","balance":123456.7}"#)
        guard case .balance(let text) = await client.balance() else {
            Issue.record("no balance")
            return
        }
        #expect(text == "123456.7")
    }
}
