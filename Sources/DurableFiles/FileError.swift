import Glibc

/// A system call on a file that failed: which, on what, why.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call, in its usual name: `open`, `fdatasync`, `renameat2`.
    public let operation: String
    /// The path it was about.
    public let path: String
    /// `errno`.
    public let code: Int32

    /// A failed call.
    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// A call that failed just now: reads `errno`.
    static func last(_ operation: String, _ path: String) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }

    /// The system's words for the cause.
    public var cause: String { String(cString: strerror(code)) }

    /// Call, path, and the system's words for the cause.
    public var description: String { "\(path): \(operation) failed: \(cause)\(remedy)" }

    private var remedy: String {
        switch code {
        case ENOSPC, EDQUOT: " (free some space, then start again: nothing was half-written)"
        case EACCES, EPERM: " (check the owner and mode of the folder)"
        case EROFS: " (the file system is mounted read-only)"
        default: ""
        }
    }
}
