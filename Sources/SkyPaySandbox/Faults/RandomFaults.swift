/// Faults drawn from a seed: the same seed and the same order of requests bring the same faults.
public struct RandomFaults: Sendable {
    private var state: UInt64
    private let percent: UInt64
    private let delaySeconds: Int64

    /// What can be drawn for every action, and for the list answers besides.
    private static let everywhere: [FaultRule.Kind] = [
        .dropBefore, .dropAfter, .dropLate, .timeoutBefore, .timeoutAfter, .code("-1009"),
        .codeAfter("-1009"), .code("-9999"), .codeAfter("-9999"), .status(500), .statusAfter(500),
        .status(503), .statusAfter(503), .garbledBefore, .garbled, .truncatedBefore, .truncated,
        .dripBefore, .drip, .slow, .odd,
    ]
    private static let ofQueries: [FaultRule.Kind] = [.stale, .missing, .doubled]

    /// So many requests in a hundred meet a fault whose delay, if it has one, lasts so long.
    public init(seed: UInt64, percent: Int, delaySeconds: Int64) {
        state = seed
        self.percent = UInt64(clamping: percent)
        self.delaySeconds = delaySeconds
    }

    /// SplitMix64.
    private mutating func draw(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    mutating func next(_ action: String) -> FaultRule? {
        guard draw(100) < percent else { return nil }
        let kinds = Self.everywhere + (action == "payoutQueryStatus" ? Self.ofQueries : [])
        return FaultRule(action: action, kind: kinds[draw(kinds.count)], delaySeconds: delaySeconds)
    }
}
