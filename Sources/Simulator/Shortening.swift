/// Looks for a shortest history that still breaks the same invariant: parts are left out one after
/// the other, and stay out when it is still broken without them.
struct Shortening {
    /// Histories tried at most.
    static let mostTries = 400

    /// The violations of a history.
    let run: (HistoryPlan) throws -> HistoryOutcome
    private let invariant: String
    private(set) var plan: HistoryPlan
    private(set) var outcome: HistoryOutcome
    private(set) var tries = 0

    /// - Parameter outcome: what the history at `plan` came to; at least one violation.
    init(
        _ plan: HistoryPlan, _ outcome: HistoryOutcome,
        run: @escaping (HistoryPlan) throws -> HistoryOutcome
    ) {
        self.plan = plan
        self.outcome = outcome
        self.run = run
        invariant = Self.invariant(outcome.violations.first ?? "")
    }

    /// `I3` of "I3: such and such".
    private static func invariant(_ violation: String) -> String {
        String(violation.prefix { $0 != ":" })
    }

    /// Leaves out what can be left out, until nothing can.
    mutating func shorten() throws {
        var before: HistoryPlan
        repeat {
            before = plan
            try shortenLives()
            for part in HistoryPlan.Part.allCases where plan.has(part) {
                try attempt { $0.without.insert(part) }
            }
            try shortenFiles()
            try shortenRows()
        } while plan != before && tries < Self.mostTries
    }

    private mutating func shortenLives() throws {
        if try attempt({ $0.lives = [] }) { return }
        // Those after the violation did nothing for it.
        let lived = outcome[.lives]
        if lived < plan.lives.count { try attempt { $0.lives = Array($0.lives.prefix(lived)) } }
        for life in plan.lives.reversed() { try attempt { $0.lives.removeAll { $0 == life } } }
    }

    private mutating func shortenFiles() throws {
        if plan.files == nil { plan.files = Array(0..<outcome[.plannedFiles]) }
        var size = max(1, (plan.files?.count ?? 0) / 2)
        while true {
            for start in stride(from: 0, to: plan.files?.count ?? 0, by: size).reversed() {
                try attempt { plan in
                    let all = plan.files ?? []
                    guard start < all.count else { return }
                    plan.files?.removeSubrange(start..<min(all.count, start + size))
                }
            }
            if size == 1 { return }
            size /= 2
        }
    }

    private mutating func shortenRows() throws {
        for rows in [1, 2, 3, 5, 8, 13, 21] where rows < plan.rowsPerFile {
            if try attempt({ $0.rowsPerFile = rows }) { return }
        }
    }

    @discardableResult
    private mutating func attempt(_ change: (inout HistoryPlan) -> Void) throws -> Bool {
        var shorter = plan
        change(&shorter)
        guard shorter != plan, tries < Self.mostTries else { return false }
        tries += 1
        let result = try run(shorter)
        guard result.violations.contains(where: { Self.invariant($0) == invariant }) else {
            return false
        }
        (plan, outcome) = (shorter, result)
        return true
    }
}
