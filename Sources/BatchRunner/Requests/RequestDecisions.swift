import SkyPay

/// What to do with a request next.
enum RequestStep: Sendable, Equatable {
    /// Send it, for the first time or, where that changes nothing, again.
    case send
    /// Ask the provider about the payout it concerns.
    case query
    /// Give it to a person.
    case hold(reason: String)
    /// Nothing before this time (unix seconds).
    case wait(until: Int64)
    /// Nothing, ever.
    case nothing
}

extension PayoutPolicy {
    /// Wait before a question without an answer is asked again the first time, in seconds; on a
    /// machine of tests, where queries may follow sooner, as soon as they.
    var repeatAfterSeconds: Int64 { min(30, queryAfterSeconds) }
    /// Times a question is asked at most before a person has to look at it.
    static let maxAttempts = 10
    /// Queries in their turn that must show nothing of an order before it counts as not carried out; with
    /// half an hour between two of them two hours. Nothing else tells a cancellation that was carried out
    /// from one that was not, where SkyPay's answers are older than it or leave its payout out.
    static let unchangedBeforeFailure = 4
}

extension RequestRecord {
    /// The next step of a row at `now` (unix seconds). Pure: dispatcher and inquiry only perform
    /// what this says.
    func nextStep(now: Int64, policy: PayoutPolicy) -> RequestStep {
        switch state {
        case .unsent: return family == .statusEnquiry ? .query : .send
        case .unknown: return nextForUnknown(now: now, policy: policy)
        case .accepted, .held, .failed, .confirmed:
            guard let due = askingTurn?.due(policy) else { return .nothing }
            return due <= now ? .query : .wait(until: due)
        case .intended, .suspended, .answered, .refused:
            return .nothing
        }
    }

    private func nextForUnknown(now: Int64, policy: PayoutPolicy) -> RequestStep {
        if family.mayRepeat {
            guard attempts < PayoutPolicy.maxAttempts else {
                return .hold(reason: "no answer to \(attempts) requests")
            }
            let due = (lastSentAt ?? 0) + pause(policy)
            return due <= now ? .send : .wait(until: due)
        }
        guard let due = askingTurn?.due(policy) else { return .nothing }
        if due <= now { return .query }
        return isOverdue(now: now) ? .hold(reason: PayoutRecord.overdue) : .wait(until: due)
    }

    /// As for payouts; a question that may be repeated is given up by its attempts instead.
    func isOverdue(now: Int64) -> Bool {
        guard state == .unknown, !family.mayRepeat, let unknownSince else { return false }
        return now - unknownSince >= PayoutPolicy.unknownLimitSeconds
    }

    /// Doubled with every attempt, up to the time between two queries of one number.
    private func pause(_ policy: PayoutPolicy) -> Int64 {
        let doubled = policy.repeatAfterSeconds << Int64(max(attempts - 1, 0))
        return min(doubled, max(policy.queryEverySeconds, policy.repeatAfterSeconds))
    }

    /// As for payouts. A sender's own question has none: it is asked in its payout's turn.
    var askingTurn: AskingTurn? {
        switch state {
        case .unknown where !family.mayRepeat, .accepted: break
        case .held where mayBeLearned: break
        case .failed where queryAsked, .confirmed where queryAsked: break
        default: return nil
        }
        var turn = AskingTurn(
            sentAt: lastSentAt, queriedAt: lastQueriedAt, timesUnanswered: timesUnanswered,
            forward: queryAsked)
        // A transfer is held at once: the first time it is asked about as soon as others.
        let isSlow = family == .order || lastQueriedAt != nil
        if state == .held, isSlow, !queryAsked, timesUnanswered == 0 { turn.pace = .slow }
        return turn
    }

    /// A query at `now` comes in its turn, so that showing nothing counts.
    func isInTurn(now: Int64, policy: PayoutPolicy) -> Bool {
        guard now >= (lastSentAt ?? 0) + policy.queryAfterSeconds else { return false }
        return lastQueriedAt.map { now >= $0 + policy.queryEverySeconds } ?? true
    }
}

/// The classification of one send of a request (`skypay-api.md §2 and §4`).
struct RequestClassification: Sendable, Equatable {
    /// `answered` without its answer, which is stored before it is recorded.
    let fact: RequestFact
    let code: String?
    let description: String
    let consequence: RunConsequence

    /// True when nobody knows what became of the request; a transfer is then held at once.
    var isUnknown: Bool { fact == .unknown || fact == .held(possiblySent: true) }
}

extension RequestRecord {
    /// What the outcome of the current attempt means.
    func classify(_ outcome: SendOutcome, policy: PayoutPolicy) -> RequestClassification {
        switch outcome {
        case .certainlyNotSent(let reason):
            return RequestClassification(
                fact: .unsent, code: nil, description: reason, consequence: .unreachable(reason))
        case .unknown(let reason):
            return RequestClassification(
                fact: nobodyKnows, code: nil, description: reason, consequence: .none)
        case .answered(let answer): return classify(answer, policy: policy)
        }
    }

    /// A transfer is never sent again: nothing at the provider names it. Its notifications may prove
    /// that it was made (`TransferInquiry`); nothing proves that it was not.
    var nobodyKnows: RequestFact {
        family == .transfer ? .held(possiblySent: true) : .unknown
    }

    private func classify(_ answer: Answer, policy: PayoutPolicy) -> RequestClassification {
        func result(
            _ fact: RequestFact, _ consequence: RunConsequence = .none
        ) -> RequestClassification {
            RequestClassification(
                fact: fact, code: answer.code.rawValue, description: answer.description,
                consequence: consequence)
        }
        switch answer.code.payoutMeaning {
        case .queued: return result(success)
        case .misconfigured: return result(.suspended, .probe(answer.code))
        case .invalidAccountOrVerification: return result(.suspended)
        case .refused: return result(.refused)
        case .insufficientBalance:
            guard family == .transfer, !policy.refuseOnInsufficientBalance else {
                return result(.refused)
            }
            return result(.unsent, .insufficientBalance)
        case .numberInUse, .unknown:
            return result(answer.code.refusesRequest(of: family) ? .refused : nobodyKnows)
        }
    }

    private var success: RequestFact {
        switch family {
        case .order: .accepted
        case .transfer: .confirmed
        case .enquiry, .statusEnquiry, .barCode, .payout, .registration: .answered(nil)
        }
    }
}

extension ReturnCode {
    /// Codes that after a payout say nothing, and here say that nothing was done: the number, its
    /// contract or its payout cannot take the order. For a transfer every such code stays unknown.
    fileprivate func refusesRequest(of family: ActionFamily) -> Bool {
        guard family != .transfer else { return false }
        return [.controlNumberInvalid, .contractNumberInvalid, .contractCompleted, .alreadyPaid]
            .contains(self)
    }
}
