import CLinux
import OrderedJSON

/// What a search looks for; every condition given must hold.
public struct AuditQuery: Sendable {
    /// Members of `subject` and the values they must have: controlNumber, batch, file, reference.
    public var subject: [(name: String, value: String)] = []
    /// The type, or its beginning when it ends in a dot.
    public var type: String?
    /// Who did it.
    public var actor: String?
    /// How it ended.
    public var outcome: Outcome?
    /// A pseudonym that must stand somewhere in subject or data (`PseudonymKey.pseudonym(of:)`).
    public var pseudonym: String?
    /// Earliest time, a beginning of an RFC 3339 text in +08:00 (`2026-11-21`).
    public var from: String?
    /// Latest time, likewise; a beginning stands for all it begins.
    public var to: String?
    /// Text that must stand somewhere in the line, as JSON writes it. No index knows it.
    public var text: String?
    /// The most events to give; nil for all.
    public var limit: Int?
    /// Gives the newest first.
    public var isNewestFirst = false

    /// A query without conditions: every event.
    public init() {}

    /// True when every condition holds.
    public func matches(_ event: Event, line: [UInt8]) -> Bool {
        if let type, !event.type.isSame(as: type),
            !(Self.isPrefix(type) && event.type.begins(with: type))
        {
            return false
        }
        if let actor, !event.actor.isSame(as: actor) { return false }
        if let outcome, event.outcome != outcome { return false }
        if let from, event.time < from { return false }
        if let to, event.time > to, !event.time.hasPrefix(to) { return false }
        for (name, value) in subject {
            guard let found = event.subject[name]?.scalarText, found.isSame(as: value) else {
                return false
            }
        }
        return line.withUnsafeBytes { line in
            [text, pseudonym].allSatisfy { $0.map { Needle(Array($0.utf8)).isIn(line) } ?? true }
        }
    }

    /// Bytes that every matching line must hold, the longest first: a cheap test before a line is
    /// read.
    var needles: [Needle] {
        var needles = subject.map { Self.escaped($0.value) }
        if let type {
            let isPrefix = Self.isPrefix(type)
            needles.append(
                Array("\"type\":\"".utf8) + Self.escaped(type) + (isPrefix ? [] : [0x22]))
        }
        if let actor { needles.append(Array("\"actor\":\"".utf8) + Self.escaped(actor) + [0x22]) }
        if let outcome { needles.append(Array("\"outcome\":\"\(outcome.rawValue)\"".utf8)) }
        for text in [pseudonym, text].compactMap({ $0 }) { needles.append(Array(text.utf8)) }
        return needles.filter { !$0.isEmpty }.sorted { $0.count > $1.count }.map(Needle.init)
    }

    /// False only for a line that cannot match.
    func mayMatch(_ line: [UInt8], _ needles: [Needle]) -> Bool {
        line.withUnsafeBytes { line in needles.allSatisfy { $0.isIn(line) } }
    }

    private static func isPrefix(_ type: String) -> Bool { type.utf8.last == 0x2E }

    /// The bytes of a text between the quotes of canonical JSON.
    private static func escaped(_ text: String) -> [UInt8] {
        Array(JSONValue.string(text).bytes().dropFirst().dropLast())
    }

    /// Hashes of the keys an index knows that every matching event has.
    func keys(indexed fields: [String]) -> [UInt64] {
        var keys: [UInt64] = []
        for (name, value) in subject where fields.contains(name) {
            keys.append(IndexHash.hash(name: LineKeys.subject(name), value: value))
        }
        if let pseudonym {
            keys.append(IndexHash.hash(name: LineKeys.pseudonym, value: pseudonym))
        }
        if let type { keys.append(IndexHash.hash(name: LineKeys.type, value: type)) }
        if let actor { keys.append(IndexHash.hash(name: LineKeys.actor, value: actor)) }
        if let outcome {
            keys.append(IndexHash.hash(name: LineKeys.outcome, value: outcome.rawValue))
        }
        return keys
    }

    /// True for a beginning of an event's time, at least the year.
    public static func isTime(_ text: String) -> Bool {
        let form = "0000-00-00T00:00:00.000000+08:00"
        guard text.utf8.count >= 4, text.utf8.count <= form.utf8.count else { return false }
        return zip(form.utf8, text.utf8).enumerated().allSatisfy { place, pair in
            pair.0 == 0x30 && place < 26 ? (0x30...0x39).contains(pair.1) : pair.0 == pair.1
        }
    }

    /// The seconds that the times asked for lie in.
    var seconds: ClosedRange<UInt64> {
        let low = from.flatMap { IndexSecond.number(beginning: $0, filledWith: 0x30) } ?? 0
        let high = to.flatMap { IndexSecond.number(beginning: $0, filledWith: 0x39) } ?? .max
        return low...max(low, high)
    }
}

/// Bytes to look for in a line.
struct Needle: Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func isIn(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let start = line.baseAddress else { return bytes.isEmpty }
        return bytes.withUnsafeBytes { needle in
            guard let needleStart = needle.baseAddress else { return true }
            return clinux_find(start, line.count, needleStart, needle.count) != nil
        }
    }
}
