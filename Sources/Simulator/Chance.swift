/// A source of chance (SplitMix64): the same seed, the same draws.
struct Chance: RandomNumberGenerator {
    /// What has a source of its own, so that leaving out one thing leaves the others as they were.
    enum Stream {
        case senders
        case provider
        /// One of the lives, from 0.
        case life(Int)

        fileprivate var number: UInt64 {
            switch self {
            case .senders: 1
            case .provider: 2
            case .life(let number): 16 + UInt64(number)
            }
        }
    }

    private var state: UInt64

    init(seed: UInt64, _ stream: Stream) {
        state = seed
        state = next() ^ (stream.number &* 0xD6E8_FEB8_6659_FD93)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 up to `bound`, which is left out.
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }

    /// True once in `count` draws.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// From 1 to `bound`, small numbers as likely as large ones ten times as large.
    mutating func spread(to bound: Int) -> Int {
        var number = 1
        while number < bound, below(8) != 0 { number = number * 3 / 2 + 1 }
        return min(bound, 1 + below(number))
    }
}
