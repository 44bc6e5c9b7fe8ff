import Glibc
import OrderedJSON

/// Finds the keys of a line without building its objects: the canonical form (no white space, fixed
/// order of members) makes that a walk over its bytes.
struct LineKeys {
    /// Names of keys that are not members of `subject`.
    static let type = "type"
    static let actor = "actor"
    static let outcome = "outcome"
    static let pseudonym = "pseudonym"

    /// The name of the key for a member of `subject`.
    static func subject(_ field: String) -> String { "subject." + field }

    private struct Field {
        /// Where its name stands in `names`.
        let name: Range<Int>
        let state: UInt64
    }

    private let fields: [Field]
    private let names: [UInt8]
    private let typeState = IndexHash.state(name: type)
    private let actorState = IndexHash.state(name: actor)
    private let outcomeState = IndexHash.state(name: outcome)
    private let pseudonymState = IndexHash.state(name: pseudonym)

    init(fields: [String]) {
        var names: [UInt8] = []
        self.fields = fields.map { field in
            let start = names.count
            names += Array(field.utf8)
            return Field(
                name: start..<names.count, state: IndexHash.state(name: Self.subject(field)))
        }
        self.names = names
    }

    /// Gives the hash of every key of a line whose parts are known. A key may be given more than
    /// once.
    @inline(__always)
    func forEach(
        _ line: UnsafeRawBufferPointer, _ parts: LineParts, _ body: (UInt64) -> Void
    ) {
        givePrefixes(LineText(line, parts.type), body)
        give(LineText(line, parts.actor), actorState, body)
        give(LineText(line, parts.outcome), outcomeState, body)
        for member in parts.members {
            guard let state = declared(LineText(line, member.name)) else { continue }
            give(LineText(line, member.value), state, body)
        }
        givePseudonyms(line, from: parts.subject, body)
    }

    /// Finds the parts of a line; false when it is not an event. Reads no more than it must: `data`
    /// is not looked at.
    static func find(_ parts: inout LineParts, _ line: UnsafeRawBufferPointer) -> Bool {
        parts.members.removeAll(keepingCapacity: true)
        var walk = LineWalk(line, at: 0)
        guard walk.skip(Self.sequenceMark) else { return false }
        walk.skipDigits()
        guard walk.skip(Self.timeMark), walk.skip(bytes: AuditTime.byteCount) else { return false }
        parts.timeEnd = walk.place
        guard walk.skip(Self.typeMark), let type = walk.string(),
            walk.skip(Self.actorMark), let actor = walk.string(),
            walk.skip(Self.outcomeMark), let outcome = walk.string(),
            walk.skip(Self.originMark), walk.string() != nil, walk.skip(Self.subjectMark)
        else { return false }
        (parts.type, parts.actor, parts.outcome) = (type, actor, outcome)
        parts.subject = walk.place
        return findMembers(&parts, &walk) && walk.skip(Self.dataMark)
    }

    private static func findMembers(_ parts: inout LineParts, _ walk: inout LineWalk) -> Bool {
        if walk.skip(0x7D) { return true }
        while true {
            guard let name = walk.string(), walk.skip(0x3A) else { return false }
            if let value = walk.string() {
                parts.members.append(LineParts.Member(name: name, value: value))
            } else {
                guard let value = walk.bare() else { return false }
                if let value { parts.members.append(LineParts.Member(name: name, value: value)) }
            }
            if walk.skip(0x7D) { return true }
            guard walk.skip(0x2C) else { return false }
        }
    }

    private static let sequenceMark: StaticString = "{\"seq\":"
    private static let timeMark: StaticString = ",\"time\":\""
    private static let typeMark: StaticString = "\",\"type\":"
    private static let actorMark: StaticString = ",\"actor\":"
    private static let outcomeMark: StaticString = ",\"outcome\":"
    private static let originMark: StaticString = ",\"origin\":"
    private static let subjectMark: StaticString = ",\"subject\":{"
    private static let dataMark: StaticString = ",\"data\":{"

    @inline(__always)
    private func give(_ text: LineText, _ state: UInt64, _ body: (UInt64) -> Void) {
        switch text {
        case .plain(let bytes): body(IndexHash.hash(state, bytes))
        case .escaped(let bytes): bytes.withUnsafeBytes { body(IndexHash.hash(state, $0)) }
        }
    }

    /// The whole type, and each beginning of it that ends in a dot.
    @inline(__always)
    private func givePrefixes(_ text: LineText, _ body: (UInt64) -> Void) {
        give(text, typeState, body)
        switch text {
        case .plain(let bytes): givePrefixes(bytes, body)
        case .escaped(let bytes): bytes.withUnsafeBytes { givePrefixes($0, body) }
        }
    }

    @inline(__always)
    private func givePrefixes(_ bytes: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
        for place in 0..<bytes.count where bytes[place] == 0x2E {
            body(IndexHash.hash(typeState, UnsafeRawBufferPointer(rebasing: bytes[...place])))
        }
    }

