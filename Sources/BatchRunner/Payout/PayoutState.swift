/// Where one payout row stands. The raw value is what the ledger and `status` show.
enum PayoutState: String, Sendable, CaseIterable {
    /// Never sent, or certainly not processed: may be sent.
    case unsent
    /// An intent is durable and no answer is: the request may be on its way.
    case intended
    /// Answered with a code that may mean this installation is misconfigured; a probe decides.
    case suspended
    /// Perhaps at the provider, perhaps not: ask, never assume.
    case unknown
    /// Queued at the provider.
    case accepted
    /// Refused before money moved.
    case refused
    /// Set aside for a person.
    case held
    /// The provider has paid it.
    case paid
    /// The provider tried and failed; no money moved.
    case failed
    /// Cancelled at the provider, with a cancel time.
    case cancelled

    /// The send outcome is known: the row no longer stands in the way of a result file.
    var isDefinite: Bool {
        switch self {
        case .unsent, .intended, .suspended, .unknown: false
        case .accepted, .refused, .held, .paid, .failed, .cancelled: true
        }
    }

    /// Nothing more will happen: the row no longer stands in the way of a final file.
    var isFinal: Bool {
        switch self {
        case .refused, .paid, .failed, .cancelled: true
        case .unsent, .intended, .suspended, .unknown, .accepted, .held: false
        }
    }
}

/// One thing that became durable about a row. Every fact is an audit event; folding the facts of a
/// row in their order gives its record, and nothing else changes it.
enum PayoutFact: Sendable, Equatable {
    /// About to be sent for the n-th time (from 1).
    case intended(attempt: Int)
    /// 1000, or found by a query.
    case accepted
    /// Refused before money moved.
    case refused
    /// The attempt certainly did not reach the provider, or was not processed.
    case unsent
    /// Nobody knows what became of the attempt. `numberInUse`: it was a repeat, and the provider
    /// said that the number exists (-1008), most likely by our first send.
    case unknown(numberInUse: Bool)
    /// Wait for a probe.
    case suspended
    /// For a person.
    case held(possiblySent: Bool)
    /// The provider was asked about it and knew it, or not.
    case queried(found: Bool)
    /// The provider was asked about it, and nothing came of it: a refusal, or no answer that can be
    /// read. It may have taken note of the question.
    case unanswered
    /// A callback reported something about it: worth asking now.
    case reported
    /// A callback reported otherwise than was told of a final row: worth asking now.
    case disputed
    /// A person settled what was held, with evidence.
    case resolved(ResolvedOutcome)
    /// Paid, for good.
    case paid
    /// Failed, for good.
    case failed
    /// Cancelled, for good.
    case cancelled
}

/// What the ledger knows of a row's way to the provider. Times are unix seconds.
struct PayoutRecord: Sendable, Equatable {
    var state: PayoutState = .unsent
    /// Requests intended so far.
    var attempts = 0
    /// An earlier attempt may still arrive at the provider, so no later answer can make the row
    /// refused or unsent.
    var possiblySent = false
    /// Questions since the last answer to one.
    var timesUnanswered = 0
    /// Queries in their turn since the last send that did not find it.
    var timesNotFound = 0
    /// A repeat was answered with -1008, so finding the number does not prove it is ours.
    var numberInUse = false
    var lastSentAt: Int64?
    var lastQueriedAt: Int64?
    var unknownSince: Int64?
    /// A callback asks for a query before its turn.
    var queryAsked = false
    /// Reports that asked for a query so far: an answer to a question that left before the last of them
    /// does not answer it.
    var reports = 0
}

