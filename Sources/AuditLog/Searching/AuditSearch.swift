import Glibc

extension AuditReader {
    /// Gives every matching event in order, or the newest first when the query says so.
    ///
    /// Members are left out only where an index that is bound under the signed tree says that nothing
    /// sought is in them; everything else is read, on all cores. Reads checksums and numbers, proves
    /// no signature of events: what was read is what the files hold (`Verifier` proves that).
    /// - Parameter key: the root verification key, kept elsewhere; nil takes the log's own.
    /// - Throws: what `found` throws; `damaged` where something that must be there cannot be read or
    ///   the key is not the log's.
    public func search(
        _ query: AuditQuery, key: VerificationKey? = nil, _ found: (Event) throws -> Void
    ) throws -> SearchAccount {
        let log = try description(key)
        // Everything this covers must be readable; behind it, a tail may be torn.
        let signed = (try? readCheckpoint(layout.checkpoint))?.size ?? 0
        let starts = try layout.segmentStarts()
        try checkFront(starts.first ?? 0)
        let plan = SearchPlan(layout, query, log, starts: starts)
        var run = SearchRun(query: query, signed: signed, account: plan.account)
        let units = query.isNewestFirst ? plan.units.reversed() : plan.units
        if units.isEmpty { return run.account }
        try OrderedWork.run(count: units.count, workers: SearchRun.workers) { place in
            Result { () throws(AuditLogError) in try units[place].read(query) }
        } take: { place, result in
            try run.take(units[place], result, found)
        }
        return run.account
    }

    /// What is missing at the front must have been removed after its retention time.
    private func checkFront(_ first: UInt64) throws(AuditLogError) {
        let retired = try first == 0 ? 0 : layout.manifest(before: first)?.next
        guard retired == first else {
            throw AuditLogError(
                .damaged, "the log starts at event \(first): the segments before it are missing")
        }
    }

    private func description(_ key: VerificationKey?) throws(AuditLogError) -> LogDescription {
        let log = try LogDescription.read(layout)
        guard let key, key != log.rootKey else { return log }
        throw AuditLogError(.damaged, "log.json: the log's key is not the key given")
    }
}

/// Takes the results of units in order.
struct SearchRun {
    let query: AuditQuery
    let signed: UInt64
    var account: SearchAccount
    /// A segment that was read in one piece because its units were not as planned.
    private var reread: UInt64?

    /// Threads that inflate and compare.
    static var workers: Int { max(1, min(8, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    init(query: AuditQuery, signed: UInt64, account: SearchAccount) {
        self.query = query
        self.signed = signed
        self.account = account
    }

    /// False when the limit is reached.
    mutating func take(
        _ unit: SearchUnit, _ result: Result<UnitResult, AuditLogError>,
        _ found: (Event) throws -> Void
    ) throws -> Bool {
        if reread == unit.segment { return true }
        var result = try result.get()
        if try !isWhole(unit, result) {
            result = try readAgain(unit)
            reread = unit.segment
        }
        account.eventsScanned += result.events
        account.membersScanned += result.members
        if unit.isOpen { account.membersOpen += result.members }
        for event in query.isNewestFirst ? result.found.reversed() : result.found {
            if let limit = query.limit, account.found >= limit {
                account.isCutShort = true
                return false
            }
            account.found += 1
            try found(event)
        }
        return true
    }

    private func isWhole(_ unit: SearchUnit, _ result: UnitResult) throws(AuditLogError) -> Bool {
        guard unit.next == nil else { return result.problem == nil }
        return result.next >= signed
    }

    /// Where a table of members led astray, the segment is read in one piece, front to back: from the
    /// unit's first event on, or up to its last when the newest come first. What cannot be read then
    /// is damage.
    private func readAgain(_ unit: SearchUnit) throws(AuditLogError) -> UnitResult {
        let segmentEnd = unit.segmentNext ?? .max
        let range =
            query.isNewestFirst
            ? unit.segment..<(unit.next ?? .max) : unit.first..<segmentEnd
        let file = try RangeFile(unit.path)
        let visitor = MatchingVisitor(query, first: unit.segment, within: range)
        let end = try SegmentScanner(file, from: 0, visitor: visitor, keepsTail: false).scan()
        if let next = unit.segmentNext {
            // A sealed segment is whole, or it is damaged.
            guard case .whole = end, visitor.result.next == next else {
                try AuditReader.check(end, reached: 0, next, file)
                return visitor.result
            }
        } else {
            try AuditReader.check(end, reached: visitor.result.next, signed, file)
        }
        return visitor.result
    }
}
