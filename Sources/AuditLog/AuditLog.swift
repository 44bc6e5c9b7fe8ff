import DurableFiles
import Locks

/// A tamper-evident, append-only log with one writer (docs/audit-log-format.md).
///
/// Callers that come while a commit is being synced gather and share the next one; numbers follow
/// the order of calls; `append` returns once its events are durable.
public actor AuditLog {
    let writer: LogWriter
    let rules: DraftRules
    /// Replaces personal values; in a lock, since callers use it side by side and its pseudonym key
    /// can be shredded.
    private let protection: Locked<PersonalData>
    /// The same with the key of the month: sealing may make one, which is the owner's work.
    var sealing: PersonalData
    let clock: any AuditClock
    let layout: LogLayout
    let keyLayout: KeyLayout
    let options: OpenOptions
    let description: LogDescription
    /// One removal at a time (`retire`).
    var isRetiring = false
    /// A removal has looked at the holds for the last time: none may be placed until it is done.
    var isRemoving = false
    /// Holds that are promised to nobody yet: their events may not be durable.
    var holdsUnderWay = 0
    private let queue: CommitQueue

    /// Events that are durable.
    public var size: UInt64 { queue.size }

    /// The root verification key, as log.json names it. For whoever was not told of it when the log was
    /// made, and keeps it elsewhere from now on: no log proves itself by the key it brings along.
    public nonisolated var rootKey: String { description.rootKey.text }

    /// Makes a log and its key; returns the root verification key, which is to be kept elsewhere.
    /// A crash in here is mended by calling it again. Throws code `exists` when there is a log,
    /// `refused` for a report profile that no report could read.
    public static func create(
        at directory: String, keys: String, options: CreationOptions,
        clock: any AuditClock = SystemAuditClock()
    ) throws(AuditLogError) -> String {
        // Before anything is made: log.json cannot be changed afterwards.
        if let profile = options.reportProfile { _ = try ReportProfile(profile) }
        return try LogCreation(
            layout: LogLayout(directory: directory), keys: KeyLayout(directory: keys),
            options: options, clock: clock
        ).run()
    }

    /// True once `create` has ended: the log has a checkpoint.
    public static func exists(at directory: String) -> Bool {
        DurableFiles.exists(LogLayout(directory: directory).checkpoint)
    }

    /// Opens for writing: mends a torn tail, records `auditlog.opened`, signs a checkpoint.
    /// - Throws: `damaged`, `rolledBack`, `locked`, `missing`, `key`, `file` or `stopped`.
    public static func open(
        at directory: String, keys: String, options: OpenOptions,
        clock: any AuditClock = SystemAuditClock()
    ) async throws(AuditLogError) -> AuditLog {
        try await open(
            at: directory, keys: keys, options: options, clock: clock, files: SystemLogFiles())
    }

    static func open(
        at directory: String, keys: String, options: OpenOptions, clock: any AuditClock,
        files: any LogFiles
    ) async throws(AuditLogError) -> AuditLog {
        let writer = LogWriter(on: options.executor)
        let (layout, keyLayout) = (LogLayout(directory: directory), KeyLayout(directory: keys))
        try PseudonymKey.makeWhenNew(keyLayout)
        let (size, description) = try await writer.open(layout, keyLayout, options, clock, files)
        let log = AuditLog(
            writer, CommitQueue(size: size, limitEvents: options.commitLimitEvents), description,
            layout, keyLayout, options, clock, try PersonalData(description, keyLayout))
        try await log.finishInterrupted()
        return log
    }

    private init(
        _ writer: LogWriter, _ queue: CommitQueue, _ description: LogDescription,
        _ layout: LogLayout, _ keyLayout: KeyLayout, _ options: OpenOptions,
        _ clock: any AuditClock, _ personalData: PersonalData
    ) {
        self.writer = writer
        self.queue = queue
        self.description = description
        (self.layout, self.keyLayout, self.options, self.clock) =
            (layout, keyLayout, options, clock)
        protection = Locked(personalData)
        sealing = personalData
        rules = DraftRules(
            reservedPrefixes: description.reservedPrefixes, owned: Set(options.ownerOf),
            secretFields: FieldNames(description.secretFields))
    }

    /// What a crash cut short beside the log itself: keys being destroyed, segments being removed.
    private func finishInterrupted() async throws(AuditLogError) {
        try await finishShredding()
        try SegmentRemoval.finish(layout)
    }

    /// Records events, all of a call or none, side by side in the order given. Values of personal
    /// fields are replaced by mask and pseudonym first (`PersonalValue`).
    /// - Throws: `refused` for this call only; `key` when a value could not be sealed, likewise;
    ///   `stopped` for good after a failed write; `closed`.
    public nonisolated func append(_ drafts: [EventDraft]) async throws(AuditLogError) -> [Event] {
        // Judged and written out by the callers, side by side: what the owner of the order does for
        // one event, all others wait for.
        var prepared: [PreparedDraft] = []
        prepared.reserveCapacity(drafts.count)
        let protection = protection.withLock { $0 }
        for draft in drafts {
            let draft = try await protected(draft, by: protection)
            prepared.append(PreparedDraft(draft: draft, tail: try rules.check(draft)))
        }
        return try await record(prepared)
    }

    private nonisolated func protected(
        _ draft: EventDraft, by protection: PersonalData
    ) async throws(AuditLogError) -> EventDraft {
        var protection = protection
        if protection.seals { return try await sealed(draft) }
        return try protection.protect(draft, clock: clock)
    }

    private func sealed(_ draft: EventDraft) throws(AuditLogError) -> EventDraft {
        try sealing.protect(draft, clock: clock)
    }

    /// The pseudonym under which this account or identity number stands in events, for the owner's
    /// own fields.
    public func pseudonym(of value: String) -> String {
        sealing.pseudonyms.pseudonym(of: value)
    }

    /// From now on pseudonyms come from another key.
    func use(_ key: PseudonymKey) {
        protection.withLock { $0.pseudonyms = key }
        sealing.pseudonyms = key
    }

    /// Records events of the log's own types, which nobody else may append.
    nonisolated func record(own drafts: [EventDraft]) async throws(AuditLogError) -> [Event] {
        try await record(drafts.map { PreparedDraft(draft: $0, tail: $0.tail) })
    }

    private nonisolated func record(
        _ prepared: [PreparedDraft]
    ) async throws(AuditLogError) -> [Event] {
        if prepared.isEmpty {
            if queue.isClosed { throw Self.closed }
            return []
        }
        let result = await withCheckedContinuation { continuation in
            let entry = CommitQueue.Entry(drafts: prepared, continuation: continuation)
            switch queue.add(entry) {
            case .first: Task { await writer.commitWaiting(queue) }
            case .behindOthers: break
            case .closed: entry.fail(Self.closed)
            }
        }
        return try result.get()
    }

    private static let closed = AuditLogError(.closed, "the log was closed")

    /// A signed checkpoint over every durable event.
    public func checkpoint() async throws(AuditLogError) -> SignedCheckpoint {
        try await writer.checkpoint()
    }

    /// Seals the open segment now: its archive, index and manifest are made, and the next epoch
    /// begins. Returns the checkpoint over the new segment's first events.
    /// - Throws: `stopped` for good when a write fails.
    @discardableResult
    public func seal() async throws(AuditLogError) -> SignedCheckpoint {
        if queue.isClosed { throw Self.closed }
        let checkpoint = try await writer.seal()
        queue.noteSize(checkpoint.size)
        return checkpoint
    }

    /// Ends the log cleanly after everything that waits; later calls throw `closed`.
    public func close() async throws(AuditLogError) {
        guard queue.close() else { throw Self.closed }
        try await writer.close(queue)
    }
}
