import SkyPay

/// Which payouts, amendments and cancellations fail.
struct FailurePatterns {
    private let payouts: Regex<AnyRegexOutput>?
    private let accountSuffix: String?
    private let amendments: Regex<AnyRegexOutput>?
    private let cancellations: Regex<AnyRegexOutput>?

    init(_ settings: SandboxSettings) throws(SandboxError) {
        payouts = try Self.regex(settings.failControlPattern)
        accountSuffix = settings.failAccountSuffix
        amendments = try Self.regex(settings.failAmendPattern)
        cancellations = try Self.regex(settings.failCancelPattern)
    }

    private static func regex(
        _ text: String?
    ) throws(SandboxError) -> Regex<AnyRegexOutput>? {
        do {
            return try text.map { try Regex($0) }
        } catch {
            throw SandboxError(
                code: .usage, message: "the pattern of failing control numbers: \(error)")
        }
    }

    func failsPayout(_ controlNumber: String, _ accountNo: String) -> Bool {
        if let payouts, controlNumber.contains(payouts) { return true }
        return accountSuffix.map { accountNo.hasSuffix($0) } ?? false
    }

    func failsAmendment(_ controlNumber: String) -> Bool {
        amendments.map { controlNumber.contains($0) } ?? false
    }

    func failsCancellation(_ controlNumber: String) -> Bool {
        cancellations.map { controlNumber.contains($0) } ?? false
    }
}
