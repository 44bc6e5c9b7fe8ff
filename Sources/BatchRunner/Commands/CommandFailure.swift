import AuditLog

/// Why a command stopped: one line that says what to do, and the exit code.
public struct CommandFailure: Error, Sendable {
    /// The exit code.
    public let status: ExitStatus
    /// One line.
    public let message: String

    /// A failure with its code.
    public init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// What any error means for the exit code: a bad configuration is 40 (nothing can be sent), a
    /// held site 75, a wrong folder 64; everything else stops the program with 70 (fail closed).
    public init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let opening as SiteOpening: self.init(.siteHeld, opening.description)
        case let fault as ConfigurationFaults: self.init(.providerUnavailable, fault.description)
        case let fault as SiteFault where [.rootMissing, .rootNotFolder].contains(fault.code):
            self.init(.usage, fault.description)
        case let error as AuditLogError where error.code == .locked:
            self.init(.siteHeld, error.description)
        default: self.init(.invariantBroken, String(describing: error))
        }
    }

    /// Runs `work`; whatever it throws becomes a failure.
    public static func wrapping<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch { throw CommandFailure(error) }
    }
}

/// The version of the program.
public enum BatchRunnerVersion {
    /// Semantic version.
    public static let text = "0.1.0"
}
