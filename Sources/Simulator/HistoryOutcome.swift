/// What a history came to; as lines of text between its process and the one that asked for it.
struct HistoryOutcome {
    var violations: [String]
    /// Of everything that happened, to see that a seed replays.
    var digest: UInt64 = 0
    var crashes = 0
    var powerLosses = 0
    /// Calls on files.
    var calls = 0

    init(
        violations: [String], digest: UInt64 = 0, crashes: Int = 0, powerLosses: Int = 0,
        calls: Int = 0
    ) {
        self.violations = violations
        self.digest = digest
        self.crashes = crashes
        self.powerLosses = powerLosses
        self.calls = calls
    }

    var text: String {
        (["\(digest) \(crashes) \(powerLosses) \(calls)"] + violations).joined(separator: "\n")
    }

    /// Nil for a process that ended before it could tell.
    init?(_ text: String) {
        let lines = text.split(separator: "\n").map(String.init)
        let numbers = lines.first?.split(separator: " ").compactMap { UInt64($0) } ?? []
        guard numbers.count == 4 else { return nil }
        self.init(
            violations: Array(lines.dropFirst()), digest: numbers[0], crashes: Int(numbers[1]),
            powerLosses: Int(numbers[2]), calls: Int(numbers[3]))
    }
}
