/// The types of the runner's audit events. The log reserves their prefixes, so that nobody else can
/// append one (docs/audit-log-format.md, "Reserved types"). What each says: docs/events.md.
enum EventType: String, Sendable, CaseIterable {
    case fileClaimed = "file.claimed"
    case fileJudging = "file.judging"
    case fileQuarantined = "file.quarantined"
    case fileRejected = "file.rejected"
    case fileDuplicate = "file.duplicate"
    case batchAccepted = "batch.accepted"
    case callbackReceived = "callback.received"
    /// A callback.received that booked a payment at a counter, as a type of its own, so that
    /// reports count payouts by it.
    case callbackPaid = "callback.paid"
    /// A callback.received that booked money taken at a counter.
    case callbackCollected = "callback.collected"
    /// A registration's time is over.
    case callbackExpired = "callback.expired"
    case payoutIntended = "payout.intended"
    case payoutAccepted = "payout.accepted"
    case payoutRefused = "payout.refused"
    case payoutUnsent = "payout.unsent"
    case payoutUnknown = "payout.unknown"
    case payoutSuspended = "payout.suspended"
    case payoutHeld = "payout.held"
    case payoutQueried = "payout.queried"
    case payoutReported = "payout.reported"
    case payoutDisputed = "payout.disputed"
    case payoutResolved = "payout.resolved"
    case payoutPaid = "payout.paid"
    case payoutFailed = "payout.failed"
    case payoutCancelled = "payout.cancelled"
    case requestIntended = "batch.request-intended"
    case requestAccepted = "batch.request-accepted"
    case requestAnswered = "batch.request-answered"
    case requestRefused = "batch.request-refused"
    case requestUnsent = "batch.request-unsent"
    case requestUnknown = "batch.request-unknown"
    case requestSuspended = "batch.request-suspended"
    case requestHeld = "batch.request-held"
    case requestQueried = "batch.request-queried"
    case requestReported = "batch.request-reported"
    case requestConfirmed = "batch.request-confirmed"
    case requestFailed = "batch.request-failed"
    case requestResolved = "batch.request-resolved"
    case responsePrepared = "response.prepared"
    case responsePublished = "response.published"
    case keyChanged = "ledger.key-changed"
    case keyRetired = "ledger.key-retired"
    case keyExpiring = "ledger.key-expiring"
    case runFinished = "ledger.run-finished"
    /// The site was put back to an older state: what it does not know may have been sent.
    case ledgerRestored = "ledger.restored"
    /// Private copies that the log does not know are set aside: files of the time that was lost.
    case copiesSetAside = "ledger.copies-set-aside"
    /// A person said that it was only moved.
    case ledgerMoved = "ledger.moved"
    /// With whom the site works from here on.
    case accountNamed = "ledger.account"
    /// The ledger was compared with one made anew from the log.
    case ledgerChecked = "ledger.checked"
    /// A piece of the ledger as it stands, before old segments of the log go.
    case ledgerSnapshotPart = "ledger.snapshot-part"
    /// All its pieces are there: a ledger can be made from here on.
    case ledgerSnapshot = "ledger.snapshot"

    /// What `log.json` reserves for the runner, `auditlog.` being the log's own.
    static let reservedPrefixes = [
        "file.", "batch.", "payout.", "callback.", "ledger.", "response.",
    ]
}
