public import OrderedJSON

/// Whether what the event tells of succeeded.
public enum Outcome: String, Sendable {
    /// It was done.
    case success
    /// It was refused or failed.
    case failure
}

/// An event before the log gives it its number and time.
public struct EventDraft: Sendable {
    /// What happened: `payout.accepted`.
    public var type: String
    /// Who did it.
    public var actor: String
    /// How it ended.
    public var outcome: Outcome
    /// Where it came from: a host, a component.
    public var origin: String
    /// What it is about: file, batch, line, controlNumber, reference.
    public var subject: JSONObject
    /// Everything else.
    public var data: JSONObject

    /// A draft; the log refuses it when a text is empty.
    public init(
        type: String, actor: String, outcome: Outcome, origin: String,
        subject: JSONObject = [:], data: JSONObject = [:]
    ) {
        self.type = type
        self.actor = actor
        self.outcome = outcome
        self.origin = origin
        self.subject = subject
        self.data = data
    }
}

/// One event of the log: one line of JSON, keys in fixed order (audit-log.md, "Terms").
public struct Event: Sendable, Equatable {
    /// Number in the log, from 0 without gaps.
    public var sequence: UInt64
    /// RFC 3339 with microseconds, +08:00, never going back.
    public var time: String
    /// What happened.
    public var type: String
    /// Who did it.
    public var actor: String
    /// How it ended.
    public var outcome: Outcome
    /// Where it came from.
    public var origin: String
    /// What it is about.
    public var subject: JSONObject
    /// Everything else.
    public var data: JSONObject

    /// The most bytes of a line, without its newline.
    public static let lineLimitBytes = 65_535
    /// The most the number and time add to a draft's own bytes.
    static let headLimitBytes = 7 + 20 + 9 + AuditTime.byteCount + 2

    init(sequence: UInt64, time: String, draft: EventDraft) {
        self.sequence = sequence
        self.time = time
        type = draft.type
        actor = draft.actor
        outcome = draft.outcome
        origin = draft.origin
        subject = draft.subject
        data = draft.data
    }

    /// Reads a line, with or without its newline; only the canonical bytes are accepted.
    /// - Throws: `AuditLogError` with code `damaged`.
    public init(line: [UInt8]) throws(AuditLogError) {
        let bytes = line.last == 0x0A ? Array(line.dropLast()) : line
        let value: JSONValue
        do throws(JSONFault) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw AuditLogError(.damaged, "a line is not an event: \(error)")
        }
        guard let members = value.objectValue?.members, members.map(\.name) == Self.keys,
            let sequence = value["seq"]?.integerValue.flatMap(UInt64.init(exactly:)),
            let time = value["time"]?.stringValue, AuditTime.isWellFormed(time.utf8),
            let type = value["type"]?.stringValue, let actor = value["actor"]?.stringValue,
            let outcome = value["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:)),
            let origin = value["origin"]?.stringValue,
            let subject = value["subject"]?.objectValue, let data = value["data"]?.objectValue
        else { throw AuditLogError(.damaged, "a line lacks the keys of an event") }
        self.init(
            sequence: sequence, time: time,
            draft: EventDraft(
                type: type, actor: actor, outcome: outcome, origin: origin, subject: subject,
                data: data))
        guard self.bytes == bytes else {
            throw AuditLogError(.damaged, "a line is not in canonical form")
        }
    }

    /// The canonical line without its newline: what the leaf hash is taken over.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        Self.appendHead(sequence, time, to: &output)
        output.append(contentsOf: draft.tail)
        return output
    }

    /// The event as a JSON object.
    public var json: JSONValue {
        .object([
            "seq": .number(String(sequence)), "time": .string(time), "type": .string(type),
            "actor": .string(actor), "outcome": .string(outcome.rawValue),
            "origin": .string(origin), "subject": .object(subject), "data": .object(data),
        ])
    }

    static let keys = ["seq", "time", "type", "actor", "outcome", "origin", "subject", "data"]

    private var draft: EventDraft {
        EventDraft(
            type: type, actor: actor, outcome: outcome, origin: origin, subject: subject,
            data: data)
    }

    static func appendHead(_ sequence: UInt64, _ time: String, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"seq\":".utf8)
        output.append(contentsOf: String(sequence).utf8)
        output.append(contentsOf: ",\"time\":\"".utf8)
        output.append(contentsOf: time.utf8)
        output.append(contentsOf: "\",".utf8)
    }
}

extension EventDraft {
    private static let usualTailBytes = 512

    /// The bytes of the line after `"time":"…",`, to the closing brace.
    var tail: [UInt8] {
        var output: [UInt8] = []
        // Most events fit: one piece of memory instead of several ever larger ones.
        output.reserveCapacity(Self.usualTailBytes)
        output.append(contentsOf: "\"type\":".utf8)
        JSONValue.appendString(type, to: &output)
        output.append(contentsOf: ",\"actor\":".utf8)
        JSONValue.appendString(actor, to: &output)
        output.append(contentsOf: ",\"outcome\":\"".utf8)
        output.append(contentsOf: outcome.rawValue.utf8)
        output.append(contentsOf: "\",\"origin\":".utf8)
        JSONValue.appendString(origin, to: &output)
        output.append(contentsOf: ",\"subject\":".utf8)
        subject.append(to: &output)
        output.append(contentsOf: ",\"data\":".utf8)
        data.append(to: &output)
        output.append(0x7D)
        return output
    }
}
