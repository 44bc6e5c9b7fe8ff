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

    /// Folds what `ledger` lacks, up to but without event `end`; everything there is when nil.
    /// A crash in between leaves a ledger that is behind; the same call goes on.
    /// - Throws: what `progress` throws, `InvariantViolation` for what cannot be folded.
    func fold(into ledger: Ledger, upTo end: UInt64? = nil) throws {
        let next = try ledger.nextSequence()
        var group: [Event] = []
        do {
            try AuditReader(directory: audit).forEach(from: next) { event in
                if let end, event.sequence >= end { throw Enough() }
                group.append(event)
                guard group.count == Self.groupEvents else { return }
                try ledger.apply(group, rows: rows)
                group.removeAll(keepingCapacity: true)
                try progress(event.sequence + 1)
            }
        } catch is Enough {}
        try ledger.apply(group, rows: rows)
        try progress(try ledger.nextSequence())
    }

    private struct Enough: Error {}
}
