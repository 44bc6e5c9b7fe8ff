public import DurableFiles

/// What can be wrong with a site's folders or with taking files from its inbox.
public struct SiteFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: String, Sendable {
        /// There is nothing at the root.
        case rootMissing
        /// The root is not a folder.
        case rootNotFolder
        /// A folder could not be made.
        case notPrepared
        /// `state` may be entered by other users.
        case stateNotPrivate
        /// The inbox or one of its folders could not be read.
        case inboxUnreadable
        /// An original could not be copied to the state folder.
        case notCopied
        /// An original could not be moved or unlinked.
        case notMoved
        /// One sender's folder cannot be worked in; the others can.
        case senderUnusable
        /// A claim is journalled but its private copy is missing or altered: nothing may go on.
        case copyDamaged
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong and what to do, for people.
    public let message: String
    /// The system call behind it.
    public let cause: FileError?

    /// A fault of the site.
    public init(_ code: Code, _ message: String, cause: FileError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Message and cause on one line.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}
