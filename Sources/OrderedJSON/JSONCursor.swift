/// A pull reader over bytes: reads values one after the other and always knows where it is, so that
/// a caller can stream a large document or report the place of one member.
public struct JSONCursor: Sendable {
    /// The bytes read from.
    public let bytes: [UInt8]
    /// The next byte to read, from 0.
    public var index: Int
    let limits: JSONLimits

    /// A cursor over `bytes` that begins at `index`.
    public init(_ bytes: [UInt8], at index: Int = 0, limits: JSONLimits = .standard) {
        self.bytes = bytes
        self.index = index
        self.limits = limits
    }

    /// The next byte; nil at the end.
    public var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Skips space, tab, line feed and carriage return (RFC 8259 §2).
    public mutating func skipWhitespace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// Reads exactly this byte.
    public mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard let next = peek else {
            throw fault(.incomplete, "the text ends where '\(Self.shown(byte))' should follow")
        }
        guard next == byte else {
            throw fault(
                .invalid, "'\(Self.shown(byte))' should stand here, not '\(Self.shown(next))'")
        }
        index += 1
    }

    /// A fault at `offset` (default: here), with its line and column.
    public func fault(
        _ kind: JSONFault.Kind, _ message: String, at offset: Int? = nil
    ) -> JSONFault {
        let place = min(offset ?? index, bytes.count)
        var line = 1
        var lineStart = 0
        for position in 0..<place where bytes[position] == 0x0A {
            line += 1
            lineStart = position + 1
        }
        return JSONFault(
            kind: kind, offset: place, line: line, column: place - lineStart + 1, message: message)
    }

    /// Reads one value, white space before it skipped.
    public mutating func parseValue() throws(JSONFault) -> JSONValue {
        try parseValue(depth: 0)
    }

    private mutating func parseValue(depth: Int) throws(JSONFault) -> JSONValue {
        skipWhitespace()
        guard let byte = peek else { throw fault(.incomplete, "the text ends before a value") }
        switch byte {
        case 0x22: return .string(try parseString())
        case 0x7B: return .object(try parseObject(depth: depth + 1))
        case 0x5B: return .array(try parseArray(depth: depth + 1))
        case 0x74: return try parseWord("true", .boolean(true))
        case 0x66: return try parseWord("false", .boolean(false))
        case 0x6E: return try parseWord("null", .null)
        case 0x2D, 0x30...0x39: return .number(try parseNumber())
        default: throw fault(.invalid, "'\(Self.shown(byte))' cannot begin a JSON value")
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONFault) -> JSONObject {
        try checkDepth(depth)
        try expect(0x7B)
        var object = JSONObject()
        var names = NamesSeen()
        skipWhitespace()
        if peek == 0x7D {
            index += 1
            return object
        }
        while true {
            skipWhitespace()
            let nameAt = index
            let name = try parseString()
            guard names.add(name, to: object) else {
                throw fault(.duplicateKey, "the key \"\(name)\" stands twice", at: nameAt)
            }
            skipWhitespace()
            try expect(0x3A)
            object.members.append(.init(name: name, value: try parseValue(depth: depth)))
            if try !separated(closing: 0x7D) { return object }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONFault) -> [JSONValue] {
        try checkDepth(depth)
        try expect(0x5B)
        var elements: [JSONValue] = []
        skipWhitespace()
        if peek == 0x5D {
            index += 1
            return elements
        }
        while true {
            elements.append(try parseValue(depth: depth))
            if try !separated(closing: 0x5D) { return elements }
        }
    }

    /// True after a comma, false after the closing byte.
    private mutating func separated(closing: UInt8) throws(JSONFault) -> Bool {
        skipWhitespace()
        guard let next = peek else { throw fault(.incomplete, "the text ends inside a value") }
        guard next == 0x2C || next == closing else {
            throw fault(.invalid, "',' or '\(Self.shown(closing))' should stand here")
        }
        index += 1
        return next == 0x2C
    }

    private func checkDepth(_ depth: Int) throws(JSONFault) {
        guard depth <= limits.maxDepth else {
            throw fault(.tooDeep, "nested deeper than \(limits.maxDepth) levels")
        }
    }

    private mutating func parseWord(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONFault) -> JSONValue {
        let start = index
        for offset in 0..<word.utf8CodeUnitCount {
            guard let byte = peek else { throw fault(.incomplete, "the text ends inside a word") }
            guard byte == word.utf8Start[offset] else {
                throw fault(.invalid, "only true, false and null are JSON words", at: start)
            }
            index += 1
        }
        return value
    }

    static func shown(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte)
            ? String(UnicodeScalar(byte)) : "byte 0x" + String(byte, radix: 16, uppercase: true)
    }
}

/// Tells whether a name stands in an object already. Whoever drops a file decides how many names it
/// has: looking through all of them for each one would take the square of their number.
private struct NamesSeen {
    /// Up to this many members are looked through, which is cheaper than a set of names.
    private static let fewMembers = 16
    /// Every name, once they are more; empty before.
    private var names: Set<String> = []

    /// False when one of the object's members has the name.
    mutating func add(_ name: String, to object: JSONObject) -> Bool {
        if object.members.count < Self.fewMembers { return object[name] == nil }
        if names.isEmpty { names = Set(object.members.map(\.name)) }
        return names.insert(name).inserted
    }
}
