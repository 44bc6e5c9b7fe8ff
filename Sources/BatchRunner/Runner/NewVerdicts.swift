import GRDB

/// The verdicts after an event, by what they mean. A daemon reports when it stops: its whole life may lie
/// behind it then, so no file is read for this but what its exit code depends on.
struct NewVerdicts: Sendable, Equatable {
    /// The event of the last one.
    var last: UInt64
    /// Every kind there is among them, once.
    var kinds: [Kind]

    /// What one verdict's exit code depends on.
    struct Kind: Sendable, Hashable {
        /// Nil for one this program does not know.
        var verdict: FileVerdict?
        /// Of a callback: a counter reports a payment that is not booked.
        var isRaised = false
        /// Of a callback: its credentials were right, and it could be read.
        var isRead = false
    }
}

extension NewVerdicts.Kind {
    /// What it means for the exit code. Wrong credentials and what cannot be read are refused files; a
    /// payment that a counter reports and that is not booked is for a person.
    var statuses: [ExitStatus] {
        switch verdict {
        case .rejected, .quarantined: [.fileRejected]
        case .partial: [.rowsRefused]
        case .answered: isRaised ? [.rowsOpen] : isRead ? [] : [.fileRejected]
        case .accepted, .duplicate, nil: []
        }
    }
}

extension Ledger {
    /// The verdicts given after this event; nil when there are none.
    func verdicts(after sequence: UInt64) throws -> NewVerdicts? {
        try database.read { database in
            let last = try Int64.fetchOne(
                database, kept: "SELECT MAX(verdictSequence) FROM files WHERE verdictSequence > ?",
                arguments: [Int64(sequence)])
            guard let last else { return nil }
            let kinds = try Row.fetchAll(
                database, kept: Self.verdictKinds, arguments: [Int64(sequence)])
            return NewVerdicts(
                last: UInt64(last),
                kinds: kinds.map { row in
                    let verdict: String? = row["verdict"]
                    return NewVerdicts.Kind(
                        verdict: verdict.flatMap(FileVerdict.init(rawValue:)),
                        isRaised: row["raised"], isRead: row["readable"])
                })
        }
    }

    /// Which kinds of verdicts there are, a handful at most, however many files: SQLite keeps those found,
    /// and nothing of the files. A field is true where JSON says `true`, and nothing else is.
    private static let verdictKinds = """
        SELECT DISTINCT verdict,
            verdict IS 'answered' AND json_type(details, '$.raised') IS 'true' AS raised,
            verdict IS 'answered' AND json_type(details, '$.verified') IS 'true'
                AND json_type(details, '$.malformed') IS NOT 'true' AS readable
        FROM files WHERE verdictSequence > ?
        """
}
