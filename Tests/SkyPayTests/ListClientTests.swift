import OrderedJSON
import SkyPay
import Testing

@Suite("Client: reports, notifications, catalogs")
struct ListClientTests {
    private let client = ClientTests()

    private func requestText(_ request: PreparedRequest) throws -> String {
        let value = try JSONValue(parsing: request.json)
        let members = (value.objectValue?.members ?? []).dropFirst(3)
        return JSONValue.object(JSONObject(members.map { ($0.name, $0.value) })).text()
    }

    @Test("Each request is written as the contract has it")
    func requests() throws {
        let client = client.client(CannedTransport(.unknown(reason: "")))
        let query = ReportQuery.payouts(
            from: "2026-11-20", through: "2026-11-21", dateType: "PayTime")
        #expect(
            try requestText(client.prepareReportPage(query, page: 3))
                == #"{"startDate":"2026-11-20","endDate":"2026-11-21","dateType":"PayTime","#
                + #""pagination":3,"pageSize":100}"#)
        #expect(
            try requestText(
                client.prepareNotificationInquiry(
                    from: "2026-11-20", through: "2026-11-21", statementTypes: [1, 3]))
                == #"{"transctionDate":"2026-11-20","transEndDate":"2026-11-21","#
                + #""statementTypes":["1","3"]}"#)
        #expect(
            try requestText(client.prepareCatalog(.bank))
                == #"{"catalogType":"getBankCode","versionDate":""}"#)
        #expect(
            try requestText(client.prepareCancel(["SKY9912345678", "SKY9912345679"]))
                == #"{"controlNumbers":[{"controlNumber":"SKY9912345678"},"#
                + #"{"controlNumber":"SKY9912345679"}]}"#)
    }

    @Test("A batch's row of types separated by spaces goes out as an array")
    func rowOfTypes() throws {
        let client = client.client(CannedTransport(.unknown(reason: "")))
        let row: JSONObject = [
            "transctionDate": "2026-11-20", "transEndDate": "2026-11-21", "statementTypes": "1 6",
        ]
        #expect(
            try requestText(client.prepare(.notificationInquiry, fields: row))
                == #"{"transctionDate":"2026-11-20","transEndDate":"2026-11-21","#
                + #""statementTypes":["1","6"]}"#)
    }

    private func page(_ json: String, _ number: Int = 1) async -> String {
        let query = ReportQuery.payouts(
            from: "2026-11-20", through: "2026-11-20", dateType: "CreateDate")
        switch await client.answering(json).reportPage(query, page: number) {
        case .page(let rows, let total, let isLast):
            return "\(rows.count) of \(total ?? -1)\(isLast ? ", last" : "")"
        case .refused(let answer): return "refused \(answer.code.rawValue)"
        case .certainlyNotSent: return "not sent"
        case .unknown: return "unknown"
        }
    }

    @Test("A report's page is read without a code, and its last page is known by each of its signs")
    func reportPages() async {
        let two = #""result":[{"controlNo":"A"},{"controlNo":"B"}]"#
        #expect(await page(#"{"totalTransaction":5,"lastPage":3,\#(two)}"#) == "2 of 5")
        #expect(await page(#"{"totalTransaction":5,"lastPage":3,\#(two)}"#, 3) == "2 of 5, last")
        #expect(await page(#"{"TotalTransaction":"2","LastPage":"1",\#(two)}"#) == "2 of 2, last")
        #expect(await page(#"{"lastPage":true,\#(two)}"#) == "2 of -1, last")
        #expect(await page(#"{"lastPage":false,\#(two)}"#) == "2 of -1")
        #expect(await page(#"{"lastPage":0,\#(two)}"#) == "2 of -1")
        #expect(await page(#"{"lastPage":9,"result":[]}"#, 9) == "0 of -1, last")
        #expect(await page(#"{"lastPage":9,"result":[]}"#, 10) == "0 of -1, last")
        #expect(await page(#"{"lastPage":0,"result":[]}"#, 4) == "0 of -1, last")
        #expect(await page(#"{"result":null}"#) == "0 of -1, last")
        #expect(await page(#"{"responseCode":"1000",\#(two)}"#) == "2 of -1")
    }

