import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Decisions about orders, transfers and questions")
struct RequestDecisionTests {
    private static let policy = PayoutPolicy(
        queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
        refuseOnInsufficientBalance: false)

    private static func record(
        _ family: ActionFamily, _ state: RequestState, attempts: Int = 1
    ) -> RequestRecord {
        var record = RequestRecord(family: family)
        record.state = state
        record.attempts = attempts
        record.lastSentAt = 1_000
        record.unknownSince = 1_000
        return record
    }

    private static func answered(_ code: String) -> SendOutcome {
        .answered(
            Answer(
                code: ReturnCode(rawValue: code), description: "", responseTime: "", fields: [:],
                httpStatus: 200))
    }

    @Test(
        "What an answer means, by family",
        arguments: [
            ("1000", RequestFact.accepted, RequestFact.confirmed, RequestFact.answered(nil)),
            ("-1000", .suspended, .suspended, .suspended),
            ("-1002", .suspended, .suspended, .suspended),
            ("-1032", .suspended, .suspended, .suspended),
            ("-1001", .suspended, .suspended, .suspended),
            ("-1011", .refused, .refused, .refused),
            ("-1014", .refused, .refused, .refused),
            ("-1012", .refused, .held(possiblySent: true), .refused),
            ("-1015", .refused, .held(possiblySent: true), .refused),
            ("-1017", .refused, .held(possiblySent: true), .refused),
            ("-1026", .refused, .held(possiblySent: true), .refused),
            ("-1016", .refused, .unsent, .refused),
            ("-1008", .unknown, .held(possiblySent: true), .unknown),
            ("-1009", .unknown, .held(possiblySent: true), .unknown),
            ("-1010", .unknown, .held(possiblySent: true), .unknown),
            ("-1013", .unknown, .held(possiblySent: true), .unknown),
            ("-9999", .unknown, .held(possiblySent: true), .unknown),
            ("2001", .unknown, .held(possiblySent: true), .unknown),
        ])
    func answers(
        _ code: String, _ order: RequestFact, _ transfer: RequestFact, _ question: RequestFact
    ) {
        let outcome = Self.answered(code)
        for (family, expected) in [
            (ActionFamily.order, order), (.transfer, transfer), (.enquiry, question),
            (.barCode, question),
        ] {
            let meaning = Self.record(family, .intended).classify(outcome, policy: Self.policy)
            #expect(meaning.fact == expected, "\(family)")
            #expect(meaning.code == code)
            // Whatever is classified, the machine can take.
            #expect(throws: Never.self) {
                try Self.record(family, .intended).applying(meaning.fact, at: 2_000)
            }
        }
    }

    @Test("No answer: nobody knows; certainly not sent: unsent, and sending stops")
    func noAnswer() {
        for family in [ActionFamily.order, .transfer, .enquiry, .barCode] {
            let record = Self.record(family, .intended)
            let lost = record.classify(.unknown(reason: "reset"), policy: Self.policy)
            #expect(lost.fact == record.nobodyKnows)
            #expect(lost.consequence == .none)
            let never = record.classify(.certainlyNotSent(reason: "refused"), policy: Self.policy)
            #expect(never.fact == .unsent)
            #expect(never.consequence == .unreachable("refused"))
        }
    }

    @Test("Without funds a transfer waits or is refused, as configured")
    func funds() {
        var policy = Self.policy
        let record = Self.record(.transfer, .intended)
        #expect(
            record.classify(Self.answered("-1016"), policy: policy).consequence
                == .insufficientBalance)
        policy.refuseOnInsufficientBalance = true
        #expect(record.classify(Self.answered("-1016"), policy: policy).fact == .refused)
    }

    @Test("A question is asked again after a growing pause, then given to a person")
    func pauses() {
        func next(_ attempts: Int, _ now: Int64) -> RequestStep {
            Self.record(.enquiry, .unknown, attempts: attempts)
                .nextStep(now: now, policy: Self.policy)
        }
        #expect(next(1, 1_029) == .wait(until: 1_030))
        #expect(next(1, 1_030) == .send)
        #expect(next(2, 1_059) == .wait(until: 1_060))
        #expect(next(3, 1_120) == .send)
        #expect(next(9, 1_000) == .wait(until: 2_800))
        #expect(next(10, 9_999) == .hold(reason: "no answer to 10 requests"))
    }

    @Test("An order is asked about like a payout, and after a day of not knowing is held")
    func orders() {
        var order = Self.record(.order, .unknown)
        #expect(order.nextStep(now: 1_299, policy: Self.policy) == .wait(until: 1_300))
        #expect(order.nextStep(now: 1_300, policy: Self.policy) == .query)
        order.lastQueriedAt = 1_300
        #expect(order.nextStep(now: 3_099, policy: Self.policy) == .wait(until: 3_100))
        order.queryAsked = true
        #expect(order.nextStep(now: 1_599, policy: Self.policy) == .wait(until: 1_600))
        #expect(order.nextStep(now: 1_600, policy: Self.policy) == .query)
        var unanswered = order
        unanswered.timesUnanswered = 1
        #expect(unanswered.nextStep(now: 1_600, policy: Self.policy) == .wait(until: 3_100))
        // Asked first, also after a day; then for a person.
        #expect(order.nextStep(now: 1_000 + 86_400, policy: Self.policy) == .query)
        order.queryAsked = false
        order.lastQueriedAt = 1_000 + 86_400
        #expect(
            order.nextStep(now: 1_000 + 86_400, policy: Self.policy)
                == .hold(reason: "unknown for a day"))
        order.lastQueriedAt = 1_300
        order.state = .accepted
        #expect(order.nextStep(now: 1_000 + 86_400, policy: Self.policy) == .query)
    }

    @Test("Settled rows have nothing left to do", arguments: RequestState.allCases)
    func settled(_ state: RequestState) {
        guard state.isFinal || state == .held || state == .intended || state == .suspended else {
            return
        }
        for family in ActionFamily.allCases {
            let step = Self.record(family, state).nextStep(now: 1_000_000, policy: Self.policy)
            #expect(step == .nothing)
        }
    }
}
