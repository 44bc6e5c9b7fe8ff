import OrderedJSON
import SkyPay
import Testing

@Suite("Callbacks")
struct CallbackTests {
    static let credentials = SkyPayCredentials(
        callerName: "demo", userName: "DemoApp@skypay", authentication: "SECRET-GUID-1",
        passwordKey: "TESTKEY000000001")

    static let payout: JSONObject = [
        "userName": "DemoApp@skypay", "action": "payoutQueuePayout",
        "authentication": "SECRET-GUID-1", "controlNumber": "SKY9912345678", "payType": "2",
        "dealTime": "2026-11-21 12:00:00", "failDescription": "",
    ]
    static let finance: JSONObject = [
        "action": "financeNotification", "transctionDate": "2026-11-21 12:00:00",
        "companyPrefix": "SKY98", "companyName": "Example Inc.", "accountNo": "SKY98",
        "sourceAccountNo": "", "beneficiaryAccountNo": "000000000042", "statementType": "1",
        "signType": "recharge", "Amount": 1_200_000, "Currency": "PHP",
        "referenceNumber": "D-20261121-001",
    ]

    @Test("A payoutQueuePayout is read; \"\" is absent")
    func payoutResult() throws {
        guard case .payoutQueuePayout(let result) = try Callback.parse(Self.payout) else {
            Issue.record("another kind")
            return
        }
        #expect(result.controlNumber == "SKY9912345678")
        #expect(result.payType == .paid)
        #expect(result.dealTime == "2026-11-21 12:00:00")
        #expect(result.failDescription == nil)
        #expect(result.referenceNumber == nil)
    }

    @Test("A financeNotification is read, whatever the case of its keys and the kind of scalars")
    func financeNotification() throws {
        let callback = try Callback.parse(Self.finance)
        guard case .financeNotification(let note) = callback else {
            Issue.record("another kind")
            return
        }
        #expect(note.amount == "1200000")
        #expect(note.currency == "PHP")
        #expect(note.signType == .recharge)
        #expect(note.sourceAccountNo == nil)
        #expect(note.beneficiaryAccountNo == "000000000042")
        #expect(
            callback.idempotencyKey == ["financeNotification", "D-20261121-001", "SKY98"])
    }

    @Test("Two deliveries of one event have one key, other events another")
    func keys() throws {
        let first = try Callback.parse(Self.payout)
        var again = Self.payout
        again["referenceNumber"] = "R1"
        var other = Self.payout
        other["payType"] = "4"
        #expect(try Callback.parse(again).idempotencyKey == first.idempotencyKey)
        #expect(try Callback.parse(other).idempotencyKey != first.idempotencyKey)
    }

    @Test(
        "A time written in another way is the same event; another time is another",
        arguments: [
            ("2026-11-21T12:00:00", true), ("2026-11-21 12:00:00.", true),
            ("2026-11-21 12:00:00.0000", true), ("2026-11-21T12:00:00.000000000", true),
            ("2026-11-21 12:00:00.0001", false), ("2026-11-21 12:00:00.000000001", false),
            ("2026-11-21 12:00:10", false), ("2026-11-21", false),
        ])
    func writtenOtherwise(_ time: String, _ isSame: Bool) throws {
        let paid: JSONObject = [
            "action": "payoutPayout", "controlNumber": "SKY9912345678", "withdrawChannel": "1",
            "payTime": "2026-11-21 12:00:00",
        ]
        for (first, field) in [(Self.payout, "dealTime"), (paid, "payTime")] {
            var other = first
            other[field] = .string(time)
            let (before, after) = (try Callback.parse(first), try Callback.parse(other))
            #expect((before.idempotencyKey == after.idempotencyKey) == isSame)
        }
    }

    @Test("Every callback is known by its name, SkyPay's misspelt one by the contract's")
    func names() {
        #expect(Callback.actions.count == 7)
        for name in Callback.actions where name != "collectionIcnquiry" {
            #expect(Callback.action(of: ["Action": .string(name)]) == name)
        }
        #expect(Callback.action(of: ["action": "collectionIcnquiry"]) == "collectionInquiry")
        #expect(Callback.action(of: ["action": "payoutQueue"]) == nil)
        #expect(Callback.action(of: [:]) == nil)
    }

    @Test(
        "What is missing or unknown is named",
        arguments: [
            ("action", nil as JSONValue?, CallbackError.Code.missing),
            ("action", "payoutQueue", .notACallback), ("controlNumber", nil, .missing),
            ("controlNumber", .string(String(repeating: "1", count: 51)), .invalid),
            ("payType", "7", .invalid), ("payType", "x", .invalid), ("payType", nil, .missing),
        ])
    func refused(_ field: String, _ value: JSONValue?, _ code: CallbackError.Code) {
        var object = Self.payout
        object[field] = value
        let error = #expect(throws: CallbackError.self) { try Callback.parse(object) }
        #expect(error?.field == field)
        #expect(error?.code == code)
    }

    @Test("Credentials match only when both are ours")
    func credentialsMatch() {
        #expect(Callback.credentialsMatch(Self.payout, Self.credentials))
        for (field, value) in [
            ("userName", "DemoApp@skypaY"), ("authentication", "SECRET-GUID-"),
            ("authentication", "SECRET-GUID-12"), ("authentication", ""),
        ] {
            var object = Self.payout
            object[field] = .string(value)
            #expect(!Callback.credentialsMatch(object, Self.credentials))
        }
        #expect(!Callback.credentialsMatch([:], Self.credentials))
    }

    @Test("Neither description nor dump of the credentials shows a secret")
    func secretsStaySecret() {
        var dumped = ""
        dump(Self.credentials, to: &dumped)
        for text in [dumped, "\(Self.credentials)", String(reflecting: Self.credentials)] {
            #expect(!text.contains("SECRET") && !text.contains("TESTKEY"))
        }
    }

    @Test("An answer has its three fields in order, its time in GMT+8, at most 255 characters")
    func answer() {
        let answer = CallbackAnswer(
            code: .success, description: "Success", atUnixMicroseconds: 1_529_315_530_521_100)
        #expect(
            answer.json.text()
                == #"{"responseTime":"2018-06-18 17:52:10.5211","responseCode":"1000","#
                + #""responseDescription":"Success"}"#)
        let long = CallbackAnswer(
            code: .success, description: String(repeating: "x", count: 300),
            atUnixMicroseconds: 0)
        #expect(long.json["responseDescription"]?.stringValue?.count == 255)
    }
}
