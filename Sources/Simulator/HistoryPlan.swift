/// What a history is made of besides its seed: everything, or what is left of a shortened one.
struct HistoryPlan: Equatable {
    /// What a history can do without.
    enum Part: String, CaseIterable {
        /// Requests and answers that get lost on the way.
        case network
        /// The provider's faults.
        case provider
        /// Calls on files that fail.
        case disk
        /// Ends of a process that take back what was not synced.
        case power
        /// Ledgers of an earlier day.
        case ledger
        /// The provider's reports.
        case callbacks
    }

    /// Lives of the runner in a whole history, before the one in which everything settles.
    static let wholeLives = 11
    /// Rows of a whole history.
    static let wholeRows = 100

    var seed: UInt64
    /// The numbers of the lives that are lived, in order.
    var lives = Array(0..<wholeLives)
    /// The numbers of the files that are dropped; nil for all.
    var files: [Int]?
    /// Rows of one file, at most.
    var rowsPerFile = wholeRows
    var without: Set<Part> = []
    /// The type of an event that counts as a violation: to find a shortest history that comes to it.
    var forbidden: String?

    init(seed: UInt64) { self.seed = seed }

    func has(_ part: Part) -> Bool { !without.contains(part) }

    /// The options that bring this history about again.
    var options: String {
        var text = "--seed \(seed)"
        if lives.count < Self.wholeLives { text += " --lives \(Self.list(lives))" }
        if let files { text += " --files \(Self.list(files))" }
        if rowsPerFile < Self.wholeRows { text += " --rows \(rowsPerFile)" }
        let parts = without.map(\.rawValue).sorted()
        if !parts.isEmpty { text += " --without " + parts.joined(separator: ",") }
        if let forbidden { text += " --forbid \(forbidden)" }
        return text
    }

    /// `0,3,4`, or `none`.
    private static func list(_ numbers: [Int]) -> String {
        numbers.isEmpty ? "none" : numbers.map(String.init).joined(separator: ",")
    }

    /// Reads such a list; nil for anything else.
    static func numbers(_ text: String) -> [Int]? {
        if text == "none" { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        return parts.contains(nil) ? nil : parts.compactMap { $0 }
    }

    /// Reads a list of parts; nil for anything else.
    static func parts(_ text: String) -> Set<Part>? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { Part(rawValue: String($0)) }
        return parts.contains(nil) ? nil : Set(parts.compactMap { $0 })
    }
}
