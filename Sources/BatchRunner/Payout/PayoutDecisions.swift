import SkyPay

/// The settings decisions depend on. Times are seconds.
struct PayoutPolicy: Sendable {
    var queryAfterSeconds: Int64
    var queryEverySeconds: Int64
    var resendAfterQuery: Bool
    var refuseOnInsufficientBalance: Bool

    /// An unknown row older than this goes to a person: one day.
    static let unknownLimitSeconds: Int64 = 86_400
    /// What SkyPay turns away for longer than this goes to a person: one day.
    static let turnedAwayLimitSeconds: Int64 = 86_400
    /// Queries that must not find a number before it may be sent again.
    static let notFoundBeforeResend = 2
    /// What is held and may have been sent is asked about in every so many turns: unknown never ends
    /// by time alone (docs/ARCHITECTURE.md, I9).
    static let heldEveryTurns: Int64 = 4

    /// Time between two queries about something held, in seconds: two hours as a rule.
    var heldQueryEverySeconds: Int64 { queryEverySeconds * Self.heldEveryTurns }
}

/// What to do with a row next.
enum PayoutStep: Sendable, Equatable {
    /// Send it, for the first time or again under the same number.
    case send
    /// Ask the provider about it.
    case query
    /// Give it to a person.
    case hold(reason: String)
    /// Nothing before this time (unix seconds).
    case wait(until: Int64)
    /// Nothing, ever.
    case nothing
}

extension PayoutRecord {
    /// The next step of a row at `now` (unix seconds). Pure: the dispatcher and the inquiry only
    /// perform what this says.
    func nextStep(now: Int64, policy: PayoutPolicy) -> PayoutStep {
        switch state {
        case .unsent: return .send
        case .unknown: return nextForUnknown(now: now, policy: policy)
        case .accepted, .held, .refused, .paid, .failed, .cancelled:
            guard let due = askingTurn?.due(policy) else { return .nothing }
            return due <= now ? .query : .wait(until: due)
        case .intended, .suspended: return .nothing
        }
    }

    private func nextForUnknown(now: Int64, policy: PayoutPolicy) -> PayoutStep {
        // SkyPay has just reported on it: ask before anything else.
        if timesNotFound >= PayoutPolicy.notFoundBeforeResend, !queryAsked {
            // Of a row that never left here, as after a backup was put back, it would be the first send.
            return policy.resendAfterQuery || attempts == 0
                ? .send
                : .hold(reason: "not found twice, and skypay.resend is never")
        }
        // Asked first, also after a day: what SkyPay knows needs no person.
        guard let due = askingTurn?.due(policy) else { return .nothing }
        if due <= now { return .query }
        return isOverdue(now: now) ? .hold(reason: Self.overdue) : .wait(until: due)
    }

    /// Unknown for so long that a person has to look, whatever is or is not answered.
    func isOverdue(now: Int64) -> Bool {
        guard state == .unknown, let unknownSince else { return false }
        return now - unknownSince >= PayoutPolicy.unknownLimitSeconds
    }

    static let overdue = "unknown for a day"
}

extension ReturnCode {
    /// By these SkyPay turns a request away whatever its row says: it serves no such action (-1002), or not
    /// this address (-1032). Where it answers balance queries all the same, it is the action that is meant.
    static let turningAway: Set<ReturnCode> = [.functionIncorrect, .addressNotListed]
}

/// What an answer means for the run as a whole, besides its row.
enum RunConsequence: Sendable, Equatable {
    /// Go on.
    case none
    /// The provider cannot be reached: stop sending.
    case unreachable(String)
    /// This installation may be misconfigured, by this answer: stop sending and probe.
    case probe(ReturnCode)
    /// No funds: stop sending.
    case insufficientBalance
    /// One outcome after the other is unknown: stop sending before more is. The last reason.
    case silent(String)
}

/// The classification of one send (`skypay-api.md §4`).
struct Classification: Sendable, Equatable {
    let fact: PayoutFact
    let code: String?
    let description: String
    let consequence: RunConsequence

    /// True when nobody knows what became of the send. That a number is in use is an answer.
    var isUnknown: Bool { fact == .unknown(numberInUse: false) }
}

extension PayoutRecord {
    /// What the outcome of the current attempt means. The record is the one before the answer.
    /// - Parameter inDoubt: an earlier attempt was refused in plain, by SkyPay or by whoever is in between:
    ///   it may have arrived all the same.
    func classify(
        _ outcome: SendOutcome, policy: PayoutPolicy, inDoubt: Bool = false
    ) -> Classification {
        switch outcome {
        case .certainlyNotSent(let reason):
            // Said of the payout, not of this attempt: an earlier one may have arrived.
            return Classification(
                fact: possiblySent ? .unknown(numberInUse: false) : .unsent, code: nil,
                description: reason, consequence: .unreachable(reason))
        case .unknown(let reason):
            return Classification(
                fact: .unknown(numberInUse: false), code: nil, description: reason,
                consequence: .none)
        case .answered(let answer):
            return classify(answer, policy: policy, inDoubt: inDoubt)
        }
    }

    private func classify(
        _ answer: Answer, policy: PayoutPolicy, inDoubt: Bool
    ) -> Classification {
        func result(_ fact: PayoutFact, _ consequence: RunConsequence = .none) -> Classification {
            Classification(
                fact: fact, code: answer.code.rawValue, description: answer.description,
                consequence: consequence)
        }
        let unknown = PayoutFact.unknown(numberInUse: false)
        let probe = RunConsequence.probe(answer.code)
        switch answer.code.payoutMeaning {
        case .queued: return result(.accepted)
        case .unknown: return result(unknown)
        case .numberInUse:
            // On a repeat most likely our own first send: ask. On a first send somebody else's.
            let mayBeOurs = possiblySent || inDoubt
            return result(mayBeOurs ? .unknown(numberInUse: true) : .held(possiblySent: true))
        case .misconfigured: return result(possiblySent ? unknown : .suspended, probe)
        case .insufficientBalance:
            if possiblySent { return result(unknown, .insufficientBalance) }
            return policy.refuseOnInsufficientBalance
                ? result(.refused) : result(.unsent, .insufficientBalance)
        case .invalidAccountOrVerification: return result(possiblySent ? unknown : .suspended)
        case .refused: return result(possiblySent ? unknown : .refused)
        }
    }
}
