/// The rules in force, how often each has met a request, and the faults drawn from a seed.
struct FaultPlan: Sendable {
    private struct Entry {
        let rule: FaultRule
        var matches = 0
    }

    private var entries: [Entry]
    private var random: RandomFaults?
    /// Requests that met a fault.
    private(set) var met = 0

    init(_ rules: [FaultRule], random: RandomFaults? = nil) {
        entries = rules.map { Entry(rule: $0) }
        self.random = random
    }

    mutating func add(_ rules: [FaultRule]) { entries += rules.map { Entry(rule: $0) } }

    /// Ends every fault, those of a seed too.
    mutating func removeAll() {
        entries = []
        random = nil
    }

    /// The fault for this request. Every matching rule counts it; the first one due acts, or else
    /// the seed decides.
    mutating func take(action: String, numbers: [String]) -> FaultRule? {
        let due = take { rule in
            (rule.action == "*" || rule.action == action)
                && (rule.controlNumber.map { Self.isMeant(rule, $0, numbers) } ?? true)
        }
        let fault = due ?? random?.next(action)
        if fault != nil { met += 1 }
        return fault
    }

    /// A report's request names no number: the rule's stands for rows of the answer then.
    private static func isMeant(_ rule: FaultRule, _ number: String, _ numbers: [String]) -> Bool {
        numbers.contains(number) || (numbers.isEmpty && rule.kind.isOfLists)
    }

    /// The fault for a callback: only rules that name it, or else the seed.
    mutating func take(callback: String, number: String) -> FaultRule? {
        let due = take { rule in
            rule.action == callback && (rule.controlNumber.map { $0 == number } ?? true)
        }
        return due ?? random?.next(callback: callback)
    }

    private mutating func take(_ isMeant: (FaultRule) -> Bool) -> FaultRule? {
        var due: FaultRule?
        for index in entries.indices where isMeant(entries[index].rule) {
            let rule = entries[index].rule
            entries[index].matches += 1
            let range = rule.nth..<(rule.nth + rule.count)
            if due == nil, range.contains(entries[index].matches) { due = rule }
        }
        return due
    }
}
