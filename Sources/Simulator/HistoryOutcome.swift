/// What a history came to; as lines of text between its process and the one that asked for it.
struct HistoryOutcome {
    /// What is counted.
    enum Count: Int, CaseIterable {
        case lives, crashes, powerLosses
        /// Ledgers put back to an earlier day, or away.
        case ledgers
        case files, plannedFiles, rows
        /// Requests that reached the provider, and those that met a fault of it.
        case requests, providerFaults
        /// Requests and answers lost on the way.
        case networkFaults
        case diskFaults
        /// Calls on files.
        case calls
        /// Events of the audit log.
        case events
        /// Words of a person that were taken.
        case words
        /// Simulated time.
        case seconds
    }

    var violations: [String]
    /// Of everything that happened, to see that a seed replays.
    var digest: UInt64 = 0
    private var counts = [Int](repeating: 0, count: Count.allCases.count)

    init(violations: [String] = []) { self.violations = violations }

    subscript(_ count: Count) -> Int {
        get { counts[count.rawValue] }
        set { counts[count.rawValue] = newValue }
    }

    /// Adds another's counts, for a sum over histories.
    mutating func add(_ other: HistoryOutcome) {
        for count in Count.allCases { self[count] += other[count] }
    }

    var text: String {
        let numbers = [String(digest)] + counts.map(String.init)
        return ([numbers.joined(separator: " ")] + violations).joined(separator: "\n")
    }

    /// Nil for a process that ended before it could tell.
    init?(_ text: String) {
        let lines = text.split(separator: "\n").map(String.init)
        let numbers = lines.first?.split(separator: " ").map(String.init) ?? []
        let counts = numbers.dropFirst().compactMap { Int($0) }
        guard counts.count == Count.allCases.count, let digest = numbers.first.flatMap(UInt64.init)
        else { return nil }
        self.init(violations: Array(lines.dropFirst()))
        self.digest = digest
        self.counts = counts
    }
}
