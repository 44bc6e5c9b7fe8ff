import ArgumentParser
import Glibc
import SkyPay
import SkyPaySandbox

/// Balances, and what becomes of payouts.
struct BehaviourOptions: ParsableArguments {
    @Option(help: "Balance of a new ledger.")
    var balance = SandboxSettings.demoBalance.text

    @Option(help: "Seconds from queued to completed or failed, or to the store; of changes too.")
    var settleSeconds: Int64 = 0

    @Option(help: "Seconds a payout waits at a store to be picked up; for ever when absent.")
    var pickUpSeconds: Int64?

    @Option(help: "Payouts fail whose control number this regular expression finds.")
    var failControl: String?

    @Option(help: "Payouts fail whose account number ends so.")
    var failAccount: String?

    @Option(help: "Amendments fail whose control number this regular expression finds.")
    var failAmend: String?

    @Option(help: "Cancellations fail whose control number this regular expression finds.")
    var failCancel: String?

    @Option(help: "The partner's account.")
    var account = SandboxSettings().account

    @Option(help: "An account balance can be transferred to; may be given more than once.")
    var otherAccount: [String] = []

    @Option(help: "Milliseconds waited before every answer.")
    var latencyMilliseconds: Int64 = 0

    func apply(to settings: inout SandboxSettings) throws {
        guard let balance = Amount(wireTotal: balance) else {
            throw ValidationError("--balance must look like 1000000.00")
        }
        settings.balance = balance
        settings.settleSeconds = max(0, settleSeconds)
        settings.pickUpSeconds = pickUpSeconds.map { max(0, $0) }
        settings.failControlPattern = failControl
        settings.failAccountSuffix = failAccount
        settings.failAmendPattern = failAmend
        settings.failCancelPattern = failCancel
        settings.account = account
        if !otherAccount.isEmpty { settings.otherAccounts = Set(otherAccount) }
        settings.latencyMilliseconds = max(0, latencyMilliseconds)
    }
}

/// What the provider does not let through.
struct LimitOptions: ParsableArguments {
    @Option(help: "Prefix control numbers must have; any when absent.")
    var controlNumberPrefix: String?

    @Flag(help: "Take banks, provinces, towns and identification types that no catalog has.")
    var noCatalogCheck = false

    @Option(help: "Payouts to one account a day; more are -1028. SkyPay's own limit is 5.")
    var transactionsPerDay: Int?

    @Option(help: "Amount a wallet may receive a day; more is -1027.")
    var walletLimit: String?

    @Option(help: "Seconds after sending before which asking is -1009. SkyPay's rule is 300.")
    var queryAfterSeconds: Int64 = 0

    @Option(help: "Seconds between questions about one number. SkyPay's rule is 1800.")
    var queryEverySeconds: Int64 = 0

    @Option(help: "An address requests may come from, others are -1032; may be repeated.")
    var allowAddress: [String] = []

    func apply(to settings: inout SandboxSettings) throws {
        if let prefix = controlNumberPrefix,
            prefix.wholeMatch(of: /[A-Za-z0-9]{2,5}/) == nil
        {
            throw ValidationError("--control-number-prefix takes 2 to 5 letters and digits")
        }
        settings.controlNumberPrefix = controlNumberPrefix
        settings.checksCatalogs = !noCatalogCheck
        settings.transactionsPerDay = transactionsPerDay.map { max(0, $0) }
        for address in allowAddress where !Self.isAddress(address) {
            throw ValidationError("--allow-address takes an address like 127.0.0.1, not \(address)")
        }
        settings.allowedAddresses = Set(allowAddress)
        settings.queryAfterSeconds = max(0, queryAfterSeconds)
        settings.queryEverySeconds = max(0, queryEverySeconds)
        guard let walletLimit else { return }
        guard let limit = Amount(wireTotal: walletLimit) else {
            throw ValidationError("--wallet-limit must look like 50000.00")
        }
        settings.walletLimitPerDay = limit
    }

    private static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }
}

/// Where callbacks go.
struct CallbackOptions: ParsableArguments {
    @Option(help: "Folder into which callbacks are written.")
    var callbackFolder: String?

    @Flag(help: "Callback files as plain JSON instead of encrypted text.")
    var plainCallbacks = false

    @Option(
        help: "[ACTION=]URL to which callbacks, or those of one action, are posted; repeatable.")
    var callbackUrl: [String] = []

    @Option(help: "PEM certificates trusted for https callback URLs, besides the system's.")
    var callbackTrust: String?

    func apply(to settings: inout SandboxSettings) throws {
        settings.callbackFolder = callbackFolder
        settings.plainCallbacks = plainCallbacks
        settings.callbackTrustFile = callbackTrust
        for text in callbackUrl {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2, Callback.actions.contains(parts[0]) {
                settings.callbackURLs[parts[0]] = parts[1]
            } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
                settings.callbackURL = text
            } else {
                throw ValidationError("--callback-url takes a URL or ACTION=URL, not \(text)")
            }
        }
    }
}

/// What goes wrong.
struct FaultOptions: ParsableArguments {
    @Option(help: "A fault; may be given more than once.")
    var fault: [String] = []

    @Option(help: "Draw faults from this seed: the same requests meet the same faults.")
    var faultSeed: UInt64?

    @Option(help: "How many requests in a hundred meet a drawn fault.")
    var faultPercent = 10

    @Option(help: "How long the delays of drawn faults last, in seconds.")
    var faultDelaySeconds: Int64 = 3

    func apply(to settings: inout SandboxSettings) throws {
        do {
            settings.faults = try fault.map { text in try FaultRule(parsing: text) }
        } catch {
            throw ValidationError("\(error)")
        }
        guard (0...100).contains(faultPercent) else {
            throw ValidationError("--fault-percent must be 0 to 100")
        }
        settings.randomFaults = faultSeed.map {
            RandomFaults(seed: $0, percent: faultPercent, delaySeconds: max(0, faultDelaySeconds))
        }
    }
}