extension PayoutRecord {
    /// The record after `fact` at `time` (unix seconds). Total: every pair of state and fact has a
    /// transition here, leaves a settled row alone, or is a broken invariant (a second send of a
    /// row that may not be sent, an answer to what was never intended).
    func applying(_ fact: PayoutFact, at time: Int64) throws(InvariantViolation) -> PayoutRecord {
        var next = self
        switch (state, fact) {
        case (.unsent, .intended(let attempt)), (.unknown, .intended(let attempt)):
            guard attempt == attempts + 1 else { throw violation(fact) }
            next.state = .intended
            next.attempts = attempt
            next.lastSentAt = time
            next.timesNotFound = 0
        case (.intended, .accepted), (.unknown, .accepted), (.suspended, .accepted):
            next.state = .accepted
        case (.intended, .refused), (.suspended, .refused):
            // A refusal of a repeat says nothing about the first send, which may still arrive.
            guard !possiblySent else { throw violation(fact) }
            next.state = .refused
        case (.intended, .unsent), (.suspended, .unsent):
            // Of a repeat only older logs say this; `classify` says unknown.
            next.state = possiblySent ? .unknown : .unsent
            // Nothing of ours arrived, so whatever was reported meanwhile was not about it.
            if !possiblySent { next.queryAsked = false }
        case (.intended, .unknown(let inUse)), (.suspended, .unknown(let inUse)):
            next.state = .unknown
            next.possiblySent = true
            next.numberInUse = numberInUse || inUse
            next.unknownSince = unknownSince ?? time
        case (.intended, .suspended):
            next.state = .suspended
        case (.intended, .held(let possibly)), (.suspended, .held(let possibly)),
            (.unknown, .held(let possibly)):
            next.state = .held
            next.possiblySent = possiblySent || possibly
        case (.unknown, .queried(let found)), (.accepted, .queried(let found)):
            next.lastQueriedAt = time
            next.timesUnanswered = 0
            next.queryAsked = false
            // A query that a callback asked for comes out of its turn. "Not found" counts only when
            // it is `queryEverySeconds` from the one before, so such a query does not count; after
            // one without an answer every query waits for its turn (`AskingPace.again`).
            let outOfTurn = queryAsked && lastQueriedAt != nil && timesUnanswered == 0
            next.timesNotFound = found ? 0 : timesNotFound + (outOfTurn ? 0 : 1)
            // Found, and nobody can say whose it is: a person's in a day (docs/decisions/0027-restored-state.md).
            if found, state == .unknown { next.unknownSince = unknownSince ?? time }
        case (.accepted, .paid): next.state = .paid
        case (.accepted, .failed): next.state = .failed
        case (.accepted, .cancelled): next.state = .cancelled
        // Of what is held also where nobody asks by himself: SkyPay counts a person's question too.
        case (.held, .queried),
            (_, .queried) where state.isFinal && queryAsked:
            next.lastQueriedAt = time
            next.timesUnanswered = 0
            next.queryAsked = false
        // Asked all the same: the next question comes in its turn. What a callback wanted to know is
        // still to be asked, so `queryAsked` stays.
        case (.unknown, .unanswered), (.accepted, .unanswered), (.held, .unanswered),
            (_, .unanswered) where state.isFinal && queryAsked:
            next.lastQueriedAt = time
            next.timesUnanswered += 1
        // A person's word. What may have been sent is never sent again by it.
        case (.held, .resolved(let outcome)):
            guard let settled = outcome.state(possiblySent: possiblySent) else {
                throw violation(fact)
            }
            next.state = settled
            next.queryAsked = false
        // Found after all, and nobody else's: it goes on as any other.
        case (.held, .accepted) where possiblySent && !numberInUse: next.state = .accepted
        // While its answer or its probe is under way too: refused then, it is asked about.
        case (.accepted, .reported), (.unknown, .reported), (.intended, .reported),
            (.suspended, .reported),
            (.held, .reported) where possiblySent,
            (_, .disputed) where state.isFinal:
            next.queryAsked = true
            next.reports += 1
        case (_, .reported), (_, .disputed), (_, .unanswered): break
        case (_, .intended): throw violation(fact)
        // What is learned late, once more, or against what is settled: recorded and told, but a
        // settled row stays as it is. A callback may settle a row while its answer is under way.
        case (.accepted, _), (.held, _), (.refused, _), (.paid, _), (.failed, _), (.cancelled, _):
            break
        default: throw violation(fact)
        }
        return next
    }

    private func violation(_ fact: PayoutFact) -> InvariantViolation {
        InvariantViolation(
            "a row that is \(state.rawValue) after \(attempts) attempts cannot become \(fact)")
    }
}
