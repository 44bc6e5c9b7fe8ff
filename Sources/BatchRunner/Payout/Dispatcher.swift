import AuditLog
import OrderedJSON
import SkyPay

/// Sends rows. It only performs: what may be sent is `nextStep`, what an answer means is
/// `classify`, and both are pure. The order is the promise: intent durable, then the request;
/// answer durable, then anything else.
struct Dispatcher: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let requests: RequestSource
    let policy: PayoutPolicy
    let workers: SendingWorkers
    let clock: any RunnerClock
    /// Renewed now and then while sending.
    var mark: SiteMark?

    /// Sends what there is, as many at a time as `workers` allows, until nothing is left, the
    /// gate closes, or a stop is asked for. What is in flight is always finished.
    /// - Parameters:
    ///   - fileID: of this file alone; nil for every file.
    ///   - actions: left for later.
    func dispatch(
        until stop: StopRequest, only fileID: String? = nil,
        leavingOut actions: Set<SkyPayAction> = []
    ) async throws -> SendingReport {
        let feed = RowFeed(
            ledger: journal.ledger, policy: policy, clock: clock, only: fileID,
            leavingOut: actions, mark: mark)
        return try await workers.run(until: stop) {
            try await feed.next()
        } send: {
            try await send($0, $1)
        }
    }

    /// True while a row may be sent now.
    func hasWork(
        only fileID: String? = nil, leavingOut actions: Set<SkyPayAction> = []
    ) async throws -> Bool {
        try await RowFeed(
            ledger: journal.ledger, policy: policy, clock: clock, only: fileID,
            leavingOut: actions
        ).next() != nil
    }

    private func send(_ row: StoredRow, _ gate: SendingGate) async throws {
        let (request, payee) = try requests.request(for: row, client: client)
        let attempt = row.record.attempts + 1
        var intent = row.note(.intended(attempt: attempt), batch: try requests.batch(of: row))
        intent.bodySHA256 = request.bodySHA256
        intent.payee = payee
        // The row was read a page ago: what came in meanwhile is looked at first, in the next round.
        let (key, record) = (row.key, row.record)
        let asRead = Journal.Premise(row: key) { try $0.row(key)?.record == record }
        guard try await journal.record([intent.draft(journal.author)], while: asRead) else {
            return
        }
        // If we crash here, or anywhere before the answer is recorded, the row is intended, and the
        // next start makes it unknown: it is asked about, never assumed unsent.
        FailPoint.reach(.intended)
        let outcome = await client.send(request)
        FailPoint.reach(.sent)
        let intended = try row.record.applying(.intended(attempt: attempt), at: clock.unixSeconds())
        let meaning = intended.classify(
            outcome, policy: policy, inDoubt: !row.doubtDecrypted)
        var answer = row.note(meaning.fact, batch: try requests.batch(of: row))
        answer.code = meaning.code
        answer.description = meaning.description
        answer.note(outcome)
        if meaning.fact == .accepted { answer.payee = payee }
        try await journal.record([answer.draft(journal.author)])
        FailPoint.reach(.answered)
        await gate.note(meaning, to: request.action, of: row)
    }
}

/// How fast to send.
struct SendingLimits: Sendable {
    /// Requests without an answer at any moment.
    var requestsInFlight: Int
    /// Requests begun in a second; 0 is no limit.
    var requestsPerSecond: Int
}

extension StoredRow {
    /// A note on this row.
    func note(
        _ fact: PayoutFact, batch: String, code: String? = nil, description: String = "",
        source: String = "answer"
    ) -> PayoutNote {
        var note = PayoutNote(
            row: key, line: line, batch: batch, controlNumber: controlNumber, fact: fact,
            code: code,
            description: description, source: source)
        note.amount = amount
        return note
    }
}

/// Gives the workers their rows, in the order of files and lines, a page at a time.
actor RowFeed {
    private let ledger: Ledger
    private let policy: PayoutPolicy
    private let clock: any RunnerClock
    private let fileID: String?
    private let left: Set<SkyPayAction>
    private let mark: SiteMark?
    private var page: ArraySlice<StoredRow> = []
    private var last: RowKey?
    private var exhausted = false
    /// Of the file that was looked up last.
    private var known: (fileID: String, isLeft: Bool)?

    init(
        ledger: Ledger, policy: PayoutPolicy, clock: any RunnerClock, only fileID: String?,
        leavingOut left: Set<SkyPayAction> = [], mark: SiteMark? = nil
    ) {
        self.left = left
        self.mark = mark
        self.ledger = ledger
        self.policy = policy
        self.clock = clock
        self.fileID = fileID
    }

    /// The next row to send; nil when there is none. Each row is given out once.
    func next() throws -> StoredRow? {
        try mark?.renewWhenOld(following: ledger)
        while true {
            while let row = page.popFirst() {
                guard fileID == nil || row.key.fileID == fileID else { continue }
                guard try !isLeft(row.key.fileID) else { continue }
                let step = row.record.nextStep(now: clock.unixSeconds(), policy: policy)
                if step == .send { return row }
            }
            if exhausted { return nil }
            try mark?.renewWhenOld(following: ledger)
            let rows = try ledger.rowsToSend(after: last, limit: Self.pageRows)
            page = rows[...]
            last = try rows.last.map { try end($0.key) } ?? last
            exhausted = rows.count < Self.pageRows
        }
    }

    /// A file has one action: what is left out is passed over by files, however many rows they have.
    private func end(_ key: RowKey) throws -> RowKey {
        try isLeft(key.fileID) ? RowKey(fileID: key.fileID, row: .max) : key
    }

    private func isLeft(_ fileID: String) throws -> Bool {
        guard !left.isEmpty else { return false }
        if let known, known.fileID == fileID { return known.isLeft }
        let action = try ledger.action(ofFile: fileID).flatMap(SkyPayAction.init(rawValue:))
        let isLeft = action.map { left.contains($0) } ?? false
        known = (fileID, isLeft)
        return isLeft
    }

    private static let pageRows = 500
}
