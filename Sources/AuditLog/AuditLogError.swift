/// What went wrong in the audit log, with the remedy in the message.
public struct AuditLogError: Error, Sendable, CustomStringConvertible {
    /// The kinds a caller tells apart.
    public enum Code: String, Sendable {
        /// A draft was refused; the log goes on and nothing of that call was recorded.
        case refused
        /// There is a log already.
        case exists
        /// There is no log, or a file of it is missing.
        case missing
        /// Another process writes to this log.
        case locked
        /// The log is damaged or was altered.
        case damaged
        /// The log is older than, or inconsistent with, a checkpoint it once signed.
        case rolledBack
        /// A key or note cannot be used.
        case key
        /// A file operation failed while reading or preparing.
        case file
        /// A write or sync failed: the writer has stopped for good.
        case stopped
        /// The log was closed.
        case closed
    }

    /// The kind.
    public let code: Code
    /// What happened and what to do about it.
    public let message: String
    /// The error below, if there was one.
    public let cause: (any Error)?

    /// An error of the log.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// True when only this call's drafts were refused and the writer goes on.
    public var isRefusal: Bool { code == .refused }

    /// Exit code of the tool: 1 could not run, 2 damaged or altered, 3 behind a checkpoint.
    public var exitCode: Int32 {
        switch code {
        case .damaged: 2
        case .rolledBack: 3
        default: 1
        }
    }

    /// One line for people.
    public var description: String {
        if let cause { "\(message) (\(cause))" } else { message }
    }
}
