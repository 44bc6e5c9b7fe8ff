import SkyPay

/// Where one row stands that is no payout: an order, a transfer, a question, a bar code. The raw
/// value is what the ledger and `status` show.
enum RequestState: String, Sendable, CaseIterable {
    /// Never sent, or certainly not processed: may be sent.
    case unsent
    /// An intent is durable and no answer is: the request may be on its way.
    case intended
    /// Answered with a code that may mean this installation is misconfigured; a probe decides.
    case suspended
    /// Perhaps at the provider, perhaps not.
    case unknown
    /// An order that SkyPay took; whether it was carried out is still to be seen.
    case accepted
    /// A question with its answer.
    case answered
    /// Refused: nothing was done.
    case refused
    /// Set aside for a person.
    case held
    /// Done: cancelled, amended, transferred.
    case confirmed
    /// An order that was not carried out.
    case failed

    /// The send outcome is known: the row no longer stands in the way of a result file.
    var isDefinite: Bool {
        switch self {
        case .unsent, .intended, .suspended, .unknown: false
        case .accepted, .answered, .refused, .held, .confirmed, .failed: true
        }
    }

    /// Nothing more will happen: the row no longer stands in the way of a final file.
    var isFinal: Bool {
        switch self {
        case .answered, .refused, .confirmed, .failed: true
        case .unsent, .intended, .suspended, .unknown, .accepted, .held: false
        }
    }

    /// What SkyPay's own answer to a request makes of it, when it takes or refuses it.
    var isAnswer: Bool {
        switch self {
        case .accepted, .answered, .refused, .confirmed: true
        case .unsent, .intended, .suspended, .unknown, .held, .failed: false
        }
    }

    /// The word for it in responses: what `confirmed` confirms depends on the action.
    func word(for action: String) -> String {
        guard self == .confirmed else { return rawValue }
        return switch action {
        case "cancelPayout": "cancelled"
        case "amendTransactionV2": "amended"
        default: "transferred"
        }
    }
}

/// Where an answer lies in `state/answers`, and its hash.
struct StoredAnswer: Sendable, Equatable {
    /// The file's name.
    var name: String
    /// Bytes before it.
    var offset: Int
    /// Its bytes: one JSON object and a newline, or one for each entry of a list.
    var length: Int
    /// Entries of a list; nil when the answer is one object.
    var entries: Int?
    /// SHA-256 of these bytes, lower-case hexadecimal.
    var sha256: String
}

/// One thing that became durable about a request. Every fact is an audit event; folding the facts
/// of a row in their order gives its record, and nothing else changes it.
enum RequestFact: Sendable, Equatable {
    /// About to be sent for the n-th time (from 1).
    case intended(attempt: Int)
    /// An order: 1000.
    case accepted
    /// A question: SkyPay's answer is stored; nil when SkyPay does not know the number.
    case answered(StoredAnswer?)
    /// Refused: nothing was done.
    case refused
    /// The attempt certainly did not reach the provider, or was not processed, or was the reading of a
    /// report, which changes nothing, and a stop ended it.
    case unsent
    /// Nobody knows what became of the attempt.
    case unknown
    /// Wait for a probe.
    case suspended
    /// For a person.
    case held(possiblySent: Bool)
    /// The provider was asked about the payout of an order. `unchanged`: in its turn, and nothing
    /// showed that the order was carried out.
    case queried(unchanged: Bool)
    /// The provider was asked, and nothing came of it: a refusal, or no answer that can be read.
    case unanswered
    /// A callback reported on the payout of an order, with this payType: worth asking now.
    case reported(payType: Int)
    /// Done, for good.
    case confirmed
    /// Not carried out, for good.
    case failed
    /// A person settled what was held.
    case resolved(ResolvedRequest)
}

/// What the ledger knows of a request's way to the provider. Times are unix seconds.
struct RequestRecord: Sendable, Equatable {
    var family: ActionFamily
    var state: RequestState = .unsent
    /// Requests intended so far.
    var attempts = 0
    /// An attempt may have reached the provider.
    var possiblySent = false
    /// Questions about its payout since the last answer to one.
    var timesUnanswered = 0
    /// Queries in their turn since the send that showed nothing of the order.
    var timesUnchanged = 0
    /// The last payType reported that speaks of the order: 3, 5 or 6.
    var reported: Int?
    var firstSentAt: Int64?
    var lastSentAt: Int64?
    var lastQueriedAt: Int64?
    var unknownSince: Int64?
    /// A callback asks for a query before its turn.
    var queryAsked = false
    /// Reports that asked for a query so far, as for payouts.
    var reports = 0
}

