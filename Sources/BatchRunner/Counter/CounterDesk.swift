import AuditLog
import OrderedJSON
import SkyPay

/// Looks up what a counter's callback is about, lets `Counter` decide, and records registrations
/// whose time is over. It must not be asked about two callbacks at once: a decision rests on what
/// is registered now, and counts once its event is folded. Its owner is the callback desk, which
/// gives each its turn; the fold refuses a second payment in any case.
struct CounterDesk: Sendable {
    let journal: Journal
    let source: RegistrationSource
    let counter: Counter

    /// The decision on a counter's callback with the right credentials.
    /// - Parameters:
    ///   - key: what tells its payment from another; nil for inquiries.
    ///   - now: unix seconds.
    func decide(
        _ callback: Callback, key: String?, _ now: Int64
    ) throws -> CallbackNote.Decision {
        guard let (kind, number, question) = Counter.question(callback, key: key) else {
            throw InvariantViolation("\(callback.action) is not a counter's callback")
        }
        let registration = try journal.ledger.registration(kind, number: number)
        let answer = counter.answer(question, kind, number: number, registration, at: now)
        var decision = CallbackNote.Decision(answer: answer, registration: registration)
        if let registration, case .inquired = answer.fact {
            // The answer will say what stands in the private copy: if that is not readable, the
            // promise of an answer must not become durable.
            _ = try source.fields(of: registration)
        }
        if let registration, case .settled = answer.fact,
            case .payoutPayout(let payment) = callback
        {
            decision.payee = try source.payee(
                of: registration, channel: CallbackNote.cut(payment.withdrawChannel))
        }
        return decision
    }

    /// Records every registration whose time is over at `now`. Safe to stop in the middle and to
    /// repeat.
    func expire(at now: Int64) async throws {
        while true {
            let over = try journal.ledger.registrationsToExpire(at: now, limit: Self.groupRows)
            if over.isEmpty { return }
            try await journal.record(over.map(expired))
        }
    }

    private func expired(_ registration: Registration) -> EventDraft {
        var data: JSONObject = [
            "action": registration.kind == .payout ? "registerPayout" : "registerCollection",
            "amount": .string(registration.amount.text),
        ]
        CounterNote(row: registration.row, fact: .expired).add(to: &data)
        return journal.author.draft(
            .callbackExpired,
            subject: [
                "file": .string(registration.row.fileID),
                "controlNumber": .string(registration.number),
            ], data: data)
    }

    private static let groupRows = 500
}
