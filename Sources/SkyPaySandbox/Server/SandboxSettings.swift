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
    /// Amendments fail whose control number this regular expression finds.
    public var failAmendPattern: String?
    /// Cancellations fail whose control number this regular expression finds.
    public var failCancelPattern: String?
    /// How long a payout waits at a store until it is picked up, in seconds; nil waits for ever.
    public var pickUpSeconds: Int64?
    /// Payouts an account may receive on one day; more are -1028. Nil sets no limit.
    public var transactionsPerDay: Int?
    /// What a wallet may receive on one day; more is -1027. Nil sets no limit.
    public var walletLimitPerDay: Amount?
    /// Addresses requests may come from; others are -1032. Empty lets all in.
    public var allowedAddresses: Set<String>
    /// Seconds after sending before which a number may not be asked about; sooner is -1009. SkyPay's
    /// rule is 300.
    public var queryAfterSeconds: Int64
    /// Seconds between two questions about one number; sooner is -1009. SkyPay's rule is 1,800.
    public var queryEverySeconds: Int64
    /// Whether banks, provinces, towns and identification types must stand in the catalogs.
    public var checksCatalogs: Bool
    /// The partner's own account, five characters.
    public var account: String
    /// Accounts balance can be transferred to.
    public var otherAccounts: Set<String>
    /// The company's name in notifications.
    public var companyName: String
    /// Folder of the ledger; nil keeps it in memory.
    public var stateFolder: String?
    /// Folder into which callbacks are written; nil writes none.
    public var callbackFolder: String?
    /// Callback files as plain JSON instead of SkyPay's encrypted text.
    public var plainCallbacks: Bool
    /// URL to which callbacks are posted that have none of their own; nil posts none.
    public var callbackURL: String?
    /// URLs by the action of the callback.
    public var callbackURLs: [String: String]
    /// PEM certificates trusted besides the system's when callbacks are posted to https; nil for none.
    public var callbackTrustFile: String?
    /// Waited before every answer, in milliseconds.
    public var latencyMilliseconds: Int64
    /// Faults in force from the start.
    public var faults: [FaultRule]
    /// Faults drawn from a seed; nil draws none.
    public var randomFaults: RandomFaults?
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
        allowedAddresses = []
        queryAfterSeconds = 0
        queryEverySeconds = 0
        checksCatalogs = true
        account = "SKY99"
        otherAccounts = ["SKY98"]
        companyName = "Halimbawa Payments Inc."
        plainCallbacks = false
        callbackURLs = [:]
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
