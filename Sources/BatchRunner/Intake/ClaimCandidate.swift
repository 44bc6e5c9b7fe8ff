/// A file copied from the inbox but not yet claimed: the original is open, under lease where the
/// system grants one. One owner; `release` (or letting go of it) frees lease and descriptor.
final class ClaimCandidate {
    /// What to journal as `file.claimed`.
    let record: ClaimRecord
    /// What asking for a lease gave, for `doctor`.
    let lease: LeaseAnswer

    private var original: OpenOriginal?

    /// Bytes copied.
    var size: Int64 { record.identity.size }

    init(_ record: ClaimRecord, _ original: consuming OpenOriginal) {
        self.record = record
        lease = original.answer
        self.original = consume original
    }

    /// True while the original is as it was copied and no writer has come.
    var isUnchanged: Bool { original?.isUnchanged(record.identity) ?? false }

    /// True when the original, read again from its beginning, holds what was copied: for a candidate
    /// that was not read to be copied.
    var isWhatWasCopied: Bool { original?.contentSHA256() == record.sha256 }

    /// Frees lease and descriptor; safe to repeat.
    func release() { original = nil }
}
