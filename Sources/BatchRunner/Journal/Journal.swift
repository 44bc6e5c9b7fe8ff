import AuditLog
import OrderedJSON

/// The one durable stream of decisions: event durable in the audit log → folded into the ledger →
/// only then does the caller act. Owner of the audit log's writer and the only writer of the
/// ledger.
///
/// Callers that come while a commit is under way share the next one, so 64 rows in flight cost one
/// fdatasync, not 64.
actor Journal {
    nonisolated let ledger: Ledger
    nonisolated let author: EventAuthor
    private let log: AuditLog
    private let rows: Ledger.RowSource
    private var waiting: [Entry] = []
    private var pumping = false
    private var failure: (any Error)?
    /// When the newest event was recorded, as the log says; nil before the first one is seen.
    private(set) var newestTime: String?

    /// What a decision about rows rests on, asked again when its events' turn has come.
    struct Premise: Sendable {
        let rows: Set<RowKey>
        let holds: @Sendable (Ledger) throws -> Bool

        init(rows: Set<RowKey>, holds: @escaping @Sendable (Ledger) throws -> Bool) {
            self.rows = rows
            self.holds = holds
        }

        init(row: RowKey, holds: @escaping @Sendable (Ledger) throws -> Bool) {
            self.init(rows: [row], holds: holds)
        }
    }

    private struct Entry {
        let drafts: [EventDraft]
        let premise: Premise?
        let continuation: CheckedContinuation<[Event], any Error>
    }

    init(log: AuditLog, ledger: Ledger, author: EventAuthor, rows: @escaping Ledger.RowSource) {
        self.log = log
        self.ledger = ledger
        self.author = author
        self.rows = rows
    }

    /// Makes events durable and folds them. When this returns, both have happened; when it throws,
    /// the caller must not act. A failed write, sync or fold stops the journal for good.
    @discardableResult
    func record(_ drafts: [EventDraft]) async throws -> [Event] {
        try await enter(drafts, nil)
    }

    /// As `record`, if `premise` still holds when their turn has come: whatever is recorded before
    /// them has been folded by then. False, and nothing recorded, when it does not. An intent without
    /// this could become durable about a row that a callback has settled meanwhile; no start could
    /// ever fold it.
    func record(_ drafts: [EventDraft], while premise: Premise) async throws -> Bool {
        try await !enter(drafts, premise).isEmpty
    }

    private func enter(_ drafts: [EventDraft], _ premise: Premise?) async throws -> [Event] {
        if let failure { throw failure }
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Entry(drafts: drafts, premise: premise, continuation: continuation))
            if !pumping {
                pumping = true
                Task { await pump() }
            }
        }
    }

    /// One event of the runner's own.
    @discardableResult
    func record(
        _ type: EventType, outcome: Outcome = .success, subject: JSONObject = [:],
        data: JSONObject = [:]
    ) async throws -> Event {
        let draft = author.draft(type, outcome: outcome, subject: subject, data: data)
        guard let event = try await record([draft]).first else {
            throw InvariantViolation("the audit log acknowledged an event and did not return it")
        }
        return event
    }

    /// A signed checkpoint over everything recorded so far.
    func checkpoint() async throws -> SignedCheckpoint {
        if let failure { throw failure }
        return try await log.checkpoint()
    }

    /// Folds what the ledger lacks after a crash: the whole of recovery.
    func replay(_ directory: String) throws {
        let last = try LogFolding(audit: directory, rows: rows).fold(into: ledger)
        newestTime = last ?? newestTime
    }

    /// Removes the oldest segments of the log, once a snapshot of the ledger stands behind them
    /// (`LedgerSnapshot`).
    func retire(keeping time: KeepTime) async throws -> Retirement {
        if let failure { throw failure }
        return try await log.retire(keeping: time)
    }

    /// Ends the log cleanly.
    func close() async throws { try await log.close() }

    private func pump() async {
        while !waiting.isEmpty {
            let entries = waiting
            waiting = []
            await commit(entries)
        }
        pumping = false
    }

    private func commit(_ all: [Entry]) async {
        var entries = all
        do {
            if let failure { throw failure }
            entries = try admitted(all)
            if entries.isEmpty { return }
            let events: [Event]
            do {
                events = try await append(
                    entries.flatMap(\.drafts), ofOneCaller: entries.count == 1)
            } catch let error as AuditLogError where error.isRefusal && entries.count > 1 {
                // What one caller says must not fail the others: each by itself.
                for entry in entries { await commit([entry]) }
                return
            }
            newestTime = events.last?.time ?? newestTime
            // If we crash here the events are durable and the ledger lacks them: replay.
            FailPoint.reach(.recorded)
            try ledger.apply(events, areNew: true, rows: rows)
            var start = 0
            for entry in entries {
                let end = start + entry.drafts.count
                entry.continuation.resume(returning: Array(events[start..<end]))
                start = end
            }
        } catch {
            settle(entries, after: error)
        }
    }

    /// Those whose premise holds, before all others, so that nothing of their own group stands between
    /// the premise and them; of several about one row the first, and the next group has the others.
    /// Those whose premise does not hold are told that nothing was recorded.
    private func admitted(_ entries: [Entry]) throws -> [Entry] {
        var (first, others) = ([Entry](), [Entry]())
        var (late, void) = ([Entry](), [Entry]())
        var rows: Set<RowKey> = []
        for entry in entries {
            guard let premise = entry.premise else {
                others.append(entry)
                continue
            }
            if !rows.isDisjoint(with: premise.rows) {
                late.append(entry)
            } else if try premise.holds(ledger) {
                rows.formUnion(premise.rows)
                first.append(entry)
            } else {
                void.append(entry)
            }
        }
        waiting = late + waiting
        for entry in void { entry.continuation.resume(returning: []) }
        return first + others
    }

    /// The log refuses what could be card numbers, and text that is JSON with secrets in it. A provider's
    /// free text or a file's name must not stop the journal for that: it is recorded with those digits
    /// masked, or without the text; no text is left out for what another caller says.
    private func append(
        _ drafts: [EventDraft], ofOneCaller: Bool
    ) async throws -> [Event] {
        var drafts = drafts
        var safer: [(EventDraft) -> EventDraft] = [PersonalData.masked]
        if ofOneCaller { safer.append(PersonalData.withoutJSON) }
        while true {
            do {
                let events = try await log.append(drafts)
                guard events.count == drafts.count else {
                    throw InvariantViolation("the audit log acknowledged another number of events")
                }
                return events
            } catch let error as AuditLogError where error.isRefusal && !safer.isEmpty {
                drafts = drafts.map(safer.removeFirst())
            }
        }
    }

    /// A draft refused even so fails its group and changes nothing; anything else stops the
    /// journal.
    private func settle(_ entries: [Entry], after error: any Error) {
        let refused = (error as? AuditLogError)?.isRefusal ?? false
        if !refused, failure == nil { failure = error }
        for entry in entries { entry.continuation.resume(throwing: error) }
    }
}
