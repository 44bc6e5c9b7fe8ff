/// One start of the runner, and how it is to end.
struct Life: Sendable, Equatable {
    /// What is started.
    enum Command: String, Sendable { case daemon, run }

    /// When SIGKILL comes.
    enum End: Sendable, Equatable {
        /// At a named moment, the n-th time it is reached; the program kills itself there.
        case point(String, Int)
        /// So many milliseconds after its start.
        case milliseconds(Int)
        /// Once the audit log has grown by so many bytes.
        case growth(Int)
        /// Once nothing has happened for a while: a life in which work is done.
        case quiet
    }

    /// What becomes of the provider before this life.
    enum Provider: Sendable, Equatable {
        case stays
        /// Started anew with other faults; killed before, not asked to stop.
        case restarts(isKilled: Bool)
        /// Nobody listens during this life.
        case isAway
    }

    var command: Command
    var end: End
    var provider: Provider
    /// Batches dropped before it starts, and while it works.
    var batchesBefore: Int
    var batchesMeanwhile: Int
    /// A second instance is started beside it.
    var hasRival: Bool
}

/// The lives of a run, from its seed alone.
struct LifePlan: Sendable {
    /// Moments of docs/ARCHITECTURE.md, "Life of a payout", at which the program can end itself, and
    /// how often one is passed at most before it does.
    static let points: [(name: String, times: Int)] = [
        ("claimed", 3), ("recorded", 30), ("half-written", 8), ("published", 8),
        ("intended", 8), ("sent", 8), ("answered", 8),
    ]
    /// Moments that come only where a provider answers.
    static let pointsOfTheProvider: Set<String> = ["sent", "answered"]
    /// Of a hundred lives so many are to end at a named moment.
    static let percentAtPoints = 70
    /// Lives a provider serves before it is started anew, on average.
    static let livesPerProvider = 8

    private var numbers: SeededNumbers
    private var nextPoint = 0

    init(seed: UInt64) { numbers = SeededNumbers(seed) }

    /// The next life.
    mutating func next() -> Life {
        let isAtPoint = numbers.below(100) < Self.percentAtPoints
        let end = isAtPoint ? pointEnd() : otherEnd()
        var provider = provider()
        if case .point(let name, _) = end, Self.pointsOfTheProvider.contains(name),
            provider == .isAway
        {
            provider = .restarts(isKilled: true)
        }
        return Life(
            // A run may be done before its moment; a daemon is given work until it comes.
            command: numbers.oneIn(isAtPoint ? 8 : 3) ? .run : .daemon, end: end,
            provider: provider,
            batchesBefore: 1 + numbers.below(2), batchesMeanwhile: numbers.oneIn(3) ? 1 : 0,
            hasRival: numbers.oneIn(12))
    }

    /// Named moments in turn: a run of any length tries them all alike.
    private mutating func pointEnd() -> Life.End {
        let point = Self.points[nextPoint % Self.points.count]
        nextPoint += 1
        // Early ones more often: late ones may not come in this life.
        return .point(point.name, 1 + numbers.below(1 + numbers.below(point.times)))
    }

    private mutating func otherEnd() -> Life.End {
        switch numbers.below(6) {
        // While it starts: recovery is killed too.
        case 0: .milliseconds(numbers.below(250))
        case 1: .milliseconds(numbers.below(2_000))
        case 2, 3: .growth(100 + numbers.below(20_000))
        default: .quiet
        }
    }

    private mutating func provider() -> Life.Provider {
        guard numbers.oneIn(Self.livesPerProvider) else { return .stays }
        return numbers.oneIn(4) ? .isAway : .restarts(isKilled: numbers.oneIn(2))
    }
}
