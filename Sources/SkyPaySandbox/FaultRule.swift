/// One fault on demand. Faults come in pairs: the same sight for the client, with the request not
/// applied and applied.
public struct FaultRule: Sendable, Equatable {
    /// What goes wrong.
    public enum Kind: Sendable, Equatable {
        /// The connection closes; nothing was applied.
        case dropBefore
        /// The request is applied; the connection closes without an answer.
        case dropAfter
        /// No answer until the delay is over; nothing was applied.
        case timeoutBefore
        /// The request is applied; no answer until the delay is over.
        case timeoutAfter
        /// Answers with a code; nothing was applied.
        case code(String)
        /// The request is applied; answers with a code all the same.
        case codeAfter(String)
        /// HTTP 500; nothing was applied.
        case http500
        /// The request is applied; answers HTTP 500.
        case http500After
        /// The request is applied; the answer's bytes are altered.
        case garbled
        /// The request is applied; the connection closes in the middle of the answer.
        case truncated

        /// Whether the request is applied nevertheless.
        var applies: Bool {
            switch self {
            case .dropBefore, .timeoutBefore, .code, .http500: false
            case .dropAfter, .timeoutAfter, .codeAfter, .http500After, .garbled, .truncated: true
            }
        }
    }

    /// The wire name of the action, or `*`.
    public var action: String
    /// What goes wrong.
    public var kind: Kind
    /// How many requests it meets.
    public var count: Int
    /// The matching request it begins with, from 1.
    public var nth: Int
    /// Only requests for this control number.
    public var controlNumber: String?
    /// How long time-outs last, in seconds.
    public var delaySeconds: Int64

    /// How long time-outs last unless a rule says otherwise, in seconds.
    public static let defaultDelaySeconds: Int64 = 120

    /// A fault for one request of an action.
    public init(
        action: String, kind: Kind, count: Int = 1, nth: Int = 1, controlNumber: String? = nil,
        delaySeconds: Int64 = defaultDelaySeconds
    ) {
        self.action = action
        self.kind = kind
        self.count = count
        self.nth = nth
        self.controlNumber = controlNumber
        self.delaySeconds = delaySeconds
    }

    /// Reads `ACTION:KIND[:COUNT][:nth=N][:control=NUMBER][:delay=SECONDS]`, where KIND is
    /// drop-before, drop-after, timeout-before, timeout-after, code:CODE, code-after:CODE,
    /// http-500, http-500-after, garbled or truncated, and ACTION may be `*`.
    public init(parsing text: String) throws(SandboxError) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)[
            ...]
        guard let action = parts.popFirst(), !action.isEmpty, let name = parts.popFirst() else {
            throw Self.usage(text, "write ACTION:KIND[:COUNT]")
        }
        let code = name.hasPrefix("code") ? parts.popFirst() : nil
        guard let kind = Self.kind(name, code) else {
            throw Self.usage(text, "unknown kind \(name)")
        }
        self.init(action: action, kind: kind)
        for part in parts { try take(part, of: text) }
    }

    private mutating func take(_ part: String, of text: String) throws(SandboxError) {
        let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
        let number = pair.last.flatMap { Int($0) }.flatMap { $0 >= 1 ? $0 : nil }
        switch (pair.count, pair.first, number) {
        case (1, _, let number?): count = number
        case (2, "count", let number?): count = number
        case (2, "nth", let number?): nth = number
        case (2, "delay", let number?): delaySeconds = Int64(number)
        case (2, "control", _): controlNumber = pair.last
        default: throw Self.usage(text, "cannot read \(part)")
        }
    }

    private static func kind(_ name: String, _ code: String?) -> Kind? {
        switch (name, code) {
        case ("drop-before", _): .dropBefore
        case ("drop-after", _): .dropAfter
        case ("timeout-before", _): .timeoutBefore
        case ("timeout-after", _): .timeoutAfter
        case ("http-500", _): .http500
        case ("http-500-after", _): .http500After
        case ("garbled", _): .garbled
        case ("truncated", _): .truncated
        case ("code", let code?) where Int(code) != nil: .code(code)
        case ("code-after", let code?) where Int(code) != nil: .codeAfter(code)
        default: nil
        }
    }

    private static func usage(_ text: String, _ problem: String) -> SandboxError {
        SandboxError(
            code: .usage,
            message: "fault \"\(text)\": \(problem); example: payoutQueue:drop-after:3")
    }
}

/// The rules in force, and how often each has met a request.
struct FaultPlan: Sendable {
    private struct Entry {
        let rule: FaultRule
        var matches = 0
    }

    private var entries: [Entry]

    init(_ rules: [FaultRule]) { entries = rules.map { Entry(rule: $0) } }

    mutating func add(_ rules: [FaultRule]) { entries += rules.map { Entry(rule: $0) } }

    mutating func removeAll() { entries = [] }

    /// The fault for this request. Every matching rule counts it; the first one due acts.
    mutating func take(action: String, controlNumber: String?) -> FaultRule? {
        var due: FaultRule?
        for index in entries.indices {
            let rule = entries[index].rule
            guard rule.action == "*" || rule.action == action,
                rule.controlNumber == nil || rule.controlNumber == controlNumber
            else { continue }
            entries[index].matches += 1
            let range = rule.nth..<(rule.nth + rule.count)
            if due == nil, range.contains(entries[index].matches) { due = rule }
        }
        return due
    }
}
