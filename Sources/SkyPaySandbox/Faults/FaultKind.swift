extension FaultRule {
    /// What goes wrong. Most kinds come in pairs: the same sight for the client, with the request
    /// not applied and applied.
    public enum Kind: Sendable, Equatable {
        /// The connection closes; nothing was applied.
        case dropBefore
        /// The request is applied; the connection closes without an answer.
        case dropAfter
        /// The connection closes; the request is applied when the delay is over.
        case dropLate
        /// No answer until the delay is over; nothing was applied.
        case timeoutBefore
        /// The request is applied; no answer until the delay is over.
        case timeoutAfter
        /// Answers with a code; nothing was applied.
        case code(String)
        /// The request is applied; answers with a code all the same.
        case codeAfter(String)
        /// Answers this HTTP status; nothing was applied.
        case status(Int)
        /// The request is applied; answers this HTTP status.
        case statusAfter(Int)
        /// The answer's bytes are altered; nothing was applied.
        case garbledBefore
        /// The request is applied; the answer's bytes are altered.
        case garbled
        /// The connection closes in the middle of the answer; nothing was applied.
        case truncatedBefore
        /// The request is applied; the connection closes in the middle of the answer.
        case truncated
        /// An answer of -9999 comes byte by byte until the delay is over; nothing was applied.
        case dripBefore
        /// The request is applied; the answer comes byte by byte until the delay is over.
        case drip
        /// The request is applied; the answer comes whole when the delay is over.
        case slow
        /// A list in the answer lacks the rows of the rule's number, or all without one.
        case missing
        /// A query of statuses answers the stage before the present one.
        case stale
        /// A list in the answer has its rows twice.
        case doubled
        /// The answer in every other form readers have to take; no fault of anybody's.
        case odd
        /// Callbacks only: delivered again when the delay is over.
        case again

        /// Whether the request is applied nevertheless.
        var applies: Bool {
            switch self {
            case .dropBefore, .dropLate, .timeoutBefore, .code, .status, .garbledBefore,
                .truncatedBefore, .dripBefore:
                false
            case .dropAfter, .timeoutAfter, .codeAfter, .statusAfter, .garbled, .truncated, .drip,
                .slow, .missing, .stale, .doubled, .odd, .again:
                true
            }
        }

        /// Whether it changes which rows a list has.
        var isOfLists: Bool { self == .missing || self == .doubled }
    }

    /// Whether a kind can happen to an action, a callback, or every action (`*`); nil where nothing
    /// has this name. A rule that would never act is a test that cannot fail.
    static func can(_ kind: Kind, meet action: String) -> Bool? {
        if callbacks.contains(action) {
            return [.dropBefore, .garbled, .truncated, .slow, .odd, .again].contains(kind)
        }
        guard action == "*" || lists.contains(action) || others.contains(action) else { return nil }
        switch kind {
        case .again: return false
        case .stale: return action == "*" || action == "payoutQueryStatus"
        case .missing, .doubled: return action == "*" || lists.contains(action)
        default: return true
        }
    }

    private static let callbacks: Set<String> = ["payoutQueuePayout", "financeNotification"]
    private static let lists: Set<String> = [
        "payoutQueryStatus", "getReportPayout", "getReportCollection", "notificationInquiry",
        "getCatalog",
    ]
    private static let others: Set<String> = [
        "payoutQueue", "payoutQueueV2", "amendTransactionV2", "cancelPayout", "balanceQuery",
        "balanceTransfer", "generate711Barcode",
    ]

    /// Kinds by the name a rule gives them; those with a value after their name are not here.
    static let plainKinds: [String: Kind] = [
        "drop-before": .dropBefore, "drop-after": .dropAfter, "drop-late": .dropLate,
        "timeout-before": .timeoutBefore, "timeout-after": .timeoutAfter,
        "http-500": .status(500), "http-500-after": .statusAfter(500),
        "garbled-before": .garbledBefore, "garbled": .garbled,
        "truncated-before": .truncatedBefore, "truncated": .truncated,
        "drip-before": .dripBefore, "drip": .drip, "slow": .slow, "missing": .missing,
        "stale": .stale, "doubled": .doubled, "odd": .odd, "again": .again,
    ]

    /// Kinds whose value follows the name: `code:-1009`.
    static func kind(_ name: String, value: String) -> Kind? {
        guard let number = Int(value) else { return nil }
        switch name {
        case "code": return .code(value)
        case "code-after": return .codeAfter(value)
        case "http": return (400...599).contains(number) ? .status(number) : nil
        case "http-after": return (400...599).contains(number) ? .statusAfter(number) : nil
        default: return nil
        }
    }

    /// Names of the kinds with a value.
    static let kindsWithValue: Set<String> = ["code", "code-after", "http", "http-after"]
}
