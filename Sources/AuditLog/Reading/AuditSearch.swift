import OrderedJSON

/// What a search looks for; every condition given must hold.
public struct AuditQuery: Sendable {
    /// Members of `subject` and the values they must have: controlNumber, batch, file, reference.
    public var subject: [(name: String, value: String)] = []
    /// The type, or its beginning when it ends in a dot.
    public var type: String?
    /// Who did it.
    public var actor: String?
    /// Earliest time, a beginning of an RFC 3339 text in +08:00 (`2026-11-21`).
    public var from: String?
    /// Latest time, likewise; a beginning stands for all it begins.
    public var to: String?
    /// Text that must stand somewhere in the line.
    public var text: String?

    /// A query without conditions: every event.
    public init() {}

    /// True when every condition holds.
    public func matches(_ event: Event, line: [UInt8]) -> Bool {
        if let type, event.type != type, !(type.hasSuffix(".") && event.type.hasPrefix(type)) {
            return false
        }
        if let actor, event.actor != actor { return false }
        if let from, event.time < from { return false }
        if let to, event.time > to, !event.time.hasPrefix(to) { return false }
        for (name, value) in subject where event.subject[name]?.scalarText != value { return false }
        if let text, !contains(line, Array(text.utf8)) { return false }
        return true
    }

    /// Bytes that every matching line must hold: a cheap test before the line is read.
    var needles: [[UInt8]] {
        var needles = subject.map { Self.escaped($0.value) }
        if let actor { needles.append(Self.escaped(actor)) }
        if let text { needles.append(Array(text.utf8)) }
        return needles
    }

    func mayMatch(_ line: [UInt8], _ needles: [[UInt8]]) -> Bool {
        needles.allSatisfy { contains(line, $0) }
    }

    private static func escaped(_ text: String) -> [UInt8] {
        Array(JSONValue.string(text).bytes().dropFirst().dropLast())
    }

    private func contains(_ line: [UInt8], _ needle: [UInt8]) -> Bool {
        guard let first = needle.first, needle.count <= line.count else { return needle.isEmpty }
        return line.withUnsafeBufferPointer { line in
            var start = 0
            while let at = line[start...].firstIndex(of: first), at + needle.count <= line.count {
                if line[at..<at + needle.count].elementsEqual(needle) { return true }
                start = at + 1
            }
            return false
        }
    }
}

/// A full scan: no index is used, so nothing can be hidden by one.
extension AuditReader {
    /// Gives every matching event in order; returns how many members and events were scanned.
    public func search(
        _ query: AuditQuery, _ found: (Event) throws -> Void
    ) throws -> (members: Int, events: UInt64) {
        let needles = query.needles
        var scanned: (members: Int, events: UInt64) = (0, 0)
        try forEachLine(from: 0) { line, members in
            scanned = (members, scanned.events + 1)
            guard query.mayMatch(line, needles) else { return }
            let event = try Event(line: line)
            if query.matches(event, line: line) { try found(event) }
        }
        return scanned
    }
}
