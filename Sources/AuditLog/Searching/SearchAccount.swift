public import OrderedJSON

/// What a search read, what it left out, and why that hides nothing.
public struct SearchAccount: Sendable, Equatable {
    /// A segment that was read although it is sealed.
    public struct Unindexed: Sendable, Equatable {
        /// Its first event.
        public var first: UInt64
        /// Why its index was not used.
        public var reason: String
    }

    /// Events given.
    public internal(set) var found = 0
    /// Events read, and the members they lie in.
    public internal(set) var eventsScanned: UInt64 = 0
    /// Members read.
    public internal(set) var membersScanned = 0
    /// Of those, members of the segment that is open and has no index yet.
    public internal(set) var membersOpen = 0
    /// Members left out: an index bound under the signed tree says that nothing sought is in them.
    public internal(set) var membersSkipped = 0
    /// Sealed segments without an index that may be believed.
    public internal(set) var unindexed: [Unindexed] = []
    /// Events below this were removed after their retention time and cannot be found.
    public internal(set) var retained: UInt64 = 0
    /// True when the limit ended the search: more may be there.
    public internal(set) var isCutShort = false
    /// Conditions that no index knows, so that every member had to be read.
    public internal(set) var isFullScan = false

    /// The account as JSON.
    public var json: JSONValue {
        [
            "found": .number(String(found)), "eventsScanned": .number(String(eventsScanned)),
            "membersScanned": .number(String(membersScanned)),
            "membersOpen": .number(String(membersOpen)),
            "membersSkipped": .number(String(membersSkipped)),
            "unindexed": .array(
                unindexed.map {
                    ["first": .number(String($0.first)), "reason": .string($0.reason)]
                }),
            "retained": .number(String(retained)), "isCutShort": .boolean(isCutShort),
            "isFullScan": .boolean(isFullScan),
        ]
    }

    /// What "not found" rests on, in words; empty when something was found.
    /// - Parameter verified: a verification of the whole log that found nothing amiss; nil when none
    ///   was run.
    public func verdict(_ verified: VerificationReport?) -> [String] {
        if found > 0 { return [] }
        guard let verified else {
            return [
                "not found; that is not proved: events could have been removed or altered "
                    + "(--complete verifies the whole log first)"
            ]
        }
        return [
            "not found among the \(verified.size) events of the log, which was verified in this call: "
                + "every event read, its tree and signatures right, every index made anew and equal"
        ] + verified.notProved.map { "not proved: \($0)" }
    }

    /// The account as lines for people.
    public var lines: [String] {
        var scanned = "scanned \(eventsScanned) events in \(membersScanned) members"
        if membersOpen > 0 { scanned += " (\(membersOpen) of the open segment, not yet indexed)" }
        if membersSkipped > 0 {
            scanned += "; skipped \(membersSkipped) members by indexes bound under the signed tree"
        } else {
            scanned += "; skipped none"
        }
        var lines = ["\(scanned); found \(found)"]
        if isFullScan { lines.append("no index knows these conditions: everything was read") }
        lines += unindexed.map { "segment \($0.first) was read whole: \($0.reason)" }
        if retained > 0 { lines.append("events below \(retained) were removed after their time") }
        if isCutShort { lines.append("stopped at the limit: more may be there") }
        return lines
    }
}
