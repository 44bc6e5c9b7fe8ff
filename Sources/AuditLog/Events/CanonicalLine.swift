/// Reads a line byte by byte and holds it to the one form an event can have: the eight members in
/// order, canonical JSON (docs/audit-log-format.md, "Events"). Builds nothing, so that every line
/// can be checked.
///
/// `Event(line:)` is the definition; where this check cannot tell (names that are not plain ASCII,
/// for instance), it says so and that one decides.
struct CanonicalLine {
    enum Verdict: Equatable {
        /// The type stands in these bytes of the line, between its quotes, as written.
        case canonical(TimeStamp, type: Range<Int>)
        /// Number and time are right; only reading the line whole can tell of the rest.
        case unsure(TimeStamp)
        case malformed
        /// Another number than expected.
        case otherSequence
    }

    // Names of the objects that are open, one after the other.
    private var names: [Range<Int>] = []
    private var isUnsure = false

    private static let quote: UInt8 = 0x22
    private static let backslash: UInt8 = 0x5C
    /// Objects with more members than this are left to the slow way: names are compared pairwise.
    private static let memberLimit = 64

    init() { names.reserveCapacity(Self.memberLimit) }

    mutating func check(_ line: UnsafeRawBufferPointer, sequence: UInt64) -> Verdict {
        isUnsure = false
        names.removeAll(keepingCapacity: true)
        var bytes = LineBytes(line)
        guard bytes.skip("{\"seq\":"), bytes.number() == sequence, bytes.skip(",\"time\":\"")
        else { return .otherSequence }
        guard let time = bytes.time(), bytes.skip("\",\"type\":") else { return .malformed }
        let typeAt = bytes.at
        guard string(&bytes) else { return .malformed }
        let type = typeAt + 1..<bytes.at - 1
        guard rest(&bytes) else { return .malformed }
        return isUnsure ? .unsure(time) : .canonical(time, type: type)
    }

    private mutating func rest(_ bytes: inout LineBytes) -> Bool {
        guard bytes.skip(",\"actor\":"), string(&bytes),
            bytes.skip(",\"outcome\":\"success\"") || bytes.skip(",\"outcome\":\"failure\""),
            bytes.skip(",\"origin\":"), string(&bytes),
            bytes.skip(",\"subject\":"), bytes.peek == 0x7B, object(&bytes, depth: 2),
            bytes.skip(",\"data\":"), bytes.peek == 0x7B, object(&bytes, depth: 2),
            bytes.skip(0x7D)
        else { return false }
        return bytes.isAtEnd
    }

    private mutating func value(_ bytes: inout LineBytes, depth: Int) -> Bool {
        switch bytes.peek {
        case Self.quote: string(&bytes)
        case 0x7B: object(&bytes, depth: depth)
        case 0x5B: array(&bytes, depth: depth)
        case 0x74: bytes.skip("true")
        case 0x66: bytes.skip("false")
        case 0x6E: bytes.skip("null")
        default: bytes.decimal()
        }
    }

    private mutating func object(_ bytes: inout LineBytes, depth: Int) -> Bool {
        guard depth <= DraftRules.depthLimit, bytes.skip(0x7B) else { return false }
        if bytes.skip(0x7D) { return true }
        let first = names.count
        repeat {
            guard name(&bytes, since: first), bytes.skip(0x3A),
                value(&bytes, depth: depth + 1)
            else { return false }
        } while bytes.skip(0x2C)
        names.removeLast(names.count - first)
        return bytes.skip(0x7D)
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
    private mutating func name(_ bytes: inout LineBytes, since first: Int) -> Bool {
        let start = bytes.at
        let wasUnsure = isUnsure
        guard string(&bytes) else { return false }
        let name = start..<bytes.at
        // Two names can be one text in different letters: only the slow way compares as text.
        if bytes.hasHighByte(in: name) { isUnsure = true }
        if names.count - first >= Self.memberLimit { isUnsure = true }
        if wasUnsure || isUnsure { return true }
        for place in first..<names.count where bytes.isSame(names[place], name) { return false }
        names.append(name)
        return true
    }

    private func string(_ bytes: inout LineBytes) -> Bool {
        guard bytes.skip(Self.quote) else { return false }
        while true {
            bytes.skipPlain()
            switch bytes.peek {
            case Self.quote: return bytes.skip(Self.quote)
            case Self.backslash: if !bytes.skipEscape() { return false }
            case 0x80...: if !bytes.skipLetter() { return false }
            default: return false
            }
        }
    }
}
