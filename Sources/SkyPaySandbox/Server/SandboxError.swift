/// Why the sandbox cannot start or go on.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure.
    public enum Code: Sendable {
        /// An argument or a fault rule cannot be understood.
        case usage
        /// The ledger file cannot be read or written.
        case ledger
        /// The server did not start.
        case server
    }

    /// What kind of failure.
    public let code: Code
    /// What is wrong and what to do.
    public let message: String
    /// The message.
    public var description: String { message }

    /// An error with its remedy.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
