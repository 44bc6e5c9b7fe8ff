/// Everything a site's `batchrunner.yaml` and environment say, checked, with defaults filled in.
/// Printing it never shows a secret.
public struct RunnerConfiguration: Sendable {
    /// Whether money moves.
    public enum Mode: String, Sendable {
        /// The provider's test service, or a sandbox on this machine.
        case test
        /// Real money.
        case live
    }

    /// Test or live; agrees with the owner of `skypay.url`.
    public var mode: Mode
    /// The provider and our account there.
    public var skypay: SkyPaySettings
    /// How files are taken from the inbox.
    public var intake: IntakeSettings
    /// How callbacks are treated.
    public var callbacks: CallbackSettings
    /// The audit log.
    public var audit: AuditSettings
    /// Where the metrics are written, below the root or absolute.
    public var metricsFile: String
    /// When a daemon checks its ledger against the audit log; nil for never.
    var ledgerCheck: CheckSchedule?
    /// What each sender may do, by sub-folder of the inbox; see `sender(_:)`.
    public var senders: [String: SenderSettings]

    /// What a sender may do; `name` is the sub-folder, empty for the inbox itself (`default` in the
    /// file). A sender that is not configured has the defaults.
    public func sender(_ name: String) -> SenderSettings {
        let fallback = SenderSettings(
            actions: nil, acceptsCallbacks: name.isEmpty && mode == .test)
        return senders[name] ?? fallback
    }
}

/// `skypay:` in the configuration.
public struct SkyPaySettings: Sendable {
    /// What to do with a payout that SkyPay does not know after an unknown send.
    public enum Resend: String, Sendable {
        /// Send the same control number again, after the queries of skypay-protocol.md.
        case afterQuery = "after-query"
        /// Hold it for a person.
        case never
    }

    /// What to do when SkyPay answers -1016.
    public enum OnInsufficientBalance: String, Sendable {
        /// Rows stay unsent; the run stops with 50.
        case pause
        /// The row is refused.
        case refuse
    }

    /// The part before `/{callerName}`.
    public var url: ServiceURL
    /// Last part of the request path.
    public var callerName: String
    /// `AppName@skypay`.
    public var userName: String
    /// GUID-like credential of every request.
    public var authentication: Secret
    /// What the envelope's key is derived from.
    public var passwordKey: Secret
    /// The key before a key change; answers and callbacks under it are still read.
    public var previousPasswordKey: Secret?
    /// Where `passwordKey` was read; nil when it stands in the configuration itself.
    public var passwordKeyFile: String?
    /// Where `rotate-key` keeps `previousPasswordKey`; nil when it is not kept, or named in the
    /// configuration.
    public var keptPreviousKeyFile: String?
    /// The day the key expires, `yyyy-MM-dd` in GMT+8; nil when nobody said.
    public var passwordKeyExpires: String?
    /// 2–5 characters; every control number starts with it.
    public var controlNumberPrefix: String
    /// `sender` of a payout row that has none.
    public var sender: String
    /// Requests in flight at once.
    public var requestsInFlight: Int
    /// Requests started per second; 0 means no limit.
    public var requestsPerSecond: Int
    /// Longest wait for a connection, in seconds.
    public var connectTimeoutSeconds: Int
    /// Longest wait for a whole answer, in seconds, from the start of the request.
    public var answerTimeoutSeconds: Int
    /// Wait before the first query about a send, in seconds.
    public var queryAfterSeconds: Int
    /// Wait between two queries about one number, in seconds.
    public var queryEverySeconds: Int
    /// What to do with a payout that SkyPay does not know.
    public var resend: Resend
    /// What to do when the balance does not suffice.
    public var onInsufficientBalance: OnInsufficientBalance
}

/// `intake:` in the configuration.
public struct IntakeSettings: Sendable {
    /// What a faulty row does to its batch.
    public enum OnRowFault: String, Sendable {
        /// The row is rejected, the others go.
        case rejectRow = "reject-row"
        /// The whole batch is rejected.
        case rejectBatch = "reject-batch"
    }

    /// How long a file must stay unchanged, in seconds by our own monotonic clock.
    public var settleSeconds: Int
    /// Longest time between two scans, in seconds.
    public var scanSeconds: Int
    /// How long a file that more bytes could complete may wait, in seconds since its last change.
    public var incompleteSeconds: Int
    /// What a faulty row does to its batch.
    public var onRowFault: OnRowFault
    /// Bytes to be left free below `state/`: files wait while there are fewer.
    public var keepFreeBytes: Int64
}

/// `callbacks:` in the configuration.
public struct CallbackSettings: Sendable {
    /// Whether a callback counts only once a query or report agrees.
    public var confirm: Bool
    /// Where posted callbacks are taken by a daemon; nil for nowhere.
    public var listen: ListenSettings?
}

/// `audit:` in the configuration.
public struct AuditSettings: Sendable {
    /// Name of the log, in its checkpoints and keys.
    public var origin: String
    /// Size at which a segment is sealed, in bytes.
    public var sealBytes: Int
    /// Least time events are kept, in months: `batchrunner retention` takes nothing shorter. Nil where
    /// it is not given.
    public var keepMonths: Int?
    /// Whether sealed segments get the file system's immutable flag, where that is allowed.
    public var immutable: Bool
}

/// One of `senders:` in the configuration.
public struct SenderSettings: Sendable, Equatable {
    /// Actions its batches may have; nil means all.
    public var actions: Set<String>?
    /// Whether callback files are taken from it.
    public var acceptsCallbacks: Bool
    /// Whether its batches must be numbered, each one more than the last one taken.
    public var sequence = false
    /// The user its files must belong to; nil for any.
    public var owner: UInt32?
    /// Most files taken from it in one banking day (GMT+8).
    public var filesPerDay = standardFilesPerDay
    /// Most bytes taken from it in one banking day; a larger file is taken as the day's only one.
    public var bytesPerDay = standardBytesPerDay

    static let standardFilesPerDay = 100_000
    /// 10 GiB.
    static let standardBytesPerDay: Int64 = 10 << 30

    /// True when batches of this action may come from the sender.
    public func allows(action: String) -> Bool { actions?.contains(action) ?? true }
}