    /// The state of a declared field; nil for other names.
    @inline(__always)
    private func declared(_ name: LineText) -> UInt64? {
        switch name {
        case .plain(let bytes): declared(bytes)
        case .escaped(let bytes): bytes.withUnsafeBytes { declared($0) }
        }
    }

    @inline(__always)
    private func declared(_ name: UnsafeRawBufferPointer) -> UInt64? {
        names.withUnsafeBytes { names in
            for field in fields where field.name.count == name.count {
                if Self.isSame(UnsafeRawBufferPointer(rebasing: names[field.name]), name) {
                    return field.state
                }
            }
            return nil
        }
    }

    @inline(__always)
    private static func isSame(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        guard let start = left.baseAddress, let other = right.baseAddress else {
            return left.count == right.count
        }
        return left.count == right.count && memcmp(start, other, left.count) == 0
    }

    /// Wherever they stand: also in arrays, and in texts that are JSON themselves.
    @inline(__always)
    private func givePseudonyms(
        _ line: UnsafeRawBufferPointer, from start: Int, _ body: (UInt64) -> Void
    ) {
        guard let base = line.baseAddress else { return }
        var place = start
        while let found = memchr(base + place, 0x5F, line.count - place) {
            place = UnsafeRawPointer(found) - base + 1
            guard line[place - 2] == 0x70, line.count - place >= Self.pseudonymDigits else {
                continue
            }
            let bytes = UnsafeRawBufferPointer(
                rebasing: line[place - 2..<place + Self.pseudonymDigits])
            if bytes.dropFirst(2).allSatisfy(Self.isBase64URL) {
                body(IndexHash.hash(pseudonymState, bytes))
            }
        }
    }

    /// Base64url characters of a pseudonym behind `p_`.
    static let pseudonymDigits = 22

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }
}

/// The text of a string in a line.
enum LineText {
    /// As it stands.
    case plain(UnsafeRawBufferPointer)
    /// With its escapes resolved.
    case escaped([UInt8])

    @inline(__always)
    init(_ line: UnsafeRawBufferPointer, _ part: LineParts.Text) {
        if part.hasEscapes {
            let value = try? JSONValue(parsing: Array(line[part.start - 1..<part.end + 1]))
            self = .escaped(Array((value?.stringValue ?? "").utf8))
        } else {
            self = .plain(UnsafeRawBufferPointer(rebasing: line[part.start..<part.end]))
        }
    }
}

/// A place in a line that moves over JSON tokens.
struct LineWalk {
    private let line: UnsafeRawBufferPointer
    private(set) var place: Int

    init(_ line: UnsafeRawBufferPointer, at place: Int) {
        self.line = line
        self.place = place
    }

    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard place < line.count, line[place] == byte else { return false }
        place += 1
        return true
    }

    @inline(__always)
    mutating func skip(_ mark: StaticString) -> Bool {
        let count = mark.utf8CodeUnitCount
        guard let base = line.baseAddress, line.count - place >= count,
            memcmp(base + place, mark.utf8Start, count) == 0
        else { return false }
        place += count
        return true
    }

    @inline(__always)
    mutating func skip(bytes count: Int) -> Bool {
        guard line.count - place >= count else { return false }
        place += count
        return true
    }

    @inline(__always)
    mutating func skipDigits() {
        while place < line.count, (0x30...0x39).contains(line[place]) { place += 1 }
    }

    /// Moves over a string; nil, without moving, when none starts here.
    @inline(__always)
    mutating func string() -> LineParts.Text? {
        guard place < line.count, line[place] == 0x22 else { return nil }
        var end = place + 1
        var hasEscapes = false
        while end < line.count {
            let byte = line[end]
            if byte == 0x22 {
                defer { place = end + 1 }
                return LineParts.Text(start: place + 1, end: end, hasEscapes: hasEscapes)
            }
            if byte == 0x5C {
                hasEscapes = true
                end += 1
            }
            end += 1
        }
        return nil
    }

    /// Moves over a value that is no string: the bytes of a number or boolean; `.some(nil)` for null,
    /// an array or an object; nil when there is no value.
    mutating func bare() -> LineParts.Text?? {
        let start = place
        var depth = 0
        while place < line.count {
            switch line[place] {
            case 0x22:
                guard string() != nil else { return nil }
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D, 0x2C:
                if depth == 0 { return scalar(start) }
                if line[place] != 0x2C { depth -= 1 }
            default: break
            }
            place += 1
        }
        return nil
    }

    private func scalar(_ start: Int) -> LineParts.Text?? {
        guard place > start else { return nil }
        switch line[start] {
        case 0x7B, 0x5B, 0x6E: return .some(nil)
        default: return LineParts.Text(start: start, end: place)
        }
    }
}
