import AuditLog
import OrderedJSON
import SkyPay

/// Everything the log says about a row at once: the fact, what was answered, and by whom.
struct PayoutNote: RowNote, Sendable, Equatable {
    var row: RowKey
    /// The line the row begins on, from 1: what people look for.
    var line: Int
    var batch: String
    var controlNumber: String
    var fact: PayoutFact
    /// SkyPay's return code; nil when there was no answer.
    var code: String?
    /// SkyPay's description, or ours of why there is none.
    var description: String = ""
    /// `answer`, `query`, `callback`, `probe`, `restart` or `operator`.
    var source: String = "answer"
    /// Hash of the request body; intents only.
    var bodySHA256: String?
    /// SkyPay's reference, when it gave one.
    var reference: String?
    /// The provider's own time of payment or cancellation.
    var providerTime: String?
    /// The person whose word it is; notes of the operator only.
    var by: String?
    /// What the row is about; nil only in notes read from logs that did not say.
    var amount: Amount?
    /// Who gets it; intents and acceptances only. Not read back: the ledger needs no payees.
    var payee: Payee?
    /// The answer came sealed; only `suspended` says it in the log.
    var wasDecrypted = false
    /// SkyPay turned the action away and not this installation; only `unsent` says it in the log.
    var wasTurnedAway = false
}

extension PayoutNote {
    var shownNumber: String? { controlNumber }

    /// The event that makes this note durable.
    func draft(_ author: EventAuthor) -> EventDraft {
        var data = JSONObject()
        addTold(to: &data)
        payee?.add(to: &data)
        data["by"] = by.map { .string($0) }
        switch fact {
        case .intended(let attempt): data["attempt"] = .number(String(attempt))
        case .held(let possiblySent): data["possiblySent"] = .boolean(possiblySent)
        case .queried(let found): data["found"] = .boolean(found)
        case .unanswered: data["answered"] = false
        case .resolved(let outcome): data["as"] = .string(outcome.rawValue)
        case .unknown(let numberInUse): data["numberInUse"] = .boolean(numberInUse)
        case .suspended: data["decrypted"] = .boolean(wasDecrypted)
        case .unsent where wasTurnedAway: data["turnedAway"] = true
        default: break
        }
        return author.draft(type, outcome: outcome, subject: subject, data: data)
    }

    private var outcome: Outcome {
        switch fact {
        case .refused, .unknown, .suspended, .held, .failed, .unsent, .disputed, .unanswered:
            .failure
        default: .success
        }
    }

    private var type: EventType {
        switch fact {
        case .intended: .payoutIntended
        case .accepted: .payoutAccepted
        case .refused: .payoutRefused
        case .unsent: .payoutUnsent
        case .unknown: .payoutUnknown
        case .suspended: .payoutSuspended
        case .held: .payoutHeld
        case .queried, .unanswered: .payoutQueried
        case .reported: .payoutReported
        case .disputed: .payoutDisputed
        case .resolved: .payoutResolved
        case .paid: .payoutPaid
        case .failed: .payoutFailed
        case .cancelled: .payoutCancelled
        }
    }

    /// Reads a note back from its event; nil for events of other kinds.
    init?(_ event: Event) {
        guard let type = EventType(rawValue: event.type), let fact = PayoutFact(type, event.data),
            let row = RowKey(event)
        else { return nil }
        self.init(
            row: row, line: 0, batch: "",
            controlNumber: event.subject["controlNumber"]?.stringValue ?? "", fact: fact)
        by = event.data["by"]?.stringValue
        readTold(event)
    }

    init(
        row: RowKey, line: Int, batch: String, controlNumber: String, fact: PayoutFact,
        code: String? = nil,
        description: String = "", source: String = "answer"
    ) {
        self.row = row
        self.line = line
        self.batch = batch
        self.controlNumber = controlNumber
        self.fact = fact
        self.code = code
        self.description = description
        self.source = source
    }
}

extension PayoutFact {
    /// The fact an event of this type states.
    init?(_ type: EventType, _ data: JSONObject) {
        switch type {
        case .payoutIntended:
            guard let attempt = data["attempt"]?.integerValue else { return nil }
            self = .intended(attempt: attempt)
        case .payoutAccepted: self = .accepted
        case .payoutRefused: self = .refused
        case .payoutUnsent: self = .unsent
        case .payoutUnknown: self = .unknown(numberInUse: data["numberInUse"]?.booleanValue == true)
        case .payoutSuspended: self = .suspended
        case .payoutHeld: self = .held(possiblySent: data["possiblySent"]?.booleanValue == true)
        case .payoutQueried where data["answered"]?.booleanValue == false: self = .unanswered
        case .payoutQueried: self = .queried(found: data["found"]?.booleanValue == true)
        case .payoutReported: self = .reported
        case .payoutDisputed: self = .disputed
        case .payoutResolved:
            guard let outcome = data["as"]?.stringValue.flatMap(ResolvedOutcome.init(rawValue:))
            else { return nil }
            self = .resolved(outcome)
        case .payoutPaid: self = .paid
        case .payoutFailed: self = .failed
        case .payoutCancelled: self = .cancelled
        default: return nil
        }
    }
}
