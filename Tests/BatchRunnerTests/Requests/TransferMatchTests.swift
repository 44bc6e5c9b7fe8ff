import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner
@testable import SkyPay

@Suite("Transfers and the notifications they cause")
struct TransferMatchTests {
    private static let amount = Amount(centavos: 100_000)
    private static let sentAt: Int64 = 1_800_000_000
    private static let match = TransferMatch(
        from: "SKY99", to: "SKY98", amount: amount, sentAt: sentAt)

    private static func notice(
        _ prefix: String, _ sign: String, reference: String = "D-1", amount: String = "1000.00",
        type: String = "3", after seconds: Int64 = 2
    ) throws -> FinanceNotification {
        let callback = try Callback.parse([
            "action": "financeNotification",
            "transctionDate": .string(PhilippineTime.wireText(unixSeconds: sentAt + seconds)),
            "companyPrefix": .string(prefix), "companyName": "Demo", "accountNo": .string(prefix),
            "sourceAccountNo": "", "beneficiaryAccountNo": "", "statementType": .string(type),
            "signType": .string(sign), "amount": .string(amount), "currency": "PHP",
            "referenceNumber": .string(reference),
        ])
        guard case .financeNotification(let notice) = callback else {
            throw InvariantViolation("\(callback)")
        }
        return notice
    }

    private static func pair(
        _ reference: String = "D-1", after seconds: Int64 = 2
    ) throws -> [FinanceNotification] {
        [
            try notice("SKY99", "reduce", reference: reference, after: seconds),
            try notice("SKY98", "recharge", reference: reference, after: seconds),
        ]
    }

    private static func isMade(_ notices: [FinanceNotification], isOnly: Bool = true) -> Bool {
        if case .made = match.verdict(notices, isOnly: isOnly) { true } else { false }
    }

    @Test("Both accounts notified under one reference, near the request: it was made")
    func made() throws {
        let time = PhilippineTime.wireText(unixSeconds: Self.sentAt + 2)
        #expect(
            Self.match.verdict(try Self.pair(), isOnly: true)
                == .made(reference: "D-1", time: time))
        #expect(Self.isMade(try Self.pair() + Self.pair()), "a notification told twice")
        for seconds in [-120, 600] as [Int64] {
            #expect(Self.isMade(try Self.pair(after: seconds)))
        }
    }

    @Test("One account alone, another amount, type, direction or time proves nothing")
    func open() throws {
        let half = try [Self.notice("SKY99", "reduce")]
        let other = try Self.notice("SKY98", "recharge", reference: "D-2")
        let cases = try [
            [], half, half + [other],
            half + [Self.notice("SKY98", "recharge", amount: "1000.01")],
            half + [Self.notice("SKY98", "recharge", type: "1")],
            half + [Self.notice("SKY98", "reduce")], half + [Self.notice("SKY97", "recharge")],
            [Self.notice("SKY99", "recharge"), Self.notice("SKY98", "reduce")],
            Self.pair(after: -121), Self.pair(after: 601),
        ]
        for notices in cases {
            #expect(
                Self.match.verdict(notices, isOnly: true)
                    == .open("no notification of such a transfer"))
        }
    }

    @Test("Where two transfers are alike nothing tells which was made, and both are named")
    func ambiguous() throws {
        let two = try Self.pair("D-1") + Self.pair("D-2", after: 60)
        guard case .open(let words) = Self.match.verdict(two, isOnly: true) else {
            Issue.record("two like it")
            return
        }
        #expect(words.contains("D-1, D-2"))
        #expect(!Self.isMade(try Self.pair(), isOnly: false))
    }

    @Test(
        "It must have been made where the others like it cannot account for what is notified",
        arguments: [
            ([], [], false), ([2], [], true), ([2], [60], false), ([2, 62], [60], true),
            ([2, 62], [60, 90], false), ([2, 62, 92], [60, 90], true),
            // Too far from it to be its own, and too far from the other.
            ([-121], [], false), ([2], [125], true), ([2], [-601], true), ([-130], [60], false),
            // The other's window has both, this one's only the first: two transfers, two made.
            ([502, 700], [500], true), ([700], [500], false),
        ] as [([Int64], [Int64], Bool)])
    func mustBeMade(_ notified: [Int64], _ others: [Int64], _ expected: Bool) throws {
        let notices = try notified.enumerated().flatMap {
            try Self.pair("D-\($0.offset)", after: $0.element)
        }
        let sent = others.map { Self.sentAt + $0 }
        #expect(Self.match.mustBeMade(notices, others: sent) == expected)
    }

    @Test("The days asked about hold the whole window, in the Philippines")
    func days() {
        var match = Self.match
        match.sentAt = EventTime.unixSeconds("2026-11-21T00:01:00.000000+08:00") ?? 0
        #expect(match.days.from == "2026-11-20" && match.days.through == "2026-11-21")
        match.sentAt = EventTime.unixSeconds("2026-11-21T23:55:00.000000+08:00") ?? 0
        #expect(match.days.from == "2026-11-21" && match.days.through == "2026-11-22")
    }
}
