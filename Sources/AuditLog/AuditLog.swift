import DurableFiles

/// A tamper-evident, append-only log with one writer (docs/audit-log-format.md).
///
/// Callers that come while a commit is being synced gather and share the next one; numbers follow
/// the order of calls; `append` returns once its events are durable.
public actor AuditLog {
    private let writer: LogWriter
    private let rules: DraftRules
    private let protection: PersonalData
    /// The same with the key of the month: sealing may make one, which is the owner's work.
    private var sealing: PersonalData
    private let clock: any AuditClock
    private let queue: CommitQueue

    /// Events that are durable.
    public var size: UInt64 { queue.size }

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
        let writer = LogWriter()
        let keyLayout = KeyLayout(directory: keys)
        try PseudonymKey.makeWhenNew(keyLayout)
        let (size, description) = try await writer.open(
            LogLayout(directory: directory), keyLayout, options, clock, files)
        let rules = DraftRules(
            reservedPrefixes: description.reservedPrefixes, owned: Set(options.ownerOf),
            secretFields: FieldNames(description.secretFields))
        return AuditLog(
            writer, CommitQueue(size: size, limitEvents: options.commitLimitEvents), rules,
            try PersonalData(description, keyLayout), clock)
    }

    private init(
        _ writer: LogWriter, _ queue: CommitQueue, _ rules: DraftRules,
        _ personalData: PersonalData, _ clock: any AuditClock
    ) {
        self.writer = writer
        self.queue = queue
        self.rules = rules
        protection = personalData
        sealing = personalData
        self.clock = clock
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
        for draft in drafts {
            let draft = try await protected(draft)
            prepared.append(PreparedDraft(draft: draft, tail: try rules.check(draft)))
        }
        return try await record(prepared)
    }

    private nonisolated func protected(
        _ draft: EventDraft
    ) async throws(AuditLogError) -> EventDraft {
        if protection.seals { return try await sealed(draft) }
        var protection = protection
        return try protection.protect(draft, clock: clock)
    }

    private func sealed(_ draft: EventDraft) throws(AuditLogError) -> EventDraft {
        try sealing.protect(draft, clock: clock)
    }

    /// The pseudonym under which this account or identity number stands in events, for the owner's
    /// own fields.
    public func pseudonym(of value: String) -> String {
        protection.pseudonyms.pseudonym(of: value)
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
