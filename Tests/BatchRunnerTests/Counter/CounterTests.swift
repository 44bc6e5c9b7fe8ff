import SkyPay
import Testing

@testable import BatchRunner

@Suite("What a counter is told")
struct CounterTests {
    private static let counter = Counter(controlNumberPrefix: "SKY99")
    private static let number = "SKY9900000001"
    private static let amount = Amount(centavos: 150_000)
    private static let now: Int64 = 1_000_000

    private static func registration(
        _ kind: RegistrationKind, _ state: CounterState, expiresAt: Int64? = nil
    ) -> Registration {
        Registration(
            kind: kind, number: number, row: RowKey(fileID: "20261121-000001", row: 1),
            amount: amount, expiresAt: expiresAt,
            record: CounterRecord(
                state: state, inquiries: state == .registered ? 0 : 1,
                lastInquiredAt: state == .registered ? nil : now - 10,
                payment: state == .settled ? "first" : nil))
    }

    private static func answer(
        _ question: Counter.Question, _ kind: RegistrationKind, _ registration: Registration?,
        number: String = number
    ) -> Counter.Answer {
        counter.answer(question, kind, number: number, registration, at: now)
    }

    @Test(
        "Every state answers an inquiry and a payment with the contract's code",
        arguments: [
            (RegistrationKind.payout, CounterState?.none, "-1012", "-1012"),
            (.payout, .registered, "1000", "-1012"), (.payout, .inquired, "1000", "1000"),
            (.payout, .settled, "-1026", "-1026"), (.payout, .expired, "-1012", "-1012"),
            (.collection, nil, "-1015", "-1015"),
            (.collection, .registered, "1000", "-1015"),
            (.collection, .inquired, "1000", "1000"),
            (.collection, .settled, "-1026", "-1015"),
            (.collection, .expired, "-1015", "-1015"),
        ])
    func codes(
        _ kind: RegistrationKind, _ state: CounterState?, _ inquiry: String, _ payment: String
    ) {
        let registration = state.map { Self.registration(kind, $0) }
        let asked = Self.answer(.inquiry(amount: Self.amount), kind, registration)
        #expect(asked.code.rawValue == inquiry)
        #expect((asked.fact == .inquired) == (inquiry == "1000"))
        #expect(!asked.raised)
        let told = Self.answer(.payment(key: "other", amount: Self.amount), kind, registration)
        #expect(told.code.rawValue == payment)
        #expect((told.fact == .settled(payment: "other")) == (payment == "1000"))
        #expect(told.raised == (payment != "1000"))
    }

    @Test("What is registered under a prefix from before a change is asked for and paid as ever")
    func otherPrefix() {
        let counter = Counter(controlNumberPrefix: "SKY12")
        for kind in RegistrationKind.allCases {
            let asked = counter.answer(
                .inquiry(amount: nil), kind, number: Self.number,
                Self.registration(kind, .registered), at: Self.now)
            #expect(asked.code == .success && asked.fact == .inquired)
            let told = counter.answer(
                .payment(key: "k", amount: nil), kind, number: Self.number,
                Self.registration(kind, .inquired), at: Self.now)
            #expect(told.code == .success && !told.raised)
        }
    }

    @Test("The same payment told again gets the same answer and changes nothing")
    func replay() {
        for kind in RegistrationKind.allCases {
            let settled = Self.registration(kind, .settled)
            let again = Self.answer(.payment(key: "first", amount: Self.amount), kind, settled)
            #expect(again.code == .success)
            #expect(again.replay)
            #expect(again.fact == nil)
            #expect(!again.raised)
        }
    }

    @Test(
        "Numbers of others are refused whatever is asked",
        arguments: [(RegistrationKind.payout, "-1014"), (.collection, "-1015")])
    func prefix(_ kind: RegistrationKind, _ code: String) {
        for question in [
            Counter.Question.inquiry(amount: nil), .payment(key: "k", amount: nil),
        ] {
            let answer = Self.answer(question, kind, nil, number: "SKY1200000001")
            #expect(answer.code.rawValue == code)
            #expect(answer.fact == nil)
        }
    }

    @Test("Another amount is refused at the inquiry, at the payment and at its repetition")
    func amounts() {
        let other = Amount(centavos: 150_001)
        for state in [CounterState.registered, .inquired] {
            let answer = Self.answer(
                .inquiry(amount: other), .collection, Self.registration(.collection, state))
            #expect(answer.code == Counter.amountDiffers)
            #expect(answer.fact == nil)
        }
        for state in CounterState.allCases {
            let answer = Self.answer(
                .payment(key: "first", amount: other), .collection,
                Self.registration(.collection, state))
            #expect(answer.code == Counter.amountDiffers)
            #expect(answer.fact == nil)
            #expect(answer.raised)
        }
    }

    @Test("From its end on nothing is answered with 1000, but a payment asked for before")
    func expiry() {
        for kind in RegistrationKind.allCases {
            for (end, isOver) in [(Self.now - 1, true), (Self.now, true), (Self.now + 1, false)] {
                let fresh = Self.registration(kind, .registered, expiresAt: end)
                let answer = Self.answer(.inquiry(amount: nil), kind, fresh)
                #expect((answer.code == .success) == !isOver)
                #expect(fresh.isToExpire(at: Self.now) == isOver)
                let asked = Self.registration(kind, .inquired, expiresAt: end)
                let paid = Self.answer(.payment(key: "k", amount: nil), kind, asked)
                #expect(paid.fact == .settled(payment: "k"))
                #expect(!asked.isToExpire(at: Self.now))
            }
        }
    }

    @Test("A registration that was asked for expires a day after the last inquiry, not before")
    func openInquiry() {
        let asked = Self.registration(.payout, .inquired, expiresAt: Self.now)
        let day = Registration.openInquirySeconds
        #expect(!asked.isToExpire(at: Self.now - 10 + day - 1))
        #expect(asked.isToExpire(at: Self.now - 10 + day))
        #expect(!Self.registration(.payout, .inquired).isToExpire(at: .max / 2))
        for state in [CounterState.settled, .expired] {
            #expect(!Self.registration(.payout, state, expiresAt: 1).isToExpire(at: Self.now))
        }
    }

    @Test("What the counter decides always has a transition, and nothing is settled twice")
    func closed() throws {
        for kind in RegistrationKind.allCases {
            for state in CounterState.allCases {
                let registration = Self.registration(kind, state)
                for question in [
                    Counter.Question.inquiry(amount: nil), .payment(key: "first", amount: nil),
                    .payment(key: "other", amount: nil),
                ] {
                    guard let fact = Self.answer(question, kind, registration).fact else {
                        continue
                    }
                    _ = try registration.record.applying(fact, at: Self.now)
                }
            }
        }
        let settled = Self.registration(.payout, .settled).record
        for fact in [CounterFact.inquired, .settled(payment: "first"), .expired] {
            #expect(throws: InvariantViolation.self) { try settled.applying(fact, at: 1) }
        }
        let fresh = Self.registration(.payout, .registered).record
        #expect(throws: InvariantViolation.self) {
            try fresh.applying(.settled(payment: "k"), at: 1)
        }
    }
}
