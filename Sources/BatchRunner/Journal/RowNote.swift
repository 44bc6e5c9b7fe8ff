import AuditLog
import OrderedJSON
import SkyPay

/// What every event about a row says, whatever its family: one shape in the log for payouts and for
/// rows that are none (docs/events.md).
protocol RowNote {
    var row: RowKey { get }
    /// The line the row begins on, from 1: what people look for.
    var line: Int { get set }
    var batch: String { get set }
    /// What the row is about, in plain.
    var shownNumber: String? { get }
    /// SkyPay's return code; nil when there was no answer.
    var code: String? { get set }
    /// SkyPay's description, or ours of why there is none.
    var description: String { get set }
    /// `answer`, `query`, `callback`, `probe`, `restart` or `operator`.
    var source: String { get set }
    /// Hash of the request body; intents only.
    var bodySHA256: String? { get set }
    /// SkyPay's reference, when it gave one.
    var reference: String? { get set }
    /// The provider's own time of what is told.
    var providerTime: String? { get set }
    var amount: Amount? { get set }
    /// The answer came sealed; said of `suspended` only, where it decides (`Probe`).
    var wasDecrypted: Bool { get set }
    /// SkyPay turned the action away and not this installation; said of `unsent` only (`Probe`).
    var wasTurnedAway: Bool { get set }
}

/// Limits of what is taken over from a provider into one event.
enum NoteLimits {
    /// Longest description kept, in Unicode scalars (`skypay-api.md §1`: 255; ours may be longer).
    static let maxDescriptionLength = 1_000
    /// Longest code, reference or time kept, in Unicode scalars.
    static let maxTextLength = 100
}

extension RowNote {
    /// The event's subject.
    var subject: JSONObject {
        var subject: JSONObject = [
            "file": .string(row.fileID), "batch": .string(batch),
            "row": .number(String(row.row)), "line": .number(String(line)),
        ]
        subject["controlNumber"] = shownNumber.map { .string($0) }
        subject["reference"] = reference.map { .string(Self.cut($0)) }
        return subject
    }

    /// Adds what was told to the event's data.
    func addTold(to data: inout JSONObject) {
        data["source"] = .string(source)
        data["code"] = code.map { .string(Self.cut($0)) }
        if !description.isEmpty {
            data["description"] = .string(
                PersonalData.freeText(description.cut(to: NoteLimits.maxDescriptionLength)))
        }
        data["bodySha256"] = bodySHA256.map { .string($0) }
        data["providerTime"] = providerTime.map { .string(Self.cut($0)) }
        data["amount"] = amount.map { .string($0.text) }
    }

    /// Reads back what was told.
    mutating func readTold(_ event: Event) {
        line = event.subject["line"]?.integerValue ?? 0
        batch = event.subject["batch"]?.stringValue ?? ""
        code = event.data["code"]?.stringValue
        description = event.data["description"]?.stringValue ?? ""
        source = event.data["source"]?.stringValue ?? ""
        bodySHA256 = event.data["bodySha256"]?.stringValue
        reference = event.subject["reference"]?.stringValue
        providerTime = event.data["providerTime"]?.stringValue
        amount = event.data["amount"]?.stringValue.flatMap { Amount(wire: $0) }
        wasDecrypted = event.data["decrypted"]?.booleanValue == true
        wasTurnedAway = event.data["turnedAway"]?.booleanValue == true
    }

    /// Takes over how the answer came.
    mutating func note(_ outcome: SendOutcome) {
        if case .answered(let answer) = outcome { wasDecrypted = answer.wasDecrypted }
    }

    private static func cut(_ text: String) -> String { text.cut(to: NoteLimits.maxTextLength) }
}

extension String {
    /// At most so many Unicode scalars of it. Not characters: one of those may have any number of
    /// bytes, and an event has room for a few thousand.
    func cut(to scalars: Int) -> String { String(unicodeScalars.prefix(scalars)) }
}

extension RowKey {
    /// The row an event is about; nil when it names none.
    init?(_ event: Event) {
        guard let file = event.subject["file"]?.stringValue,
            let number = event.subject["row"]?.integerValue
        else { return nil }
        self.init(fileID: file, row: number)
    }
}
