import OrderedJSON
import SkyPay
import Testing

/// `skypay-api.md §1`, "Reading": one example of each tolerance, as it would come, and what a
/// strict reader would have lost by it.
@Suite("Reading is tolerant, by example")
struct ToleranceTests {
    private let client = ClientTests()

    private func row(_ json: String) async throws -> PayoutStatusRow {
        let outcome = await client.answering(#"{"responseCode":"1000","result":[\#(json)]}"#)
            .queryStatus(["SKY9912345678"])
        guard case .rows(let rows) = outcome else { throw Unread() }
        return try #require(rows.first)
    }

    private struct Unread: Error {}

    @Test(
        "Keys in any letter case",
        arguments: [
            #"{"controlNumber":"SKY9912345678","status":"1"}"#,
            #"{"ControlNumber":"SKY9912345678","Status":"1"}"#,
            #"{"CONTROLNUMBER":"SKY9912345678","STATUS":"1"}"#,
        ])
    func letterCase(_ json: String) async throws {
        #expect(try await row(json).status == .completed)
    }

    @Test("Scalars as string or number")
    func scalars() async throws {
        let text = try await row(
            #"{"controlNumber":"SKY9912345678","status":"2","withdrawChannel":"1"}"#)
        let number = try await row(
            #"{"controlNumber":"SKY9912345678","status":2,"withdrawChannel":1}"#)
        #expect(
            text.status == .uploaded && number.status == .uploaded && number.withdrawChannel == "1")
    }

    @Test("An empty text and null are absent: a cancel without a cancelTime is none")
    func absent() async throws {
        for empty in [#","cancelTime":"""#, #","cancelTime":null"#, ""] {
            let row = try await row(#"{"controlNumber":"SKY9912345678","status":"3"\#(empty)}"#)
            #expect(row.status == .cancelled && row.cancelTime == nil)
        }
    }

    @Test(
        "Dates with 0 to 9 decimals, with T or a space",
        arguments: [
            "2026-11-21 10:00:00", "2026-11-21T10:00:00", "2026-11-21 10:00:00.5",
            "2026-11-21 10:00:00.5211", "2026-11-21T10:00:00.521100000",
        ])
    func dates(_ text: String) throws {
        let micros = try #require(PhilippineTime.unixMicroseconds(wire: text))
        #expect(micros / 1_000_000 == 1_795_226_400)
        let paid: JSONObject = [
            "action": "payoutPayout", "controlNumber": "SKY9912345678", "withdrawChannel": "1",
            "payTime": .string(text),
        ]
        #expect(ActionTable.payoutPayout.check(callback: paid) == [])
    }

    @Test("CR, LF and spaces inside the base64")
    func brokenLines() async throws {
        let sealed = Envelope(passwordKey: "TESTKEY000000001")
            .seal(Array(#"{"responseCode":"1000","responseDescription":"Success"}"#.utf8))
        let lines = sealed.enumerated().map { index, character in
            index % 20 == 19 ? "\(character)\r\n " : "\(character)"
        }.joined()
        guard case .answered(let answer) = await client.outcome(body: lines) else { throw Unread() }
        #expect(answer.description == "Success")
        #expect(answer.wasDecrypted)
    }

    @Test("A body that begins with { is plain JSON, the provider's error path")
    func plain() async throws {
        let body = #"{"responseCode":"-1000","responseDescription":"post context not valid"}"#
        guard case .answered(let answer) = await client.outcome(body: body) else { throw Unread() }
        #expect(answer.code == .contextNotValid)
        #expect(!answer.wasDecrypted)
    }

    @Test("On an HTTP error the raw text is kept, and decides nothing")
    func rawText() async throws {
        let body = "<html><h1>502 Bad Gateway</h1></html>"
        guard case .unknown(let reason) = await client.outcome(status: 502, body: body) else {
            throw Unread()
        }
        #expect(reason == "HTTP 502: " + body)
    }

    @Test("Fields nobody knows are kept, and codes nobody knows are not fatal")
    func unknown() async throws {
        let body = #"{"responseCode":"-1777","campaign":{"id":[1,2]}}"#
        guard case .answered(let answer) = await client.outcome(body: body) else { throw Unread() }
        #expect(answer.code.payoutMeaning == .unknown)
        #expect(answer.fields["campaign"]?["id"]?.arrayValue?.count == 2)
    }

    @Test("The previous key opens what was sealed before a key change")
    func previousKey() async throws {
        let body = Envelope(passwordKey: "OLDKEY0000000001")
            .seal(Array(#"{"responseCode":"1000"}"#.utf8))
        guard case .answered(let answer) = await client.outcome(body: body) else { throw Unread() }
        #expect(answer.code == .success)
    }

    @Test("The provider's other names: contractNumber, collectionIcnquiry, transactionDate")
    func aliases() throws {
        let result: JSONObject = [
            "action": "payoutQueuePayout", "contractNumber": "SKY9912345678", "payType": 2,
        ]
        guard case .payoutQueuePayout(let read) = try Callback.parse(result) else { throw Unread() }
        #expect(read.controlNumber == "SKY9912345678")
        #expect(ActionTable.payoutQueuePayout.check(callback: result) == [])
        let inquiry: JSONObject = [
            "action": "collectionIcnquiry", "controlNumber": "SKY9912345678", "amount": 1500,
            "phone": "09171234567",
        ]
        #expect(Callback.action(of: inquiry) == "collectionInquiry")
        #expect(ActionTable.collectionInquiry.check(callback: inquiry) == [])
    }
}
