import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// The runner's field table and the sandbox's own rules were written apart. Where they disagree
/// about a payout, one of them is wrong.
@Suite("Runner and provider agree about payouts")
struct RulesAgreeTests {
    static let bank: JSONObject = [
        "sender": "Acme", "controlNumber": "SKY9912345678", "name": "Reyes,Ana,,Jr",
        "phone": "08171234567", "amount": "0.01", "bankNo": "SEC", "accountNo": "0012-3456",
        "withdrawChannel": "5", "provinceId": "1", "cityId": "12", "birthday": "2000-02-29",
        "birthPlace": "Cebu", "identificationTypeId": "12", "expiryDate": "2030-01-01",
    ]

    static let values: [(field: String, texts: [String])] = [
        (
            "sender",
            ["", " ", String(repeating: "s", count: 100), String(repeating: "s", count: 101)]
        ),
        (
            "controlNumber",
            [
                "", "SKY991234567", "SKY99123456789A", "SKY991234567890", "SKY9912345678901",
                "ABC9912345678", "sky9912345678", "SKY9 12345678", "SKY99１2345678",
            ]
        ),
        (
            "name",
            ["", "Juan", "a,b", "a,", ",b", " , ", "a,b,c,d", "a,b,c,d,e", "Peña,José", "a\tb,c"]
        ),
        (
            "phone",
            [
                "", "09171234567", "08171234567", "07171234567", "9171234567", "091712345678",
                "+639171234567", "0917123456 ", "9.17E+09", "０9171234567",
            ]
        ),
        (
            "amount",
            [
                "", "0.00", "0.01", "1.00", "9999999999.99", "10000000000.00", "01.00", "1", "1.0",
                "1.000", "1,000.00", "-1.00", "+1.00", "1e2", " 1.00", ".50", "1,00",
            ]
        ),
        ("bankNo", ["", "SEC", " ", String(repeating: "B", count: 51)]),
        (
            "accountNo",
            [
                "", "09171234567", "0012345", "12-34", "-12", "12-", "ABC", "A1", "9E9", "1 2",
                "9.17E+09", "1e-5", String(repeating: "1", count: 51), "12_3",
            ]
        ),
        ("withdrawChannel", ["", "1", "2", "5", "6", "8", "15", "13", "06", "6.0", " 6", "x"]),
        ("identificationId", ["", "A-1", " ", String(repeating: "1", count: 51)]),
        ("identificationTypeId", ["", "1", "123", "1234", "a"]),
        ("idType", ["", "PhilID", " "]), ("idcardPicType", ["", "front"]),
        ("idcardPicUrl", ["", "https://example.test/a", String(repeating: "u", count: 501)]),
        ("birthday", ["", "2001-02-29", "2000-02-29", "2000-13-01", "2000-1-1", "0000-01-01"]),
        ("birthPlace", ["", "Cebu", "a\u{2028}b"]), ("location", ["", "x", "a\u{7F}"]),
        ("provinceId", ["", "1", "x", "1234567890"]), ("cityId", ["", "01", "-1"]),
        ("expiryDate", ["", "2030"]), ("memo", ["x"]), ("Phone", ["09171234567"]),
    ]

    @Test(
        "After a prefix of any length there are digits only",
        arguments: [
            ("SK", "SK12345678901", true), ("SK", "SKY9912345678", false),
            ("SKY", "SKY9912345678", true), ("SKY", "SKYA912345678", false),
            ("SKY99", "SKY9912345678", true), ("SKY99", "SKY9812345678", false),
        ])
    func prefix(_ prefix: String, _ number: String, _ isTaken: Bool) async throws {
        var settings = SandboxSettings()
        settings.controlNumberPrefix = prefix
        try await Counterparts.run(settings) { both in
            let faults = ActionTable.payoutQueue.validate(
                payout(number), controlNumberPrefix: prefix)
            #expect(faults.isEmpty == isTaken)
            #expect(
                await both.pay(payout(number)).word
                    == (isTaken ? "answered 1000" : "answered -1014"))
        }
    }

    @Test("For every value of every field, to a bank and to a wallet", arguments: [true, false])
    func agree(_ toBank: Bool) async throws {
        var settings = SandboxSettings()
        settings.controlNumberPrefix = "SKY99"
        // Forms are compared here; the runner knows a catalog only once it has been fetched.
        settings.checksCatalogs = false
        settings.balance = Amount(centavos: 999_999_999_999_999)
        var numbers = 0
        var compared = 0
        try await Counterparts.run(settings) { both in
            for (field, texts) in Self.values {
                for text in texts {
                    var row = toBank ? Self.bank : payout()
                    if field != "controlNumber" {
                        numbers += 1
                        row["controlNumber"] = .string("SKY99\(10_000_000 + numbers)")
                    }
                    row[field] = .string(text)
                    let ours = ActionTable.payoutQueue.validate(row, controlNumberPrefix: "SKY99")
                    // The sender is added before sending; to the provider it is required.
                    let isOurs = ours.isEmpty && row["sender"] != ""
                    let theirs = await both.pay(row).word
                    #expect(
                        isOurs == (theirs == "answered 1000"),
                        "\(field)=\(text): \(ours.map(\.code)), provider: \(theirs)")
                    compared += 1
                }
            }
        }
        #expect(compared == Self.values.reduce(0) { $0 + $1.texts.count })
    }
}
