import AuditLog
import OrderedJSON
import SkyPay

/// Everything the log says at once about a row that is no payout: the fact, what was answered, and
/// by whom. Apart from `PayoutNote`, whose facts and types are others: no fold can take one for the
/// other. What both say is `RowNote`.
struct RequestNote: RowNote, Sendable, Equatable {
    var row: RowKey
    /// The line the row begins on, from 1.
    var line: Int
    var batch: String
    /// The wire name of the action.
    var action: String
    /// The payout it is about, or a bar code's contract number; nil for questions about neither.
    var number: String?
    var amount: Amount?
    var fact: RequestFact
    /// SkyPay's return code; nil when there was no answer.
    var code: String?
    /// SkyPay's description, or ours of why there is none.
    var description = ""
    /// `answer`, `query`, `callback`, `probe`, `restart` or `operator`.
    var source = "answer"
    /// Who says so; of a person's word only.
    var by: String?
    /// Hash of the request body; intents only.
    var bodySHA256: String?
    /// SkyPay's reference, when it gave one.
    var reference: String?
    /// The provider's own time of what is reported.
    var providerTime: String?
    /// The answer came sealed; only `suspended` says it in the log.
    var wasDecrypted = false
    /// SkyPay turned the action away and not this installation; only `unsent` says it in the log.
    var wasTurnedAway = false
}

extension RequestNote {
    var shownNumber: String? { number }

    /// The event that makes this note durable.
    func draft(_ author: EventAuthor) -> EventDraft {
        var data: JSONObject = ["action": .string(action)]
        addTold(to: &data)
        data["by"] = by.map { .string($0) }
        switch fact {
        case .intended(let attempt): data["attempt"] = .number(String(attempt))
        case .held(let possiblySent): data["possiblySent"] = .boolean(possiblySent)
        case .queried(let unchanged): data["unchanged"] = .boolean(unchanged)
        case .unanswered: data["answered"] = false
        case .reported(let payType): data["payType"] = .number(String(payType))
        case .answered(let answer): data["answer"] = answer.map { .object($0.json) }
        case .suspended: data["decrypted"] = .boolean(wasDecrypted)
        case .unsent where wasTurnedAway: data["turnedAway"] = true
        case .resolved(let word): data["as"] = .string(word.rawValue)
        default: break
        }
        return author.draft(type, outcome: outcome, subject: subject, data: data)
    }

    private var outcome: Outcome {
        switch fact {
        case .refused, .unsent, .unknown, .suspended, .held, .failed, .unanswered: .failure
        default: .success
        }
    }

    private var type: EventType {
        switch fact {
        case .intended: .requestIntended
        case .accepted: .requestAccepted
        case .answered: .requestAnswered
        case .refused: .requestRefused
        case .unsent: .requestUnsent
        case .unknown: .requestUnknown
        case .suspended: .requestSuspended
        case .held: .requestHeld
        case .queried, .unanswered: .requestQueried
        case .reported: .requestReported
        case .confirmed: .requestConfirmed
        case .failed: .requestFailed
        case .resolved: .requestResolved
        }
    }

    /// Reads a note back from its event; nil for events of other kinds.
    init?(_ event: Event) {
        guard let type = EventType(rawValue: event.type), let fact = RequestFact(type, event.data),
            let row = RowKey(event)
        else { return nil }
        self.init(
            row: row, line: 0, batch: "", action: event.data["action"]?.stringValue ?? "",
            number: event.subject["controlNumber"]?.stringValue, amount: nil, fact: fact)
        by = event.data["by"]?.stringValue
        readTold(event)
    }

    init(
        row: RowKey, line: Int, batch: String, action: String, number: String?, amount: Amount?,
        fact: RequestFact
    ) {
        self.row = row
        self.line = line
        self.batch = batch
        self.action = action
        self.number = number
        self.amount = amount
        self.fact = fact
    }
}

extension RequestFact {
    /// The fact an event of this type states.
    init?(_ type: EventType, _ data: JSONObject) {
        switch type {
        case .requestIntended:
            guard let attempt = data["attempt"]?.integerValue else { return nil }
            self = .intended(attempt: attempt)
        case .requestAccepted: self = .accepted
        case .requestAnswered:
            self = .answered(data["answer"]?.objectValue.flatMap(StoredAnswer.init))
        case .requestRefused: self = .refused
        case .requestUnsent: self = .unsent
        case .requestUnknown: self = .unknown
        case .requestSuspended: self = .suspended
        case .requestHeld: self = .held(possiblySent: data["possiblySent"]?.booleanValue == true)
        case .requestQueried where data["answered"]?.booleanValue == false: self = .unanswered
        case .requestQueried: self = .queried(unchanged: data["unchanged"]?.booleanValue == true)
        case .requestReported:
            guard let payType = data["payType"]?.integerValue else { return nil }
            self = .reported(payType: payType)
        case .requestConfirmed: self = .confirmed
        case .requestFailed: self = .failed
        case .requestResolved:
            guard let word = data["as"]?.stringValue.flatMap(ResolvedRequest.init(rawValue:))
            else { return nil }
            self = .resolved(word)
        default: return nil
        }
    }
}

extension StoredAnswer {
    /// The form in events.
    var json: JSONObject {
        var object: JSONObject = [
            "name": .string(name), "offset": .number(String(offset)),
            "length": .number(String(length)), "sha256": .string(sha256),
        ]
        object["entries"] = entries.map { .number(String($0)) }
        return object
    }

    /// Reads it back from an event.
    init?(_ json: JSONObject) {
        guard let name = json["name"]?.stringValue, let offset = json["offset"]?.integerValue,
            let length = json["length"]?.integerValue, let sha256 = json["sha256"]?.stringValue
        else { return nil }
        self.init(
            name: name, offset: offset, length: length, entries: json["entries"]?.integerValue,
            sha256: sha256)
    }
}
