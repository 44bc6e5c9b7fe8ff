/// Reads a line byte by byte and holds it to the one form an event can have: the eight members in
/// order, canonical JSON (docs/audit-log-format.md, "Events"). Builds nothing, so that every line
/// can be checked.
///
/// `Event(line:)` is the definition; where this check cannot tell (names that are not plain ASCII,
/// for instance), it says so and that one decides.
struct CanonicalLine {
    enum Verdict: Equatable {
        /// `parts` tells where things stand.
        case canonical(TimeStamp)
        /// Number and time are right; only reading the line whole can tell of the rest.
        case unsure(TimeStamp)
        case malformed
        /// Another number than expected.
        case otherSequence
    }

    /// Of the line checked last; what they are worth depends on the verdict.
    private(set) var parts = LineParts()
    // Names of the objects that are open, one after the other.
    private var names: [Range<Int>] = []
    private var isUnsure = false

    /// Objects with more members than this are left to the slow way: names are compared pairwise.
    private static let memberLimit = 64

    init() { names.reserveCapacity(Self.memberLimit) }

    mutating func check(_ line: UnsafeRawBufferPointer, sequence: UInt64) -> Verdict {
        isUnsure = false
        names.removeAll(keepingCapacity: true)
        parts.members.removeAll(keepingCapacity: true)
        var bytes = LineBytes(line)
        guard bytes.skip("{\"seq\":"), bytes.number() == sequence, bytes.skip(",\"time\":\"")
        else { return .otherSequence }
        guard let time = bytes.time() else { return .malformed }
        parts.timeEnd = bytes.at
        guard bytes.skip("\",\"type\":"), rest(&bytes) else { return .malformed }
        return isUnsure ? .unsure(time) : .canonical(time)
    }

    private mutating func rest(_ bytes: inout LineBytes) -> Bool {
        guard let type = bytes.string(), bytes.skip(",\"actor\":"), let actor = bytes.string(),
            bytes.skip(",\"outcome\":\"success\"") || bytes.skip(",\"outcome\":\"failure\"")
        else { return false }
        (parts.type, parts.actor) = (type.text, actor.text)
        parts.outcome = LineParts.Text(start: bytes.at - 1 - Self.outcomeLetters, end: bytes.at - 1)
        guard bytes.skip(",\"origin\":"), bytes.string() != nil,
            bytes.skip(",\"subject\":"), bytes.peek == 0x7B
        else { return false }
        parts.subject = bytes.at + 1
        guard object(&bytes, depth: 2, isSubject: true),
            bytes.skip(",\"data\":"), bytes.peek == 0x7B, object(&bytes, depth: 2),
            bytes.skip(0x7D)
        else { return false }
        return bytes.isAtEnd
    }

    /// Of "success" as of "failure".
    private static let outcomeLetters = 7

    private mutating func value(_ bytes: inout LineBytes, depth: Int) -> Bool {
        switch bytes.peek {
        case 0x22: bytes.string() != nil
        case 0x7B: object(&bytes, depth: depth)
        case 0x5B: array(&bytes, depth: depth)
        case 0x74: bytes.skip("true")
        case 0x66: bytes.skip("false")
        case 0x6E: bytes.skip("null")
        default: bytes.decimal()
        }
    }

    private mutating func object(
        _ bytes: inout LineBytes, depth: Int, isSubject: Bool = false
    ) -> Bool {
        guard depth <= DraftRules.depthLimit, bytes.skip(0x7B) else { return false }
        if bytes.skip(0x7D) { return true }
        let first = names.count
        repeat {
            guard let name = name(&bytes, since: first), bytes.skip(0x3A) else { return false }
            let isTaken =
                isSubject ? member(&bytes, name) : value(&bytes, depth: depth + 1)
            guard isTaken else { return false }
        } while bytes.skip(0x2C)
        names.removeLast(names.count - first)
        return bytes.skip(0x7D)
    }

    /// The value of a member of `subject`.
    private mutating func member(_ bytes: inout LineBytes, _ name: LineParts.Text) -> Bool {
        if bytes.peek == 0x22 {
            guard let value = bytes.string() else { return false }
            parts.members.append(LineParts.Member(name: name, value: value.text))
            return true
        }
        let start = bytes.at
        let isScalar = bytes.peek != 0x7B && bytes.peek != 0x5B && bytes.peek != 0x6E
        guard value(&bytes, depth: 3) else { return false }
        if isScalar {
            let value = LineParts.Text(start: start, end: bytes.at)
            parts.members.append(LineParts.Member(name: name, value: value))
        }
        return true
    }

    private mutating func array(_ bytes: inout LineBytes, depth: Int) -> Bool {
        guard depth <= DraftRules.depthLimit, bytes.skip(0x5B) else { return false }
        if bytes.skip(0x5D) { return true }
        repeat {
            guard value(&bytes, depth: depth + 1) else { return false }
        } while bytes.skip(0x2C)
        return bytes.skip(0x5D)
    }

    /// A name that the object, whose names begin at `first`, does not have yet.
    private mutating func name(_ bytes: inout LineBytes, since first: Int) -> LineParts.Text? {
        let wasUnsure = isUnsure
        guard let name = bytes.string() else { return nil }
        // Two names can be one text in different letters: only the slow way compares as text.
        if name.hasLetters { isUnsure = true }
        if names.count - first >= Self.memberLimit { isUnsure = true }
        if wasUnsure || isUnsure { return name.text }
        let range = name.text.start..<name.text.end
        for place in first..<names.count where bytes.isSame(names[place], range) { return nil }
        names.append(range)
        return name.text
    }
}
