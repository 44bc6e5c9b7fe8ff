import OrderedJSON
import SkyPay
import Testing

@Suite("Fields of payoutQueue")
struct PayoutQueueFieldsTests {
    static let wallet: JSONObject = [
        "controlNumber": "SKY9912345678", "name": "Dela Cruz,Juan,Santos",
        "phone": "09171234567", "amount": "1500.00", "accountNo": "09171234567",
        "withdrawChannel": "6",
    ]
    static let bank: JSONObject = [
        "controlNumber": "SKY9912345679", "name": "Reyes,Ana", "phone": "08171234567",
        "amount": "0.01", "bankNo": "SEC", "accountNo": "0012-3456-7890",
        "withdrawChannel": 5, "provinceId": 1, "cityId": "12", "birthday": "2000-02-29",
    ]

    static func with(_ row: JSONObject, _ name: String, _ value: JSONValue?) -> JSONObject {
        var row = row
        row[name] = value
        return row
    }

    @Test("A row without faults has none, with and without its optional fields")
    func valid() {
        let rows = [
            Self.wallet, Self.bank, Self.with(Self.wallet, "bankNo", ""),
            Self.with(Self.wallet, "sender", "Acme"), Self.with(Self.wallet, "idType", "PhilID"),
            Self.with(Self.wallet, "name", "Dela Cruz,Juan,,Jr"),
            Self.with(Self.wallet, "birthday", nil), Self.with(Self.wallet, "location", .null),
        ]
        for row in rows {
            #expect(ActionTable.payoutQueue.validate(row, controlNumberPrefix: "SKY99") == [])
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let row: JSONObject
        let field: String
        let value: JSONValue?
        let code: String
        var testDescription: String { "\(field)=\(value?.text() ?? "absent") → \(code)" }

        init(_ field: String, _ value: JSONValue?, _ code: String, bank: Bool = false) {
            row = bank ? PayoutQueueFieldsTests.bank : PayoutQueueFieldsTests.wallet
            self.field = field
            self.value = value
            self.code = code
        }
    }

    static let cases: [Case] = [
        Case("controlNumber", nil, "missing"), Case("controlNumber", "", "missing"),
        Case("controlNumber", "SKY991234567", "pattern"),
        Case("controlNumber", "SKY9912345678901", "pattern"),
        Case("controlNumber", "SKY99123456AB", "pattern"),
        Case("controlNumber", "ABC9912345678", "prefix"),
        Case("controlNumber", 9_912_345_678_901, "wrong-type"),
        Case("name", nil, "missing"), Case("name", "Juan", "pattern"),
        Case("name", "Dela Cruz, ", "pattern"), Case("name", "a,b,c,d,e", "pattern"),
        Case("name", .string("a," + String(repeating: "b", count: 49)), "too-long"),
        Case("name", "Dela\nCruz,Juan", "control-character"),
        Case("phone", "9171234567", "leading-zero-lost"),
        Case("phone", "9.17E+09", "scientific-notation"), Case("phone", "+639171234567", "sign"),
        Case("phone", "07171234567", "pattern"), Case("phone", "0917 1234567", "pattern"),
        Case("phone", 9_171_234_567, "wrong-type"),
        Case("amount", "1500", "pattern"), Case("amount", "1500.0", "pattern"),
        Case("amount", "1500.000", "pattern"), Case("amount", "01500.00", "pattern"),
        Case("amount", "12345678901.00", "pattern"), Case("amount", "0.00", "zero-amount"),
        Case("amount", "1500,00", "decimal-comma"), Case("amount", "1.500,00", "decimal-comma"),
        Case("amount", "1,500.00", "grouping"), Case("amount", "1 500.00", "grouping"),
        Case("amount", "-1500.00", "sign"), Case("amount", "+1500.00", "sign"),
        Case("amount", "1.5E+03", "scientific-notation"), Case("amount", "PHP 1.00", "pattern"),
        Case("amount", .number("1500.00"), "wrong-type"), Case("amount", true, "wrong-type"),
        Case("bankNo", "SEC", "not-allowed"), Case("bankNo", nil, "missing", bank: true),
        Case("bankNo", .string(String(repeating: "B", count: 51)), "too-long", bank: true),
        Case("accountNo", "9171234567", "leading-zero-lost"),
        Case("accountNo", "9.17E+09", "scientific-notation"),
        Case("accountNo", "1234567890123", "pattern"),
        Case("accountNo", "9.17E+09", "scientific-notation", bank: true),
        Case("accountNo", "917E7", "scientific-notation", bank: true),
        Case("accountNo", "12 34", "pattern", bank: true),
        Case("accountNo", "----", "pattern", bank: true),
        Case("withdrawChannel", "1", "unknown-channel"),
        Case("withdrawChannel", "06", "unknown-channel"),
        Case("withdrawChannel", .number("6.0"), "unknown-channel"),
        Case("withdrawChannel", nil, "missing"), Case("withdrawChannel", true, "wrong-type"),
        Case("identificationTypeId", "1", "not-allowed"),
        Case("identificationTypeId", "1234", "too-long", bank: true),
        Case("idType", "PhilID", "not-allowed", bank: true),
        Case("idcardPicUrl", "https://example.test/a", "not-allowed", bank: true),
        Case("birthPlace", "Manila", "not-allowed"), Case("expiryDate", "2030", "not-allowed"),
        Case("birthday", "2001-02-29", "pattern"), Case("birthday", "01/02/2003", "pattern"),
        Case("provinceId", "A", "pattern", bank: true), Case("cityId", 1, "not-allowed"),
        Case("identificationId", "   ", "pattern"),
        Case("sender", .string(String(repeating: "s", count: 101)), "too-long"),
        Case("Phone", "09171234567", "unknown-field"), Case("memo", "x", "unknown-field"),
        Case("authentication", "x", "not-allowed"), Case("userName", "x", "not-allowed"),
    ]

    @Test("Each fault is found where it is, and is the only one", arguments: cases)
    func fault(_ item: Case) {
        let row = Self.with(item.row, item.field, item.value)
        let faults = ActionTable.payoutQueue.validate(row, controlNumberPrefix: "SKY99")
        #expect(faults.map(\.field) == [item.field])
        #expect(faults.map(\.code) == [item.code])
    }

    @Test("Every fault of a row is told, in the order of the table")
    func all() {
        let row: JSONObject = ["withdrawChannel": "5", "amount": "0.00", "nmae": "x"]
        let faults = ActionTable.payoutQueue.validate(row, controlNumberPrefix: nil)
        #expect(
            faults.map(\.field) == [
                "nmae", "controlNumber", "name", "phone", "amount", "bankNo", "accountNo",
            ])
        #expect(faults.first?.message.contains("did you mean name?") == true)
    }

    @Test("A field that stands twice is a fault")
    func twice() {
        let row = JSONObject(Self.wallet.members.map { ($0.name, $0.value) } + [("name", "a,b")])
        let faults = ActionTable.payoutQueue.validate(row, controlNumberPrefix: nil)
        #expect(faults.map(\.code) == ["duplicate-field"])
    }

    @Test("No message repeats an account number or a phone number", arguments: cases)
    func nothingLeaks(_ item: Case) {
        guard ["phone", "accountNo"].contains(item.field), let text = item.value?.scalarText,
            text.count > 4
        else { return }
        let row = Self.with(item.row, item.field, item.value)
        for fault in ActionTable.payoutQueue.validate(row, controlNumberPrefix: "SKY99") {
            #expect(!fault.message.contains(text))
        }
    }
}
