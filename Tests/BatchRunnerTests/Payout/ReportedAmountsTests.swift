import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("What SkyPay's report proves about a number that was found")
struct ReportedAmountsTests {
    private static let number = "SKY9900000001"
    private static let amount = Amount(centavos: 150_000)

    /// Counts the pages that are asked for.
    private final class Pages: Sendable {
        private let count = Locked(0)
        func note() { count.withLock { $0 += 1 } }
        var asked: Int { count.withLock { $0 } }
    }

    private static func status(day: String?) throws -> PayoutStatusRow {
        var object: JSONObject = ["controlNumber": .string(number), "status": "1"]
        object["transactionDate"] = day.map { .string($0 + " 10:00:00") }
        return try #require(PayoutStatusRow(object))
    }

    private static func row(_ amount: String, _ number: String = number) -> JSONValue {
        [
            "createDate": "2026-11-20 10:00:00", "payTime": "", "controlNo": .string(number),
            "amount": .number(amount), "phone": "09170000000", "receiptNo": "R1",
        ]
    }

    private static func amounts(_ pages: Pages, _ rows: [JSONValue]) -> ReportedAmounts {
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: ScriptedProvider { request in
                pages.note()
                #expect(request["startDate"] == "2026-11-20" && request["endDate"] == "2026-11-20")
                return [
                    "totalTransaction": .number(String(rows.count)), "lastPage": true,
                    "result": .array(rows),
                ]
            })
        return ReportedAmounts(client: client)
    }

    @Test(
        "One row with our amount proves that it is ours, one with another that it is not; no other does",
        arguments: [
            ([row("1500.00")], true), ([row("1500.00"), row("7.00", "SKY9900000002")], true),
            ([row("1500.01")], false), ([row("1500.00"), row("1500.00")], nil),
            ([row("1500.00", "SKY9900000002")], nil), ([], nil),
        ] as [([JSONValue], Bool?)])
    func agrees(_ rows: [JSONValue], _ isOurs: Bool?) async throws {
        let amounts = Self.amounts(Pages(), rows)
        let found = try await amounts.evidence(
            Self.status(day: "2026-11-20"), amount: Self.amount)
        let told: Bool? =
            switch found {
            case .agrees: true
            case .differs: false
            case .unclear, .unavailable: nil
            }
        #expect(told == isOurs, "\(found)")
    }

    @Test("A day is read once, however many numbers are asked about")
    func once() async throws {
        let pages = Pages()
        let amounts = Self.amounts(pages, [Self.row("1500.00")])
        for _ in 0..<3 {
            #expect(
                try await amounts.evidence(Self.status(day: "2026-11-20"), amount: Self.amount)
                    == .agrees)
        }
        #expect(pages.asked == 1)
    }

    @Test("A stop ends the reading of a day between two pages, and nothing is known")
    func stopped() async throws {
        let (pages, stop) = (Pages(), StopRequest())
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: ScriptedProvider { _ in
                pages.note()
                stop.request()
                return [
                    "totalTransaction": 2, "lastPage": 2, "result": .array([Self.row("1500.00")]),
                ]
            })
        let amounts = ReportedAmounts(client: client, until: stop)
        let status = try Self.status(day: "2026-11-20")
        guard case .unavailable = try await amounts.evidence(status, amount: Self.amount) else {
            Issue.record("half a report is believed")
            return
        }
        #expect(pages.asked == 1)
    }

    @Test("Without a date, and without a report, nothing is known")
    func unavailable() async throws {
        let pages = Pages()
        let amounts = Self.amounts(pages, [])
        guard
            case .unavailable = try await amounts.evidence(
                Self.status(day: nil), amount: Self.amount)
        else {
            Issue.record("a number without a date is believed")
            return
        }
        #expect(pages.asked == 0)
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: ScriptedProvider { _ in
                pages.note()
                return ScriptedProvider.coded("-9999")
            })
        let silent = ReportedAmounts(client: client)
        let status = try Self.status(day: "2026-11-20")
        guard case .unavailable = try await silent.evidence(status, amount: Self.amount) else {
            Issue.record("a report that did not come is believed")
            return
        }
        let asked = pages.asked
        _ = try await silent.evidence(status, amount: Self.amount)
        #expect(pages.asked == asked, "not asked for again in the same round")
    }

    @Test(
        "A report that says it has rows and came without them did not come: nothing is decided by it",
        arguments: [
            ["totalTransaction": 1, "lastPage": 1, "result": .null],
            ["totalTransaction": 1, "lastPage": 1, "result": []],
            ["totalTransaction": "450", "lastPage": "5", "result": ""],
            ["lastPage": 5, "result": []],
        ] as [JSONValue])
    func emptied(_ answer: JSONValue) async throws {
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: ScriptedProvider { _ in answer })
        let found = try await ReportedAmounts(client: client).evidence(
            Self.status(day: "2026-11-20"), amount: Self.amount)
        guard case .unavailable = found else {
            Issue.record("\(found)")
            return
        }
    }
}
