import OrderedJSON

/// Holds every acknowledgement ever given against what the log says now.
struct AcknowledgedOracle {
    private(set) var sessions: [Producer.Session] = []

    /// The number for the next session's first event.
    var nextNumber: Int { sessions.last?.sent.upperBound ?? 0 }
    var acknowledgedCount: Int { sessions.reduce(0) { $0 + $1.acknowledged.count } }

    mutating func add(_ session: Producer.Session) { sessions.append(session) }

    /// What is wrong with these events, which are all the log has; empty when nothing is.
    func violations(_ events: [JSONValue]) -> [String] {
        var wrong: [String] = []
        for (place, event) in events.enumerated() where event["seq"]?.integerValue != place {
            return ["event \(place) is not numbered so"]
        }
        let numbers = events.compactMap { $0["data"]?["n"]?.integerValue }
        if zip(numbers, numbers.dropFirst()).contains(where: { $0 >= $1 }) {
            wrong.append("events are doubled or out of order")
        }
        for session in sessions {
            let kept = numbers.filter { session.sent.contains($0) }
            if kept != Array(session.sent.prefix(kept.count)) {
                wrong.append("of \(session.sent) one is missing before others")
            }
            for (number, sequence) in zip(session.sent, session.acknowledged)
            where sequence >= events.count || events[sequence]["data"]?["n"]?.integerValue != number
            {
                wrong.append("event \(number), acknowledged as \(sequence), is not there")
            }
        }
        if let last = numbers.last, last >= nextNumber { wrong.append("an event nobody sent") }
        return wrong
    }
}
