import AuditLog

/// Folds the audit log into a ledger up to a given event: what recovery does at every start, and what
/// a ledger made anew is made by.
struct LogFolding {
    /// The audit log's folder.
    let audit: String
    let rows: Ledger.RowSource
    /// Told the number of events folded, now and then.
    var progress: (UInt64) throws -> Void = { _ in }

    /// Events folded in one transaction.
    private static let groupEvents = 4_096

    /// Folds what `ledger` lacks, up to but without event `end`; everything there is when nil. An empty
    /// one of a log whose front is gone begins with the snapshot the log carries. A crash in between
    /// leaves a ledger that is behind; the same call goes on.
    /// - Returns: the time of the last event folded; nil when `ledger` lacked none.
    /// - Throws: what `progress` throws; `InvariantViolation` for what cannot be folded, for events that
    ///   are missing, and for a ledger that followed another log than this: it would pass over what
    ///   this one tells, and the same row would be sent again and again.
    @discardableResult
    func fold(into ledger: Ledger, upTo end: UInt64? = nil) throws -> String? {
        let reader = try AuditReader(directory: audit)
        let first = reader.firstRetained
        if first > 0, try ledger.nextSequence() == 0 {
            try SnapshotReading(reader: reader, first: first).load(into: ledger, upTo: end)
        }
        let place = try ledger.place()
        // The last event folded is read again, to see that it is still the one it was.
        var expected = place.next > first ? place.next - 1 : place.next
        guard expected >= first else {
            throw InvariantViolation(
                "the ledger has followed the audit log to event \(place.next), and the log begins at "
                    + "event \(first): bring back its older segments, or remove state/ledger.sqlite*: "
                    + "the next start makes a ledger from the snapshot in the log")
        }
        var group: [Event] = []
        var last: String?
        do {
            try reader.forEach(from: expected) { event in
                guard event.sequence == expected else {
                    throw InvariantViolation(
                        "the audit log goes on with event \(event.sequence) where \(expected) "
                            + "belongs: bring back the missing segments")
                }
                expected += 1
                if event.sequence < place.next {
                    guard place.isLast(event) else {
                        throw InvariantViolation(place.isAhead(of: place.next))
                    }
                    return
                }
                if let end, event.sequence >= end { throw Enough() }
                group.append(event)
                last = event.time
                guard group.count == Self.groupEvents else { return }
                try ledger.apply(group, rows: rows)
                group.removeAll(keepingCapacity: true)
                try progress(event.sequence + 1)
            }
        } catch is Enough {}
        guard expected >= place.next else {
            throw InvariantViolation(place.isAhead(of: expected))
        }
        try ledger.apply(group, rows: rows)
        try progress(try ledger.nextSequence())
        return last
    }

    private struct Enough: Error {}
}
