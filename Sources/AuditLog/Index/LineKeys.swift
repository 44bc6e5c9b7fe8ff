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
        let name: [UInt8]
        let state: UInt64
    }

    private let fields: [Field]
    private let typeState = IndexHash.state(name: type)
    private let actorState = IndexHash.state(name: actor)
    private let outcomeState = IndexHash.state(name: outcome)
    private let pseudonymState = IndexHash.state(name: pseudonym)

    init(fields: [String]) {
        self.fields = fields.map {
            Field(name: Array($0.utf8), state: IndexHash.state(name: Self.subject($0)))
        }
    }

    /// Gives the hash of every key from `start`, the byte behind the time's comma; false when the
    /// line is not an event in canonical form. A key may be given more than once.
    @inline(__always)
    func forEach(
        _ line: UnsafeRawBufferPointer, from start: Int, _ body: (UInt64) -> Void
    ) -> Bool {
        var walk = LineWalk(line, at: start)
        guard walk.skip(Self.typeMark), let type = walk.string() else { return false }
        givePrefixes(walk.text(type), body)
        guard walk.skip(Self.actorMark), let actor = walk.string() else { return false }
        give(walk.text(actor), actorState, body)
        guard walk.skip(Self.outcomeMark), let outcome = walk.string() else { return false }
        give(walk.text(outcome), outcomeState, body)
        guard walk.skip(Self.originMark), walk.string() != nil, walk.skip(Self.subjectMark)
        else { return false }
        let subject = walk.place
        guard walkSubject(&walk, body), walk.skip(Self.dataMark) else { return false }
        givePseudonyms(line, from: subject, body)
        return true
    }

    private static let typeMark: StaticString = "\"type\":"
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

    /// Members of `subject` that are declared, when their value is a string, number or boolean.
    @inline(__always)
    private func walkSubject(_ walk: inout LineWalk, _ body: (UInt64) -> Void) -> Bool {
        if walk.skip(0x7D) { return true }
        while true {
            guard let name = walk.string(), walk.skip(0x3A) else { return false }
            let field = declared(walk.text(name))
            if let value = walk.string() {
                if let field { give(walk.text(value), field.state, body) }
            } else {
                guard let value = walk.bare() else { return false }
                if let field, let value { body(IndexHash.hash(field.state, value)) }
            }
            if walk.skip(0x7D) { return true }
            guard walk.skip(0x2C) else { return false }
        }
    }

    @inline(__always)
    private func declared(_ name: LineText) -> Field? {
        switch name {
        case .plain(let bytes):
            for field in fields where field.name.count == bytes.count {
                if field.name.withUnsafeBytes({ Self.isSame($0, bytes) }) { return field }
            }
            return nil
        case .escaped(let bytes): return fields.first { $0.name == bytes }
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
}

/// A place in a line that moves over JSON tokens.
struct LineWalk {
    private let line: UnsafeRawBufferPointer
    private(set) var place: Int

    /// A string between its quotes.
    struct Text {
        var start: Int
        var end: Int
        var hasEscapes: Bool
    }

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
    mutating func skipDigits() {
        while place < line.count, (0x30...0x39).contains(line[place]) { place += 1 }
    }

    /// Moves over a string; nil, without moving, when none starts here.
    @inline(__always)
    mutating func string() -> Text? {
        guard place < line.count, line[place] == 0x22 else { return nil }
        var end = place + 1
        var hasEscapes = false
        while end < line.count {
            let byte = line[end]
            if byte == 0x22 {
                defer { place = end + 1 }
                return Text(start: place + 1, end: end, hasEscapes: hasEscapes)
            }
            if byte == 0x5C {
                hasEscapes = true
                end += 1
            }
            end += 1
        }
        return nil
    }

    @inline(__always)
    func text(_ text: Text) -> LineText {
        if !text.hasEscapes {
            return .plain(UnsafeRawBufferPointer(rebasing: line[text.start..<text.end]))
        }
        let value = try? JSONValue(parsing: Array(line[text.start - 1..<text.end + 1]))
        return .escaped(Array((value?.stringValue ?? "").utf8))
    }

    /// Moves over a value that is no string: the bytes of a number or boolean; `.some(nil)` for null,
    /// an array or an object; nil when there is no value.
    mutating func bare() -> UnsafeRawBufferPointer?? {
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

    private func scalar(_ start: Int) -> UnsafeRawBufferPointer?? {
        guard place > start else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: line[start..<place])
        switch bytes[0] {
        case 0x7B, 0x5B, 0x6E: return .some(nil)
        default: return .some(bytes)
        }
    }
}
