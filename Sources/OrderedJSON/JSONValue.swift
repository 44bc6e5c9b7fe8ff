/// One JSON value (RFC 8259 §3) that keeps what other readers lose: the order of members and the
/// text of numbers. Amounts and ids pass through here, so nothing is ever rounded.
public enum JSONValue: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case boolean(Bool)
    /// A number, as its text stood in the input.
    case number(String)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, in the order of its members.
    case object(JSONObject)

    /// The text of a string; nil for everything else.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The text of a string, number or boolean; nil for null, arrays and objects.
    public var scalarText: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .boolean(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// The value of a number whose text is an integer; nil for everything else.
    public var integerValue: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// The value of a boolean; nil for everything else.
    public var booleanValue: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The elements of an array; nil for everything else.
    public var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The object; nil for everything else.
    public var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The member of an object by its exact name; nil when absent or not an object.
    public subscript(_ name: String) -> JSONValue? { objectValue?[name] }

    /// Reads one whole JSON text; white space around it is allowed, anything else is not.
    /// - Throws: `JSONFault`, which says where and what.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONFault) {
        var cursor = JSONCursor(bytes, limits: limits)
        self = try cursor.parseValue()
        cursor.skipWhitespace()
        guard cursor.peek == nil else {
            throw cursor.fault(.trailingBytes, "bytes after the end of the JSON value")
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object, in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
    /// `null`
    public init(nilLiteral: ()) { self = .null }
}
