/// One fault on demand.
public struct FaultRule: Sendable, Equatable {
    /// The wire name of the action or callback, or `*` for every action.
    public var action: String
    /// What goes wrong.
    public var kind: Kind
    /// How many requests it meets.
    public var count: Int
    /// The matching request it begins with, from 1.
    public var nth: Int
    /// Only requests for this control or contract number.
    public var controlNumber: String?
    /// How long delays last, in seconds.
    public var delaySeconds: Int64

    /// How long delays last unless a rule says otherwise, in seconds.
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

    /// Reads `ACTION:KIND[:COUNT][:nth=N][:control=NUMBER][:delay=SECONDS]`. KIND is one of
    /// drop-before, drop-after, drop-late, timeout-before, timeout-after, code:CODE,
    /// code-after:CODE, http:STATUS, http-after:STATUS, http-500, http-500-after, garbled-before,
    /// garbled, truncated-before, truncated, drip-before, drip, slow, missing, stale, doubled, odd
    /// and again.
    public init(parsing text: String) throws(SandboxError) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)[
            ...]
        guard let action = parts.popFirst(), !action.isEmpty, let name = parts.popFirst() else {
            throw Self.usage(text, "write ACTION:KIND[:COUNT]")
        }
        let value = Self.kindsWithValue.contains(name) ? parts.popFirst() : nil
        let kind = value.map { Self.kind(name, value: $0) } ?? Self.plainKinds[name]
        guard let kind else { throw Self.usage(text, "unknown kind \(name)") }
        guard let isMeant = Self.can(kind, meet: action) else {
            throw Self.usage(text, "\(action) is no action and no callback of SkyPay's")
        }
        guard isMeant else { throw Self.usage(text, "\(name) cannot happen to \(action)") }
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

    private static func usage(_ text: String, _ problem: String) -> SandboxError {
        SandboxError(
            code: .usage,
            message: "fault \"\(text)\": \(problem); example: payoutQueue:drop-after:3")
    }
}
