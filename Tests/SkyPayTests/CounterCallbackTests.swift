import OrderedJSON
import Testing

@testable import SkyPay

@Suite("A counter's callbacks")
struct CounterCallbackTests {
    private static let inquiry: JSONObject = [
        "action": "payoutInquiry", "controlNumber": "SKY9912345678",
    ]
    private static let payment: JSONObject = [
        "action": "payoutPayout", "controlNumber": "SKY9912345678", "withdrawChannel": "1",
        "payTime": "2026-11-21 12:00:00",
    ]
    private static let offer: JSONObject = [
        "action": "collectionInquiry", "contractNumber": "SKY9900000042", "amount": "1500.00",
        "phone": "09171234567",
    ]
    private static let receipt: JSONObject = [
        "action": "collectionCollect", "contractNumber": "SKY9900000042", "amount": "1500.00",
        "phone": "09171234567", "receiptNumber": "R-1|Makati",
        "collectedTime": "2026-11-21 12:00:00", "payChannel": "10",
    ]

    @Test("All four are read")
    func read() throws {
        #expect(
            try Callback.parse(Self.inquiry)
                == .payoutInquiry(PayoutInquiry(controlNumber: "SKY9912345678")))
        #expect(
            try Callback.parse(Self.payment)
                == .payoutPayout(
                    PayoutPayout(
                        controlNumber: "SKY9912345678", withdrawChannel: "1",
                        payTime: "2026-11-21 12:00:00")))
        #expect(
            try Callback.parse(Self.offer)
                == .collectionInquiry(
                    CollectionInquiry(
                        contractNumber: "SKY9900000042", amount: Amount(centavos: 150_000),
                        phone: "09171234567")))
        #expect(
            try Callback.parse(Self.receipt)
                == .collectionCollect(
                    CollectionCollect(
                        contractNumber: "SKY9900000042", amount: Amount(centavos: 150_000),
                        phone: "09171234567", receiptNumber: "R-1|Makati",
                        collectedTime: "2026-11-21 12:00:00", payChannel: "10")))
    }

    @Test("The other name of a number, the misspelt action, other letter cases and numbers do too")
    func tolerant() throws {
        let object: JSONObject = [
            "ACTION": "collectionIcnquiry", "ControlNumber": "SKY9900000042", "Amount": 1500,
            "PHONE": .null,
        ]
        #expect(
            try Callback.parse(object)
                == .collectionInquiry(
                    CollectionInquiry(
                        contractNumber: "SKY9900000042", amount: Amount(centavos: 150_000),
                        phone: nil)))
    }

    @Test(
        "Amounts are read as counters write them, and never guessed",
        arguments: [
            ("1500", 150_000), ("1500.5", 150_050), ("1500.50", 150_050), ("1500.5000", 150_050),
            ("0.07", 7), ("1500.", nil), (".50", nil), ("1,500.00", nil), ("1500.555", nil),
            ("-1.00", nil), ("1.5E3", 150_000), ("1.0E7", 1_000_000_000), ("1.2.3", nil),
            ("12345678901.00", nil), ("0100.00", 10_000), ("1.5E", nil), ("1E41", nil),
            ("15e-1", 150), ("15e-4", nil), ("E3", nil), ("1e3.0", nil), ("+1", nil),
        ] as [(String, Int64?)])
    func amounts(_ text: String, _ centavos: Int64?) throws {
        var object = Self.offer
        object["amount"] = .string(text)
        guard let centavos else {
            let error = #expect(throws: CallbackError.self) { try Callback.parse(object) }
            #expect(error?.field == "amount")
            #expect(error?.code == .invalid)
            return
        }
        guard case .collectionInquiry(let inquiry) = try Callback.parse(object) else {
            Issue.record("another kind")
            return
        }
        #expect(inquiry.amount == Amount(centavos: centavos))
    }

    @Test("What a counter's callback cannot do without is named")
    func required() {
        let needed: [(JSONObject, [String])] = [
            (Self.inquiry, ["controlNumber"]),
            (Self.payment, ["controlNumber", "withdrawChannel", "payTime"]),
            (Self.offer, ["contractNumber"]),
            (Self.receipt, ["contractNumber", "amount", "receiptNumber"]),
        ]
        for (object, fields) in needed {
            for member in object.members where member.name != "action" {
                var without = object
                without[member.name] = ""
                do {
                    _ = try Callback.parse(without)
                    #expect(!fields.contains(member.name), "\(member.name)")
                } catch {
                    #expect(error == CallbackError(code: .missing, field: member.name))
                    #expect(fields.contains(member.name))
                }
            }
        }
    }

    @Test("A payment told twice is one payment; an inquiry has no identity")
    func keys() throws {
        #expect(try Callback.parse(Self.inquiry).idempotencyKey == nil)
        #expect(try Callback.parse(Self.offer).idempotencyKey == nil)
        func key(_ object: JSONObject, _ name: String, _ value: String) throws -> [String]? {
            var changed = object
            changed[name] = .string(value)
            return try Callback.parse(changed).idempotencyKey
        }
        let paid = try Callback.parse(Self.payment).idempotencyKey
        #expect(try key(Self.payment, "userName", "x") == paid)
        for (name, value) in [
            ("payTime", "2026-11-21 12:00:01"), ("withdrawChannel", "9"),
            ("controlNumber", "SKY9912345679"),
        ] {
            #expect(try key(Self.payment, name, value) != paid)
        }
        let taken = try Callback.parse(Self.receipt).idempotencyKey
        #expect(try key(Self.receipt, "collectedTime", "2026-11-22 12:00:00") == taken)
        #expect(try key(Self.receipt, "receiptNumber", "R-1|Pasig") != taken)
        #expect(try key(Self.receipt, "contractNumber", "SKY9900000043") != taken)
    }

    @Test("An answer holds what the row has, as quoted strings, in the contract's order")
    func answer() {
        let base: JSONObject = ["responseCode": "1000"]
        let row: JSONObject = [
            "location": "Manila", "amount": "3900.00", "idType": 2, "controlNumber": "SKY99",
            "expiresAt": "2026-12-01 00:00:00", "contractNumber": "",
        ]
        let answer = CounterAnswer.json(base, fields: CounterAnswer.payoutFields, of: row)
        #expect(
            JSONValue.object(answer).text()
                == #"{"responseCode":"1000","controlNumber":"SKY99","idType":"2","#
                + #""amount":"3900.00","location":"Manila"}"#)
    }
}
