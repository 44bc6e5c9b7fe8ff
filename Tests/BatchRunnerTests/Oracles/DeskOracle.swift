import OrderedJSON

@testable import BatchRunner
@testable import SkyPay

/// What must hold for any callbacks in any order. Each line is a message; one payout and one
/// collection are registered, and a payout is at SkyPay. The oracle keeps books of its own.
enum DeskOracle {
    static let payout = "SKY9912345678"
    static let collection = "SKY9900000001"
    private static let counter = Counter(controlNumberPrefix: "SKY99")

    /// What the messages came to.
    private struct Books {
        var registrations: [RegistrationKind: Registration] = [
            .payout: registration(.payout, payout, 150_000),
            .collection: registration(.collection, collection, 30_000),
        ]
        /// Asked about with success.
        var asked: Set<RegistrationKind> = []
        /// The key of the one payment.
        var paid: [RegistrationKind: String] = [:]
    }

    private static func registration(
        _ kind: RegistrationKind, _ number: String, _ centavos: Int64
    ) -> Registration {
        Registration(
            kind: kind, number: number, row: RowKey(fileID: "f", row: 1),
            amount: Amount(centavos: centavos), expiresAt: nil, record: CounterRecord())
    }

    static func violation(_ bytes: [UInt8]) -> String? {
        var books = Books()
        for line in bytes.split(separator: 0x0A).prefix(16) {
            if let problem = take(Array(line), &books) { return problem }
        }
        return nil
    }

    private static func take(_ line: [UInt8], _ books: inout Books) -> String? {
        let credentials = RunnerSubject.credentials
        guard let opened = try? Callback.openTelling(line, credentials),
            let object = (try? JSONValue(parsing: opened.text))?.objectValue,
            let callback = try? Callback.parse(object)
        else { return nil }
        func text(_ name: String) -> String { object.caseInsensitive(name)?.scalarText ?? "" }
        let isOurs =
            text("userName") == credentials.userName
            && text("authentication") == credentials.authentication
        guard Callback.credentialsMatch(object, credentials) == isOurs else {
            return "credentials that are \(isOurs ? "" : "not ")ours were taken otherwise"
        }
        // Without them the desk asks no counter and applies nothing.
        guard isOurs else { return nil }
        if case .payoutQueuePayout(let result) = callback { return report(result) }
        let key = callback.idempotencyKey?.joined(separator: "\u{1}")
        guard let (kind, number, question) = Counter.question(callback, key: key) else {
            guard callback.action == "financeNotification" else { return "nobody answers" }
            return nil
        }
        return ask(kind, number, question, &books)
    }

    private static func ask(
        _ kind: RegistrationKind, _ number: String, _ question: Counter.Question,
        _ books: inout Books
    ) -> String? {
        guard var registration = books.registrations[kind] else { return "books are lost" }
        let known = registration.number == number
        let answer = counter.answer(
            question, kind, number: number, known ? registration : nil, at: 0)
        let isGood: Bool
        var isPayment = false
        switch question {
        case .inquiry(let amount):
            let isSame = amount.map { $0 == registration.amount } ?? true
            isGood = known && books.paid[kind] == nil && isSame
            if isGood { books.asked.insert(kind) }
        case .payment(let key, let amount):
            isPayment = true
            let isSame = amount.map { $0 == registration.amount } ?? true
            let first = books.paid[kind] == nil && books.asked.contains(kind)
            isGood = known && isSame && (books.paid[kind] == key || first)
            guard answer.replay == (isGood && !first) else { return "a repetition is not known" }
            if isGood { books.paid[kind] = key }
        }
        guard (answer.code == .success) == isGood else {
            return "\(kind) \(number): \(answer.code.rawValue), but it should be "
                + (isGood ? "1000" : "refused")
        }
        guard answer.raised == (isPayment && !isGood) else { return "nobody is told" }
        if let fact = answer.fact {
            guard isGood else { return "a refusal changes something" }
            guard let next = try? registration.record.applying(fact, at: 0) else {
                return "\(fact) has no place"
            }
            registration.record = next
            books.registrations[kind] = registration
        }
        let settled = registration.record.state == .settled
        return settled == (books.paid[kind] != nil) ? nil : "the books differ"
    }

    /// With `confirm` a report asks for a query and does no more; without, it never moves a row
    /// that has ended or whose number may be somebody else's.
    private static func report(_ result: PayoutResult) -> String? {
        for state in PayoutState.allCases {
            for inUse in [false, true] {
                var record = PayoutRecord()
                record.state = state
                record.numberInUse = inUse
                let told = CallbackMeaning.facts(for: record, result, confirm: true)
                guard told == [.reported] || (state.isFinal && told == [.disputed]) else {
                    return "a report is believed alone"
                }
                let facts = CallbackMeaning.facts(for: record, result, confirm: false)
                var next = record
                for fact in facts {
                    guard let applied = try? next.applying(fact, at: 0) else {
                        return "\(state): \(fact) has no place"
                    }
                    next = applied
                }
                let mayMove = state == .accepted || (state == .unknown && !inUse)
                if !mayMove, next.state != state { return "a report moves a row that is \(state)" }
                let ends: [PayType: PayoutState] = [
                    .paid: .paid, .failed: .failed, .cancelled: .cancelled,
                ]
                if mayMove, next.state != ends[result.payType] ?? .accepted {
                    return "payType \(result.payType) makes \(next.state)"
                }
            }
        }
        return nil
    }

    static var seeds: [[UInt8]] {
        let envelope = Envelope(passwordKey: RunnerSubject.credentials.passwordKey)
        let lines = messages.map { Array($0.utf8) }
        let sealed = lines.map { Array(envelope.seal($0).utf8) }
        let all = Array(lines.joined(separator: [0x0A]))
        return lines + [all, Array(sealed.joined(separator: [0x0A]))]
            + [Array(lines.reversed().joined(separator: [0x0A])), sealed[0]]
    }

    private static let messages = [
        #""action":"payoutInquiry","controlNumber":"SKY9912345678""#,
        #""action":"payoutPayout","controlNumber":"SKY9912345678","withdrawChannel":9,"#
            + #""payTime":"2026-11-21 12:00:00""#,
        #""action":"collectionInquiry","contractNumber":"SKY9900000001","amount":"300.00","#
            + #""phone":"09171234567""#,
        #""action":"collectionCollect","contractNumber":"SKY9900000001","amount":300,"#
            + #""phone":"09171234567","receiptNumber":"R-1|Cebu","collectedTime":"#
            + #""2026-11-21 12:00:00","payChannel":"10""#,
        #""action":"payoutQueuePayout","controlNumber":"SKY9912345678","payType":2,"#
            + #""dealTime":"2026-11-21 12:00:00""#,
    ].map { fields in
        #"{"userName":"DemoApp@skypay","authentication":"#
            + #""\#(RunnerSubject.credentials.authentication)",\#(fields)}"#
    }
}
