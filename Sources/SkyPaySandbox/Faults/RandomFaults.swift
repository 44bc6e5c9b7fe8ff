/// Faults drawn from a seed: the same seed and the same order of requests bring the same faults, and
/// so for callbacks, which are drawn apart: when they go out rests on the clock.
public struct RandomFaults: Sendable {
    private var ofRequests: SplitMix64
    private var ofCallbacks: SplitMix64
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
    /// Never with effect: both say that no money moved (`skypay-api.md §4`).
    private static let ofPayouts: [FaultRule.Kind] = [.code("-1016"), .code("-1028")]
    private static let toPartners: [FaultRule.Kind] = [
        .dropBefore, .garbled, .truncated, .slow, .odd, .again,
    ]

    /// So many requests and callbacks in a hundred meet a fault whose delay, if it has one, lasts so
    /// long.
    public init(seed: UInt64, percent: Int, delaySeconds: Int64) {
        ofRequests = SplitMix64(state: seed)
        ofCallbacks = SplitMix64(state: ~seed)
        self.percent = UInt64(clamping: percent)
        self.delaySeconds = delaySeconds
    }

    mutating func next(_ action: String) -> FaultRule? {
        var kinds = Self.everywhere
        if action == "payoutQueryStatus" { kinds += Self.ofQueries }
        if action == "payoutQueue" || action == "payoutQueueV2" { kinds += Self.ofPayouts }
        return rule(action, \.ofRequests, kinds)
    }

    mutating func next(callback: String) -> FaultRule? {
        rule(callback, \.ofCallbacks, Self.toPartners)
    }

    private mutating func rule(
        _ action: String, _ numbers: WritableKeyPath<RandomFaults, SplitMix64>,
        _ kinds: [FaultRule.Kind]
    ) -> FaultRule? {
        guard self[keyPath: numbers].draw(100) < percent else { return nil }
        let kind = kinds[self[keyPath: numbers].draw(kinds.count)]
        return FaultRule(action: action, kind: kind, delaySeconds: delaySeconds)
    }
}

/// Sebastiano Vigna's generator: small, and good enough to choose faults by.
private struct SplitMix64: Sendable {
    var state: UInt64

    mutating func draw(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
