import AuditLog
import OrderedJSON
import SkyPay

/// Everything the log says at once about a row that is no payout: the fact, what was answered, and
/// by whom.
struct RequestNote: Sendable, Equatable {
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
    /// `answer`, `query`, `callback`, `probe` or `restart`.
    var source = "answer"
    /// Hash of the request body; intents only.
    var bodySHA256: String?
    /// SkyPay's reference, when it gave one.
    var reference: String?
    /// The provider's own time of what is reported.
    var providerTime: String?
}

extension RequestNote {
    private static func cut(_ text: String) -> String {
        String(text.prefix(PayoutNote.maxTextLength))
    }

    /// The event that makes this note durable.
    func draft(_ author: EventAuthor) -> EventDraft {
        var subject: JSONObject = [
            "file": .string(row.fileID), "batch": .string(batch),
            "row": .number(String(row.row)), "line": .number(String(line)),
        ]
        subject["controlNumber"] = number.map { .string($0) }
        subject["reference"] = reference.map { .string(Self.cut($0)) }
        var data: JSONObject = ["action": .string(action), "source": .string(source)]
        data["code"] = code.map { .string(Self.cut($0)) }
        if !description.isEmpty {
            data["description"] = .string(
                PersonalData.freeText(String(description.prefix(PayoutNote.maxDescriptionLength))))
        }
        data["bodySha256"] = bodySHA256.map { .string($0) }
        data["providerTime"] = providerTime.map { .string(Self.cut($0)) }
        data["amount"] = amount.map { .string($0.text) }
        switch fact {
        case .intended(let attempt): data["attempt"] = .number(String(attempt))
        case .held(let possiblySent): data["possiblySent"] = .boolean(possiblySent)
        case .queried(let unchanged): data["unchanged"] = .boolean(unchanged)
        case .reported(let payType): data["payType"] = .number(String(payType))
        case .answered(let answer): data["answer"] = answer.map { .object($0.json) }
        default: break
        }
        return author.draft(type, outcome: outcome, subject: subject, data: data)
    }

    private var outcome: Outcome {
        switch fact {
        case .refused, .unsent, .unknown, .suspended, .held, .failed: .failure
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
        case .queried: .requestQueried
        case .reported: .requestReported
        case .confirmed: .requestConfirmed
        case .failed: .requestFailed
        }
    }

    /// Reads a note back from its event; nil for events of other kinds.
    init?(_ event: Event) {
        guard let type = EventType(rawValue: event.type), let fact = RequestFact(type, event.data),
            let file = event.subject["file"]?.stringValue,
            let number = event.subject["row"]?.integerValue
        else { return nil }
        row = RowKey(fileID: file, row: number)
        line = event.subject["line"]?.integerValue ?? 0
        batch = event.subject["batch"]?.stringValue ?? ""
        action = event.data["action"]?.stringValue ?? ""
        self.number = event.subject["controlNumber"]?.stringValue
        amount = event.data["amount"]?.stringValue.flatMap { Amount(wire: $0) }
        self.fact = fact
        code = event.data["code"]?.stringValue
        description = event.data["description"]?.stringValue ?? ""
        source = event.data["source"]?.stringValue ?? ""
        bodySHA256 = event.data["bodySha256"]?.stringValue
        reference = event.subject["reference"]?.stringValue
        providerTime = event.data["providerTime"]?.stringValue
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
        case .requestQueried: self = .queried(unchanged: data["unchanged"]?.booleanValue == true)
        case .requestReported:
            guard let payType = data["payType"]?.integerValue else { return nil }
            self = .reported(payType: payType)
        case .requestConfirmed: self = .confirmed
        case .requestFailed: self = .failed
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
