/// The exit codes of `batchrunner` (docs/OPERATING.md): what a scheduler acts on.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// All done.
    case allDone = 0
    /// Done; some rows were rejected or refused.
    case rowsRefused = 10
    /// Rows are unknown or held, or a response could not be published: a person or a later run is needed.
    case rowsOpen = 20
    /// A file was rejected, quarantined, or still waits to become whole; or a sender's folder cannot be
    /// read.
    case fileRejected = 30
    /// SkyPay is not reachable or this site is misconfigured; unsent rows remain.
    case providerUnavailable = 40
    /// Stopped by a limit, an approval, a window or the balance.
    case stoppedByLimit = 50
    /// Usage.
    case usage = 64
    /// An internal invariant broke; stopped before doing more.
    case invariantBroken = 70
    /// Another instance holds this site.
    case siteHeld = 75

    /// What wins when several apply.
    private static let priority: [ExitStatus] = [
        .invariantBroken, .siteHeld, .providerUnavailable, .rowsOpen, .stoppedByLimit,
        .fileRejected, .rowsRefused, .allDone,
    ]

    /// The one to exit with.
    public static func winning(_ statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let present = Set(statuses)
        return priority.first(where: present.contains) ?? .allDone
    }

    /// The code in words.
    public var summary: String {
        switch self {
        case .allDone: "all done"
        case .rowsRefused: "done; some rows were rejected or refused"
        case .rowsOpen: "rows are unknown or held: a later run or a person is needed"
        case .fileRejected:
            "a file was rejected, quarantined or is not whole, or a sender's folder cannot be read"
        case .providerUnavailable: "SkyPay is not reachable or misconfigured; unsent rows remain"
        case .stoppedByLimit: "stopped by a limit; unsent rows remain"
        case .usage: "usage"
        case .invariantBroken: "an internal invariant broke; stopped before doing more"
        case .siteHeld: "another instance holds this site"
        }
    }
}
