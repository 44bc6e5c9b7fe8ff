/// Limits of the reader.
public struct JSONLimits: Sendable {
    /// How deeply arrays and objects may nest, in levels.
    public var maxDepth: Int

    /// 16 levels, the product's limit for everything that is dropped or received.
    public static let standard = JSONLimits(maxDepth: 16)

    /// Limits with the given nesting.
    public init(maxDepth: Int) { self.maxDepth = maxDepth }
}

/// Why a text is not the JSON it should be, and where.
public struct JSONFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault.
    public enum Kind: Sendable {
        /// The text ends too soon: more bytes could complete it.
        case incomplete
        /// No bytes can mend it.
        case invalid
        /// Nested deeper than the limit.
        case tooDeep
        /// A name stands twice in one object.
        case duplicateKey
        /// Bytes that are not UTF-8.
        case notUTF8
        /// Something follows the value.
        case trailingBytes
    }

    /// What kind of fault.
    public let kind: Kind
    /// Bytes before the fault.
    public let offset: Int
    /// Line of the fault, from 1.
    public let line: Int
    /// Column of the fault in bytes, from 1.
    public let column: Int
    /// What is wrong, in words.
    public let message: String

    /// Place and message.
    public var description: String { "line \(line), column \(column): \(message)" }
}
