import Glibc
public import SkyPay

/// How the sandbox behaves.
public struct SandboxSettings: Sendable {
    /// The partner it knows.
    public var credentials: SkyPayCredentials
    /// The prefix control numbers must have; nil accepts any.
    public var controlNumberPrefix: String?
    /// The balance of a new ledger.
    public var balance: Amount
    /// From queued to completed or failed, in seconds.
    public var settleSeconds: Int64
    /// Payouts whose control number this regular expression finds will fail.
    public var failControlPattern: String?
    /// Payouts to accounts ending so will fail.
    public var failAccountSuffix: String?
    /// Folder of the ledger; nil keeps it in memory.
    public var stateFolder: String?
    /// Folder into which callbacks are written; nil writes none.
    public var callbackFolder: String?
    /// Callback files as plain JSON instead of SkyPay's encrypted text.
    public var plainCallbacks: Bool
    /// URL to which callbacks are posted; nil posts none.
    public var callbackURL: String?
    /// Waited before every answer, in milliseconds.
    public var latencyMilliseconds: Int64
    /// Faults in force from the start.
    public var faults: [FaultRule]
    /// The time, in microseconds since 1970.
    public var clock: @Sendable () -> Int64

    /// The partner of the documentation and the demo. Invented; not known to SkyPay.
    public static let demoCredentials = SkyPayCredentials(
        callerName: "demo", userName: "DemoApp@skypay",
        authentication: "E1234567-123C-1234-123F-A12345670", passwordKey: "TESTKEY000000001")

    /// The balance of the documentation and the demo: 1,000,000.00.
    public static let demoBalance = Amount(centavos: 100_000_000)

    /// A sandbox for the demo's partner, in memory, that pays everything at once.
    public init() {
        credentials = Self.demoCredentials
        balance = Self.demoBalance
        settleSeconds = 0
        plainCallbacks = false
        latencyMilliseconds = 0
        faults = []
        clock = Self.systemClock
    }

    /// The system's clock, in microseconds since 1970.
    public static let systemClock: @Sendable () -> Int64 = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }
}

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
