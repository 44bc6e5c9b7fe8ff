import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("What queries and callbacks mean for orders")
struct OrderMeaningTests {
    private static let policy = PayoutPolicy(
        queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
        refuseOnInsufficientBalance: false)

    private static func order(
        reported: Int? = nil, unchanged: Int = 0, queried: Int64? = nil
    ) -> RequestRecord {
        var order = RequestRecord(family: .order)
        order.state = .accepted
        order.attempts = 1
        order.lastSentAt = 1_000
        order.reported = reported
        order.timesUnchanged = unchanged
        order.lastQueriedAt = queried
        return order
    }

    private static func status(_ status: String?, cancelTime: String? = nil) -> PayoutStatusRow? {
        guard let status else { return nil }
        var object: JSONObject = [
            "controlNumber": "SKY9900000001", "status": .string(status), "statusDesc": "said",
        ]
        object["cancelTime"] = cancelTime.map { .string($0) }
        return PayoutStatusRow(object)
    }

    private static func facts(
        _ action: String, _ order: RequestRecord, _ status: PayoutStatusRow?, now: Int64 = 2_000
    ) -> [RequestFact] {
        OrderMeaning.facts(
            for: order, action, told: order.state.word(for: action), status, now: now,
            policy: policy
        ).map(\.fact)
    }

    @Test(
        "A cancellation: only status 3 with a cancel time is one",
        arguments: [
            ("3", "2026-11-21 10:00:00", [RequestFact.queried(unchanged: false), .confirmed]),
            ("3", nil, [.queried(unchanged: false)]),
            ("1", nil, [.queried(unchanged: false), .failed]),
            ("4", nil, [.queried(unchanged: false), .failed]),
            ("2", nil, [.queried(unchanged: true)]),
            (nil, nil, [.queried(unchanged: true)]),
            ("0", nil, [.queried(unchanged: false)]),
            ("77", nil, [.queried(unchanged: false)]),
        ] as [(String?, String?, [RequestFact])])
    func cancellations(_ status: String?, _ cancelTime: String?, _ expected: [RequestFact]) {
        let found = Self.facts(
            "cancelPayout", Self.order(), Self.status(status, cancelTime: cancelTime))
        #expect(found == expected)
    }

    @Test(
        "What was reported while the question was on its way is asked again, unless the answer agrees",
        arguments: [
            ("cancelPayout", 3, "2", nil), ("cancelPayout", 3, nil, nil),
            ("cancelPayout", 3, "1", nil), ("amendTransactionV2", 5, nil, nil),
            ("cancelPayout", 3, "3", "2026-11-21 10:00:00"), ("amendTransactionV2", 5, "2", nil),
        ] as [(String, Int, String?, String?)])
    func reportedMeanwhile(
        _ action: String, _ reported: Int, _ status: String?, _ cancelTime: String?
    ) {
        let found = OrderMeaning.facts(
            for: Self.order(reported: reported, unchanged: 1), action, told: "accepted",
            Self.status(status, cancelTime: cancelTime), now: 2_000, policy: Self.policy,
            wasReported: true
        ).map(\.fact)
        let agrees = cancelTime != nil || action != "cancelPayout" && status != nil
        let expected: [RequestFact] =
            agrees ? [.queried(unchanged: false), .confirmed] : [.unanswered]
        #expect(found == expected)
    }

    @Test("Shown unchanged four times, each time in its turn, an order was not carried out")
    func unchanged() {
        let uploaded = Self.status("2")
        let often = Self.order(unchanged: 3, queried: 1_300)
        #expect(
            Self.facts("cancelPayout", often, uploaded, now: 3_099) == [.queried(unchanged: false)])
        #expect(
            Self.facts("cancelPayout", often, uploaded, now: 3_100) == [
                .queried(unchanged: true), .failed,
            ])
        let early = Self.order(unchanged: 3)
        #expect(
            Self.facts("cancelPayout", early, uploaded, now: 1_299) == [.queried(unchanged: false)])
        #expect(
            Self.facts("amendTransactionV2", often, nil, now: 3_100)
                == [.queried(unchanged: true), .failed])
    }

    @Test(
        "Answers older than a cancellation, or without its payout, two in a row, do not make it failed",
        arguments: ["2", nil] as [String?])
    func outdatedAnswers(_ shown: String?) throws {
        var order = Self.order()
        var now: Int64 = 1_300
        // Under way, then two answers of before, then what is true.
        let answers = [
            Self.status("3"), Self.status(shown), Self.status(shown),
            Self.status("3", cancelTime: "2026-11-21 10:00:00"),
        ]
        for answer in answers {
            for fact in Self.facts("cancelPayout", order, answer, now: now) {
                order = try order.applying(fact, at: now)
            }
            now += 1_800
        }
        #expect(order.state == .confirmed)
    }

    @Test(
        "An amendment: a callback tells, a query that knows the payout agrees",
        arguments: [
            (5, "2", [RequestFact.queried(unchanged: false), .confirmed]),
            (5, "1", [.queried(unchanged: false), .confirmed]),
            (6, "2", [.queried(unchanged: false), .failed]),
            (5, nil, [.queried(unchanged: true)]),
            (nil, "2", [.queried(unchanged: false)]),
            (nil, "0", [.queried(unchanged: false)]),
            (nil, "1", [.queried(unchanged: false), .held(possiblySent: true)]),
            (nil, "4", [.queried(unchanged: false), .held(possiblySent: true)]),
            (nil, "3", [.queried(unchanged: false)]),
        ] as [(Int?, String?, [RequestFact])])
    func amendments(_ reported: Int?, _ status: String?, _ expected: [RequestFact]) {
        let found = Self.facts(
            "amendTransactionV2", Self.order(reported: reported), Self.status(status))
        #expect(found == expected)
    }

    @Test(
        "A report asks for a query, and settles only where confirmation is given up",
        arguments: [
            ("cancelPayout", PayType.cancelled, [RequestFact.reported(payType: 3), .confirmed]),
            ("cancelPayout", .amended, []), ("cancelPayout", .amendFailed, []),
            ("amendTransactionV2", .amended, [.reported(payType: 5), .confirmed]),
            ("amendTransactionV2", .amendFailed, [.reported(payType: 6), .failed]),
            ("amendTransactionV2", .cancelled, []),
        ])
    func reports(_ action: String, _ payType: PayType, _ expected: [RequestFact]) throws {
        let callback = try Callback.parse([
            "action": "payoutQueuePayout", "controlNumber": "SKY9900000001",
            "payType": .string(String(payType.rawValue)), "dealTime": "2026-11-21 10:00:00",
        ])
        guard case .payoutQueuePayout(let result) = callback else {
            Issue.record("\(callback)")
            return
        }
        func facts(_ order: RequestRecord, confirm: Bool) -> [RequestFact] {
            OrderCallbacks.facts(
                for: order, action, told: order.state.word(for: action), result, confirm: confirm)
        }
        var order = Self.order()
        #expect(facts(order, confirm: false) == expected)
        let asking = Array(expected.prefix(1))
        #expect(facts(order, confirm: true) == asking)
        // While the answer is under way nothing is settled.
        order.state = .intended
        #expect(facts(order, confirm: false) == asking)
    }
}
