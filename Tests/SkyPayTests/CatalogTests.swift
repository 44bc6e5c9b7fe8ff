import OrderedJSON
import SkyPay
import Testing

@Suite("Values of the provider's lists")
struct CatalogTests {
    static let catalogs = Catalogs([
        .bank: [
            CatalogEntry(code: "SEC", name: "Security Bank"),
            CatalogEntry(code: "UBP", name: "Union Bank"),
        ],
        .province: [
            CatalogEntry(code: "1", name: "Abra"),
            CatalogEntry(code: "2", name: "Agusan del Norte"),
        ],
        .townCity: [
            CatalogEntry(code: "1", name: "Sallapadan", provinceCode: "1"),
            CatalogEntry(code: "7", name: "Butuan", provinceCode: "2"),
        ],
        .identificationType: [CatalogEntry(code: "1", name: "Company ID")],
    ])

    struct Case: Sendable, CustomTestStringConvertible {
        let fields: JSONObject
        let field: String
        let code: String
        let hint: String
        var testDescription: String { "\(JSONValue.object(fields).text()) → \(hint)" }
    }

    static let refused = [
        Case(
            fields: ["bankNo": "SCE"], field: "bankNo", code: "unknown-code",
            hint: "did you mean SEC (Security Bank)?"),
        Case(
            fields: ["bankNo": "sec"], field: "bankNo", code: "unknown-code",
            hint: "did you mean SEC (Security Bank)?"),
        Case(
            fields: ["bankNo": "Securty Bank"], field: "bankNo", code: "unknown-code",
            hint: "did you mean SEC (Security Bank)?"),
        Case(
            fields: ["bankNo": "Union Bank"], field: "bankNo", code: "unknown-code",
            hint: "did you mean UBP (Union Bank)?"),
        Case(
            fields: ["bankNo": "ZZZZZZZZ"], field: "bankNo", code: "unknown-code",
            hint: "batchrunner catalog refreshes it"),
        Case(
            fields: ["provinceId": "99"], field: "provinceId", code: "unknown-code",
            hint: "getProvince"),
        Case(
            fields: ["provinceId": "Abra"], field: "provinceId", code: "pattern",
            hint: "did you mean 1 (Abra)?"),
        Case(
            fields: ["provinceId": "1", "cityId": "7"], field: "cityId", code: "unknown-code",
            hint: "Butuan is in province 2 (Agusan del Norte)"),
        Case(
            fields: ["provinceId": 1, "cityId": 3], field: "cityId", code: "unknown-code",
            hint: "getTownCity"),
        Case(
            fields: ["identificationTypeId": "2"], field: "identificationTypeId",
            code: "unknown-code", hint: "getIdentificationType"),
    ]

    private func faults(_ fields: JSONObject, _ catalogs: Catalogs?) -> [FieldFault] {
        var row = PayoutQueueFieldsTests.bank
        for name in ["provinceId", "cityId"] { row[name] = nil }
        for member in fields.members { row[member.name] = member.value }
        return ActionTable.payoutQueue.validate(
            row, controlNumberPrefix: nil, catalogs: catalogs)
    }

    @Test(
        "A value that the list does not have is refused, with the nearest name", arguments: refused)
    func unknownValue(_ item: Case) {
        let faults = faults(item.fields, Self.catalogs)
        #expect(faults.map(\.field) == [item.field] && faults.map(\.code) == [item.code])
        #expect(faults.first?.message.contains(item.hint) == true, "\(faults)")
    }

    @Test("Values of the lists are taken, a town only in its province")
    func taken() {
        #expect(
            faults(["bankNo": "UBP", "provinceId": "2", "cityId": 7], Self.catalogs) == [])
        #expect(faults(["cityId": "7", "identificationTypeId": 1], Self.catalogs) == [])
    }

    @Test("A list that is not known, or empty, refuses nothing")
    func notKnown() {
        let row: JSONObject = ["bankNo": "ZZZ", "provinceId": "9", "cityId": "9"]
        #expect(faults(row, nil) == [])
        #expect(faults(row, Catalogs([:])) == [])
        #expect(faults(row, Catalogs([.bank: []])) == [])
    }
}