    @Test("A page that cannot be read whole is no page")
    func unreadablePages() async {
        #expect(await page(#"{"responseCode":"-1009","result":[]}"#) == "refused -1009")
        #expect(await page(#"{"lastPage":1}"#) == "unknown")
        #expect(await page(#"{"result":"none"}"#) == "unknown")
        #expect(await page(#"{"result":[{"controlNo":"A"},7]}"#) == "unknown")
        // Five pages, it says itself, and there is nothing on the fourth.
        for rows in ["[]", "null", "\"\""] {
            #expect(await page(#"{"lastPage":5,"result":\#(rows)}"#, 4) == "unknown")
        }
        #expect(await page("[]") == "unknown")
    }

    @Test("A report's row is read by whichever names the provider used")
    func reportRows() throws {
        let rows = [
            #"{"createDate":"2026-11-20","payTime":"","controlNo":"A","amount":1500,"receiptNo":"R"}"#,
            #"{"CreateDate":"2026-11-20","controlNumber":"A","amount":"1500.0","referenceNo":"R"}"#,
            #"{"createDate":"2026-11-20","contractNo":"A","amount":1500.00,"receiptNumber":"R"}"#,
            #"{"createDate":"2026-11-20","contractNo":"A","amount":1.5E3,"receiptNumber":"R"}"#,
        ]
        for text in rows {
            let object = try #require(try JSONValue(parsing: Array(text.utf8)).objectValue)
            let row = try #require(ReportRow(object))
            #expect(row.number == "A" && row.amount == Amount(centavos: 150_000), "\(text)")
            #expect(row.receiptNo == "R" && row.createDate == "2026-11-20" && row.payTime == nil)
        }
        let collected: JSONObject = [
            "contractNo": "C", "collectedTime": "2026-11-20T10:00:00", "amount": "1.234",
            "status": "Confirmed",
        ]
        let row = try #require(ReportRow(collected))
        #expect(row.payTime == "2026-11-20T10:00:00" && row.status == "Confirmed")
        #expect(row.amount == nil, "three decimals are no amount, and are not rounded")
        #expect(ReportRow(["amount": "1.00"]) == nil)
    }

    @Test("A catalog is read by its own names, without a description, its codes as text")
    func catalogs() async {
        let towns =
            #"{"responseCode":1000,"result":[{"ProvinceId":1,"TownCityId":1,"#
            + #""TownCity":"Sallapadan"}]}"#
        guard case .list(let entries) = await client.answering(towns).catalog(.townCity) else {
            Issue.record("not read")
            return
        }
        #expect(entries == [CatalogEntry(code: "1", name: "Sallapadan", provinceCode: "1")])
        let banks = #"{"responseCode":"1000","result":[{"bankCode":"SEC"}]}"#
        guard case .unknown = await client.answering(banks).catalog(.bank) else {
            Issue.record("a bank without a name was taken")
            return
        }
        guard
            case .refused(let answer) = await client.answering(#"{"responseCode":"-1009"}"#)
                .catalog(.bank)
        else {
            Issue.record("a refusal was taken for a list")
            return
        }
        #expect(answer.code == .unpredictableException)
    }

    @Test("Notifications are read as the callbacks are; one that cannot be read voids the list")
    func notifications() async {
        let good =
            #"{"transctionDate":"2026-11-20 10:00:00","companyPrefix":"SKY98","#
            + #""accountNo":"SKY98","sourceAccountNo":"","statementType":3,"signType":"Recharge","#
            + #""amount":12000000,"currency":"PHP","referenceNumber":"D-20261120-001"}"#
        func read(_ list: String) async -> ListOutcome<FinanceNotification> {
            await client.answering(#"{"responseCode":"1000","notifications":\#(list)}"#)
                .notifications(from: "2026-11-20", through: "2026-11-20")
        }
        guard case .list(let one) = await read("[\(good)]"), case .list(let none) = await read("[]")
        else {
            Issue.record("not read")
            return
        }
        #expect(one.first?.amount == "12000000" && one.first?.signType == .recharge)
        #expect(one.first?.sourceAccountNo == nil && none.isEmpty)
        guard case .unknown = await read("[\(good),{}]") else {
            Issue.record("a list with an unreadable line was taken")
            return
        }
    }
}
