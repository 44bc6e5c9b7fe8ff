/// What a key of `batchrunner.yaml` may hold.
enum ConfigurationKind: Sendable, Equatable {
    /// Any text.
    case text
    /// A text that is never shown.
    case secret
    /// A whole number in decimal digits.
    case integer(ClosedRange<Int>, unit: String)
    /// `true` or `false`.
    case boolean
    /// One of these words.
    case choice([String])
    /// A list of these words.
    case list([String])
    /// A feature this version lacks: only these values, which switch it off, are allowed. Anything
    /// else is refused rather than ignored, since the operator counts on it.
    case unavailable(offValues: [String])
    /// As `unavailable`, for a list: only the empty one.
    case unavailableList
}

/// A key, its kind and where it belongs.
struct ConfigurationKey: Sendable {
    /// Sections and name; `*` stands for the name of a sender.
    let path: [String]
    let kind: ConfigurationKind

    init(_ path: String, _ kind: ConfigurationKind) {
        self.path = path.split(separator: ".").map(String.init)
        self.kind = kind
    }
}

/// Every key there is: the one table behind checks, suggestions and reading.
enum ConfigurationKeys {
    /// Actions a sender may be restricted to (product contract, "What may be dropped").
    static let actions = [
        "payoutQueue", "payoutQueueV2", "amendTransactionV2", "cancelPayout",
        "payoutQueryStatus", "generate711Barcode", "balanceQuery", "balanceTransfer",
        "getReportPayout", "getReportCollection", "notificationInquiry", "getCatalog",
        "registerPayout", "registerCollection",
    ]

    /// Longest wait for a connection or an answer, in seconds.
    private static let timeouts = 1...300
    /// Waits between queries, in seconds; the least outside loopback is checked with the address.
    private static let queryWaits = 1...604_800
    /// One hour, in seconds.
    private static let upToAnHour = 3_600

    static let all: [ConfigurationKey] = skypay + site + senders

    private static let skypay: [ConfigurationKey] = [
        ConfigurationKey("skypay.url", .text),
        ConfigurationKey("skypay.callerName", .text),
        ConfigurationKey("skypay.userName", .text),
        ConfigurationKey("skypay.authentication", .secret),
        ConfigurationKey("skypay.authenticationFile", .text),
        ConfigurationKey("skypay.passwordKey", .secret),
        ConfigurationKey("skypay.passwordKeyFile", .text),
        ConfigurationKey("skypay.previousPasswordKeyFile", .text),
        ConfigurationKey("skypay.passwordKeyExpires", .text),
        ConfigurationKey("skypay.controlNumberPrefix", .text),
        ConfigurationKey("skypay.sender", .text),
        ConfigurationKey("skypay.requestsInFlight", .integer(1...256, unit: "requests")),
        ConfigurationKey("skypay.requestsPerSecond", .integer(0...10_000, unit: "requests")),
        ConfigurationKey("skypay.connectTimeoutSeconds", .integer(timeouts, unit: "seconds")),
        ConfigurationKey("skypay.answerTimeoutSeconds", .integer(timeouts, unit: "seconds")),
        ConfigurationKey("skypay.queryAfterSeconds", .integer(queryWaits, unit: "seconds")),
        ConfigurationKey("skypay.queryEverySeconds", .integer(queryWaits, unit: "seconds")),
        ConfigurationKey("skypay.resend", .choice(["after-query", "never"])),
        ConfigurationKey("skypay.onInsufficientBalance", .choice(["pause", "refuse"])),
    ]

    private static let site: [ConfigurationKey] = [
        ConfigurationKey("mode", .choice(["test", "live"])),
        ConfigurationKey("intake.settleSeconds", .integer(0...upToAnHour, unit: "seconds")),
        ConfigurationKey("intake.scanSeconds", .integer(1...upToAnHour, unit: "seconds")),
        ConfigurationKey("intake.incompleteSeconds", .integer(queryWaits, unit: "seconds")),
        ConfigurationKey("intake.onRowFault", .choice(["reject-row", "reject-batch"])),
        ConfigurationKey("intake.keepFreeBytes", .integer(0...(1 << 50), unit: "bytes")),
        ConfigurationKey("approval.aboveAmount", .unavailable(offValues: ["none"])),
        ConfigurationKey("windows", .unavailableList),
        ConfigurationKey("limits.perBatchAmount", .unavailable(offValues: ["none"])),
        ConfigurationKey("limits.perDayAmount", .unavailable(offValues: ["none"])),
        ConfigurationKey("callbacks.confirm", .boolean),
        ConfigurationKey("callbacks.listen", .text),
        ConfigurationKey("callbacks.tlsCertificateFile", .text),
        ConfigurationKey("callbacks.tlsPrivateKeyFile", .text),
        ConfigurationKey("callbacks.requestTimeoutSeconds", .integer(timeouts, unit: "seconds")),
        ConfigurationKey("console.listen", .unavailable(offValues: ["none"])),
        ConfigurationKey("metrics.file", .text),
        ConfigurationKey("ledger.checkHour", .text),
        ConfigurationKey("audit.origin", .text),
        ConfigurationKey("audit.sealBytes", .integer((1 << 20)...(1 << 30), unit: "bytes")),
        ConfigurationKey("audit.keep", .text),
        ConfigurationKey("audit.immutable", .boolean),
    ]

    private static let senders: [ConfigurationKey] = [
        ConfigurationKey("senders.*.actions", .list(actions)),
        ConfigurationKey("senders.*.callbacks", .boolean),
        ConfigurationKey("senders.*.sequence", .boolean),
        ConfigurationKey("senders.*.owner", .text),
        ConfigurationKey("senders.*.filesPerDay", .integer(1...10_000_000, unit: "files")),
        ConfigurationKey("senders.*.bytesPerDay", .integer(1...(1 << 50), unit: "bytes")),
    ]

    /// The key at a path; nil when there is none.
    static func key(at path: [String]) -> ConfigurationKey? {
        all.first { matches($0.path, path) && $0.path.count == path.count }
    }

    /// True when the path is a section: keys lie below it.
    static func isSection(_ path: [String]) -> Bool {
        path == ["senders"]
            || all.contains { $0.path.count > path.count && matches($0.path, path) }
    }

    /// True for what a section or a key is called, wherever it stands.
    static func isName(_ name: String) -> Bool { all.contains { $0.path.contains(name) } }

    /// The names that may stand below a path, for suggestions.
    static func names(below path: [String]) -> [String] {
        var names: [String] = []
        for key in all where key.path.count > path.count && matches(key.path, path) {
            let name = key.path[path.count]
            if name != "*", !names.contains(name) { names.append(name) }
        }
        return names
    }

    private static func matches(_ pattern: [String], _ path: [String]) -> Bool {
        zip(pattern, path).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
