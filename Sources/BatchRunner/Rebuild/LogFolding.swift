import AuditLog
import GRDB

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
    ///   are missing, and for a ledger that followed another log than this, or was made in the place of
    ///   one that did: it would pass over what this one tells, or never have known what was sent.
    @discardableResult
    func fold(into ledger: Ledger, upTo end: UInt64? = nil) throws -> String? {
        let reader = try AuditReader(directory: audit)
        let earlier = try followed(by: reader, ledger)
        let first = reader.firstRetained
        if first > 0, try ledger.nextSequence() == 0 {
            try SnapshotReading(reader: reader, first: first, progress: progress)
                .load(into: ledger, upTo: end)
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
        let reached = try ledger.nextSequence()
        if let earlier, earlier.next <= reached {
            // A crash before it: the next start looks once more.
            try ledger.database.write { try LedgerPlace.forgetEarlier($0) }
        }
        try progress(reached)
        return last
    }

    /// The place of the ledger that this one is made in the place of, held against the log before anything
    /// is folded: what was sent behind the end of a log that was put back would be sent again.
    private func followed(by reader: AuditReader, _ ledger: Ledger) throws -> LedgerPlace? {
        guard let earlier = try ledger.earlierPlace() else { return nil }
        guard try earlier.isReached(in: reader) else {
            try ledger.database.write { try LedgerPlace.refuseEarlier($0) }
            throw InvariantViolation(earlier.isAhead(of: reader.signedEvents))
        }
        return earlier
    }

    private struct Enough: Error {}
}

extension AuditReader {
    /// How many events the newest checkpoint covers, for people; a few more may lie behind it.
    var signedEvents: UInt64 { (try? publishedCheckpoint())?.size ?? 0 }
}
