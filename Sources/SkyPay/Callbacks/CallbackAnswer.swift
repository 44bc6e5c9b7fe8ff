public import OrderedJSON

/// The partner's answer to a callback: responseTime, responseCode, responseDescription.
public struct CallbackAnswer: Sendable {
    /// The code; a string on the wire.
    public let code: ReturnCode
    /// At most 255 characters are written.
    public let description: String
    /// The time of the answer, in microseconds since 1970.
    public let unixMicroseconds: Int64

    /// Characters of a description, at most.
    public static let maxDescriptionLength = 255

    /// An answer given at a time.
    public init(code: ReturnCode, description: String, atUnixMicroseconds: Int64) {
        self.code = code
        self.description = description
        unixMicroseconds = atUnixMicroseconds
    }

    /// The answer on the wire, before encryption.
    public var json: JSONValue {
        [
            "responseTime": .string(PhilippineTime.wireText(unixMicroseconds: unixMicroseconds)),
            "responseCode": .string(code.rawValue),
            "responseDescription": .string(
                String(description.prefix(Self.maxDescriptionLength))),
        ]
    }
}