extension RequestRecord {
    /// The record after `fact` at `time` (unix seconds). Total: every pair of state and fact has a
    /// transition here, leaves a settled row alone, or is a broken invariant (a second send of what
    /// may not be repeated, an answer to what was never intended).
    func applying(_ fact: RequestFact, at time: Int64) throws(InvariantViolation) -> RequestRecord {
        var next = self
        switch (state, fact) {
        case (.unsent, .intended(let attempt)), (.unknown, .intended(let attempt)):
            guard attempt == attempts + 1, state == .unsent || family.mayRepeat else {
                throw violation(fact)
            }
            next.state = .intended
            next.attempts = attempt
            next.firstSentAt = firstSentAt ?? time
            next.lastSentAt = time
            next.timesUnchanged = 0
        case (.intended, .accepted): next.state = .accepted
        case (.intended, .answered): next.state = .answered
        case (.unsent, .answered) where family == .statusEnquiry:
            next.state = .answered
            next.attempts += 1
            next.lastQueriedAt = time
        case (.intended, .refused), (.suspended, .refused): next.state = .refused
        case (.intended, .unsent), (.suspended, .unsent):
            next.state = .unsent
            // It did not arrive, so whatever was reported meanwhile was about another order.
            next.forgetReports()
        case (.intended, .unknown):
            // A transfer has no unknown state: nothing could ever be learned about it.
            guard family != .transfer else { throw violation(fact) }
            next.state = .unknown
            next.possiblySent = true
            next.unknownSince = unknownSince ?? time
        case (.intended, .suspended): next.state = .suspended
        case (.intended, .held(let possibly)), (.suspended, .held(let possibly)),
            (.unknown, .held(let possibly)), (.accepted, .held(let possibly)):
            next.state = .held
            next.possiblySent = possiblySent || possibly
            if state == .accepted { next.forgetReports() }
        // A report of one of several amendments, once more.
        case (.held, .held) where isOpenOrder: next.forgetReports()
        // Of what is held also where nobody asks by himself: SkyPay counts a person's question too.
        case (.unknown, .queried(let unchanged)), (.accepted, .queried(let unchanged)),
            (.held, .queried(let unchanged)):
            next.lastQueriedAt = time
            next.timesUnanswered = 0
            next.queryAsked = false
            next.timesUnchanged += unchanged ? 1 : 0
        case (.failed, .queried) where queryAsked, (.confirmed, .queried) where queryAsked:
            next.lastQueriedAt = time
            next.timesUnanswered = 0
            next.queryAsked = false
        // As for payouts. A sender's own question is unsent until it is answered.
        case (.unknown, .unanswered), (.accepted, .unanswered), (.held, .unanswered),
            (.failed, .unanswered) where queryAsked,
            (.confirmed, .unanswered) where queryAsked,
            (.unsent, .unanswered) where family == .statusEnquiry:
            next.lastQueriedAt = time
            next.timesUnanswered += 1
        case (.intended, .confirmed), (.unknown, .confirmed), (.accepted, .confirmed):
            next.state = .confirmed
        case (.unknown, .failed), (.accepted, .failed): next.state = .failed
        // A person's word; only what is held waits for one.
        case (.held, .resolved(let word)):
            next.state = word.state
            next.queryAsked = false
        case (_, .resolved): throw violation(fact)
        // Learned after all.
        case (.held, .confirmed) where mayBeLearned: next.state = .confirmed
        case (.held, .failed) where isOpenOrder: next.state = .failed
        // Of what came to its end only what contradicts what was told last is recorded at all.
        case (.held, .reported(let payType)) where isOpenOrder,
            (.failed, .reported(let payType)) where family == .order,
            (.confirmed, .reported(let payType)) where family == .order,
            (.intended, .reported(let payType)), (.suspended, .reported(let payType)),
            (.unknown, .reported(let payType)), (.accepted, .reported(let payType)):
            next.reported = payType
            next.queryAsked = true
            next.reports += 1
        case (_, .reported), (_, .unanswered): break
        case (_, .intended): throw violation(fact)
        // What is learned late, once more, or against what is settled: recorded and told, but a
        // settled row stays as it is.
        case (.accepted, _), (.answered, _), (.refused, _), (.held, _), (.confirmed, _),
            (.failed, _):
            break
        default: throw violation(fact)
        }
        return next
    }

    /// An order that was given to a person and may have been carried out: it is asked about.
    var isOpenOrder: Bool { family == .order && possiblySent }

    /// The same of an order or a transfer, whose notifications may prove that it was made.
    var mayBeLearned: Bool { isOpenOrder || family == .transfer && possiblySent }

    /// Nothing that callbacks said may confirm it any more.
    private mutating func forgetReports() {
        reported = nil
        queryAsked = false
    }

    private func violation(_ fact: RequestFact) -> InvariantViolation {
        InvariantViolation(
            "a row of the family \(family.rawValue) that is \(state.rawValue) after \(attempts) "
                + "attempts cannot become \(fact)")
    }
}
