import SkyPay

/// Registration + question → answer and fact. Pure: what a counter is told depends on nothing but
/// what is registered, what was answered before, and the time.
struct Counter: Sendable {
    /// Every number of ours that is registered now begins with it.
    let controlNumberPrefix: String

    /// The amount at the counter is not the registered one: a code of ours, in the range SkyPay
    /// leaves to partners (`skypay-api.md §4`).
    static let amountDiffers = ReturnCode(rawValue: "2001")

    /// What a counter asks or reports.
    enum Question: Sendable, Equatable {
        /// May I? `amount`: what the payer offers, when it is told.
        case inquiry(amount: Amount?)
        /// I did. `key` tells this payment from another; `amount` when it is told.
        case payment(key: String, amount: Amount?)
    }

    /// What it is told, and what becomes of the registration.
    struct Answer: Sendable, Equatable {
        var code: ReturnCode
        /// In words for people on both sides; nothing of the content.
        var description: String
        /// What happens to the registration; nil for nothing.
        var fact: CounterFact?
        /// A payment was reported that is not booked: a person has to look.
        var raised = false
        /// The same payment was booked before; the answer is the same.
        var replay = false
    }

    /// The answer. `registration` is what stands under `number` now, nil for nothing.
    ///
    /// The order is the contract's: known or else whose number, paid, in time, in order, the same amount.
    func answer(
        _ question: Question, _ kind: RegistrationKind, number: String,
        _ registration: Registration?, at now: Int64
    ) -> Answer {
        var answer: Answer
        if let registration {
            // Ours whatever the prefix is now: a counter may have had 1000 for it before a change.
            switch question {
            case .inquiry(let amount): answer = inquiry(registration, amount, now)
            case .payment(let key, let amount): answer = payment(registration, key, amount)
            }
        } else if !number.hasPrefix(controlNumberPrefix) {
            answer = Answer(
                code: kind == .payout ? .prefixIncorrect : .contractNumberInvalid,
                description: "the number does not begin with our prefix")
        } else {
            answer = invalid(kind, "nothing is registered under this number")
        }
        if case .payment = question, answer.code != .success { answer.raised = true }
        return answer
    }

    private func inquiry(_ registration: Registration, _ amount: Amount?, _ now: Int64) -> Answer {
        switch registration.record.state {
        case .settled: return Answer(code: .alreadyPaid, description: "has been paid")
        case .expired: return invalid(registration.kind, "expired")
        case .registered, .inquired: break
        }
        if registration.isOver(at: now) { return invalid(registration.kind, "expired") }
        if let amount, amount != registration.amount { return differs }
        return Answer(code: .success, description: "Success", fact: .inquired)
    }

    private func payment(_ registration: Registration, _ key: String, _ amount: Amount?) -> Answer {
        if let amount, amount != registration.amount { return differs }
        switch registration.record.state {
        case .settled where registration.record.payment == key:
            return Answer(code: .success, description: "Success", replay: true)
        case .settled:
            return Answer(
                code: registration.kind == .payout ? .alreadyPaid : .contractNumberInvalid,
                description: "has been paid before, by another payment")
        case .registered: return invalid(registration.kind, "no successful inquiry came before")
        case .expired: return invalid(registration.kind, "expired")
        case .inquired:
            return Answer(code: .success, description: "Success", fact: .settled(payment: key))
        }
    }

    private var differs: Answer {
        Answer(code: Self.amountDiffers, description: "the amount is not the registered one")
    }

    /// -1012 for payouts, -1015 for collections: the number is invalid, expired or out of order.
    private func invalid(_ kind: RegistrationKind, _ description: String) -> Answer {
        Answer(
            code: kind == .payout ? .controlNumberInvalid : .contractNumberInvalid,
            description: description)
    }

    /// What a counter's callback asks or reports, and about which number; nil for other callbacks, and
    /// for a payment without its key.
    static func question(
        _ callback: Callback, key: String?
    ) -> (RegistrationKind, String, Counter.Question)? {
        switch callback {
        case .payoutInquiry(let asked):
            (.payout, asked.controlNumber, .inquiry(amount: nil))
        case .payoutPayout(let told):
            key.map { (.payout, told.controlNumber, .payment(key: $0, amount: nil)) }
        case .collectionInquiry(let asked):
            (.collection, asked.contractNumber, .inquiry(amount: asked.amount))
        case .collectionCollect(let told):
            key.map { (.collection, told.contractNumber, .payment(key: $0, amount: told.amount)) }
        case .payoutQueuePayout, .financeNotification: nil
        }
    }
}
