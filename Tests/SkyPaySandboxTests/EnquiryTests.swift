import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("Enquiries")
struct EnquiryTests {
    private static func report(_ page: Int, _ size: Int = 2, type: String = "CreateDate")
        -> JSONObject
    {
        [
            "startDate": "2026-11-21", "endDate": "2026-11-21", "dateType": .string(type),
            "pagination": .number(String(page)), "pageSize": .number(String(size)),
        ]
    }

    @Test("A report comes in pages, without code, time and description")
    func pages() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            for number in 1...5 {
                #expect(await both.pay(payout("SKY991234567\(number)")).word == "answered 1000")
            }
            var numbers: [String] = []
            for page in 1...3 {
                let answer = await both.ask("getReportPayout", Self.report(page))
                let names = answer.objectValue?.members.map(\.name)
                #expect(names == ["totalTransaction", "lastPage", "result"])
                #expect(answer["totalTransaction"] == 5)
                #expect(answer["lastPage"] == 3)
                let rows = answer["result"]?.arrayValue ?? []
                numbers += rows.compactMap { $0["controlNo"]?.stringValue }
                #expect(rows.allSatisfy { $0["amount"] == .number("1500.00") })
            }
            #expect(numbers == (1...5).map { "SKY991234567\($0)" })
            let past = await both.ask("getReportPayout", Self.report(4))
            #expect(past["result"] == [])
            clock.advance(86_400)
            #expect(await both.pay(payout("SKY9912345676")).word == "answered 1000")
            let again = await both.ask("getReportPayout", Self.report(1, 100))
            #expect(again["totalTransaction"] == 5)
            let paid = await both.ask(
                "getReportPayout", Self.report(1, 100, type: "PayTime"))
            #expect(paid["totalTransaction"] == 5)
        }
    }

    @Test("A payout not paid yet is in the report by creation, not in that by payment")
    func pending() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.settleSeconds = 3600
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout()).word == "answered 1000")
            let created = await both.ask("getReportPayout", Self.report(1))
            #expect(created["result"]?.arrayValue?.first?["payTime"] == "")
            let paid = await both.ask("getReportPayout", Self.report(1, type: "PayTime"))
            #expect(paid["totalTransaction"] == 0)
            #expect(paid["lastPage"] == 1)
        }
    }

    @Test("Collections confirmed by the partner are in their report, once")
    func collections() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            let body = """
                {"contractNumber":"SKY9900000001","amount":"250.00","phone":"09171234567",
                "receiptNumber":"R-1|Cebu","payChannel":"10","collectedTime":"2026-11-21 09:00:00"}
                """
            func collect() async throws {
                _ = try await both.admin("POST", "/sandbox/collected", body)
            }
            try await collect()
            await #expect(throws: SandboxError.self) { try await collect() }
            let answer = await both.ask(
                "getReportCollection", Self.report(1, type: "CollectedTime"))
            let row = try #require(answer["result"]?.arrayValue?.first)
            #expect(answer["totalTransaction"] == 1)
            #expect(row["contractNo"] == "SKY9900000001")
            #expect(row["amount"] == .number("250.00"))
            #expect(row["receiptNo"] == "R-1|Cebu")
            #expect(row["status"] == "Confirmed")
            #expect(await both.server.ledger()["collectionBalance"] == "250.00")
            let barcode: JSONObject = [
                "contractNumber": "SKY9900000001", "name": "Reyes,Ana", "phone": "09171234567",
                "amount": "250.00",
            ]
            #expect(await both.code("generate711Barcode", barcode) == "-1017")
        }
    }

    @Test(
        "Six catalogs, each with its own columns, without a description",
        arguments: [
            ("getNationality", ["NationalityId", "NationalityName"]),
            ("getCivilStatus", ["CivilStatusId", "CivilStatus"]),
            ("getIdentificationType", ["IdentificationId", "IdentificationType"]),
            ("getTownCity", ["ProvinceId", "TownCityId", "TownCity"]),
            ("getProvince", ["ProvinceId", "Province"]),
            ("getBankCode", ["BankCode", "BankName"]),
        ])
    func catalogs(_ type: String, _ columns: [String]) async throws {
        try await Counterparts.run { both in
            let answer = await both.ask(
                "getCatalog", ["catalogType": .string(type), "versionDate": ""])
            #expect(answer["responseCode"] == "1000")
            #expect(answer["responseDescription"] == nil)
            let rows = answer["result"]?.arrayValue ?? []
            #expect(rows.count >= 5)
            #expect(rows.allSatisfy { $0.objectValue?.members.map(\.name) == columns })
            let keys = rows.compactMap { row in columns.dropLast().map { row[$0]?.stringValue } }
            #expect(Set(keys).count == rows.count)
        }
    }

    @Test("Names the documentation gives stand in the catalogs")
    func documented() async throws {
        try await Counterparts.run { both in
            func rows(_ type: String) async -> [JSONValue] {
                let answer = await both.ask(
                    "getCatalog", ["catalogType": .string(type), "versionDate": ""])
                return answer["result"]?.arrayValue ?? []
            }
            let types = await rows("getIdentificationType")
            #expect(
                types.prefix(2).map { $0["IdentificationType"] } == [
                    "Company ID", "Driver's License",
                ])
            #expect(
                await rows("getTownCity").first
                    == ["ProvinceId": "1", "TownCityId": "1", "TownCity": "Sallapadan"])
            #expect(
                await rows("getProvince").prefix(2).map { $0["Province"] }
                    == ["Abra", "Agusan del Norte"])
            #expect(await rows("getBankCode").contains { $0["BankCode"] == "SEC" })
            let lists: [JSONObject] = [
                ["catalogType": "getBanks", "versionDate": ""], ["catalogType": "getBankCode"],
                ["catalogType": "getBankCode", "versionDate": nil],
                ["catalogType": "getBankCode", "versionDate": "2026-11-21"],
                ["CatalogType": "getBankCode", "versionDate": ""],
            ]
            for fields in lists { #expect(await both.code("getCatalog", fields) == "-1011") }
        }
    }

    @Test(
        "A bank, province, town or identification type that no catalog has is refused",
        arguments: [
            ("bankNo", "SEK", "-1021"), ("provinceId", "999", "-1020"), ("cityId", "4", "-1020"),
            ("identificationTypeId", "99", "-1011"), ("cityId", "3", "1000"),
        ])
    func checked(_ field: String, _ value: String, _ code: String) async throws {
        try await Counterparts.run { both in
            var row = RulesAgreeTests.bank
            row["cityId"] = "1"
            row[field] = .string(value)
            #expect(await both.code("payoutQueue", row) == code)
        }
    }

    @Test("Asking too soon after sending, or too often, is refused; an unknown number may be asked")
    func haste() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.queryAfterSeconds = 300
        settings.queryEverySeconds = 1800
        try await Counterparts.run(settings) { both in
            func ask(_ number: String) async -> String {
                await both.code(
                    "payoutQueryStatus",
                    ["controlNumbers": [["controlNumber": .string(number)]]])
            }
            #expect(await both.pay(payout()).word == "answered 1000")
            clock.advance(299)
            #expect(await ask("SKY9912345678") == "-1009")
            #expect(await ask("SKY9900000000") == "1000")
            clock.advance(1800)
            #expect(await ask("SKY9912345678") == "1000")
            clock.advance(1799)
            #expect(await ask("SKY9912345678") == "-1009")
            clock.advance(1800)
            #expect(await ask("SKY9912345678") == "1000")
        }
    }
}
