import AuditLog
import OrderedJSON
import SkyPay

/// Sends rows that are no payouts. It only performs: what may be sent is `nextStep`, what an answer
/// means is `classify`, and both are pure. The order is the promise: intent durable, then the
/// request; answer durable, then anything else.
struct RequestDispatcher: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let requests: RequestSource
    let answers: AnswerStore
    let policy: PayoutPolicy
    let workers: SendingWorkers
    let clock: any RunnerClock
    /// Renewed now and then while sending.
    var mark: SiteMark?
    /// Those that were cut go on before anything else.
    let reports = OpenReports()

    /// Sends what there is, as many at a time as `workers` allows, until nothing is left, the
    /// gate closes, or a stop is asked for. What is in flight is always finished.
    /// - Parameters:
    ///   - fileID: of this file alone; nil for every file.
    ///   - family: left for later; nil for none.
    ///   - actions: left for later.
    func dispatch(
        until stop: StopRequest, only fileID: String? = nil, without family: ActionFamily? = nil,
        leavingOut actions: Set<SkyPayAction> = []
    ) async throws -> SendingReport {
        let feed = RequestFeed(
            ledger: journal.ledger, policy: policy, clock: clock, only: fileID, without: family,
            leavingOut: actions, begun: try await begun(), mark: mark)
        return try await workers.run(until: stop) {
            try await feed.next()
        } send: {
            try await send($0, $1, until: stop)
        }
    }

    /// True while a request may be sent now.
    func hasWork(
        only fileID: String? = nil, without family: ActionFamily? = nil,
        leavingOut actions: Set<SkyPayAction> = []
    ) async throws -> Bool {
        try await RequestFeed(
            ledger: journal.ledger, policy: policy, clock: clock, only: fileID, without: family,
            leavingOut: actions, begun: begun()
        ).next() != nil
    }

    /// Rows whose report has more pages.
    private func begun() async throws -> [StoredRequest] {
        try await reports.rows.compactMap { try journal.ledger.request($0) }
    }

    /// The end of this process's work: what was read of reports goes with it. Reading changed nothing at
    /// SkyPay, so they are asked for anew, however often they were stopped; a crash before this makes it
    /// an attempt without an answer.
    func leaveReports() async throws {
        let drafts = try await begun().map { row in
            row.note(
                .unsent, batch: try requests.batch(ofFile: row.key.fileID),
                description: "stopped before its last page"
            ).draft(journal.author)
        }
        await reports.clear()
        if !drafts.isEmpty { try await journal.record(drafts) }
    }

    private func send(
        _ row: StoredRequest, _ gate: SendingGate, until stop: StopRequest
    ) async throws {
        let request = try requests.request(for: row, client: client)
        let batch = try requests.batch(ofFile: row.key.fileID)
        guard let intended = try await intend(row, request, batch) else { return }
        // If we crash here, or anywhere before the answer is recorded, the row is intended, and the
        // next start settles it: a question is asked again, an order asked about, a transfer held.
        FailPoint.reach(.intended)
        // Nothing: a report was cut, and is kept as far as it was read.
        guard let answered = try await perform(row, request, until: stop) else { return }
        FailPoint.reach(.sent)
        let meaning = intended.classify(answered.outcome, policy: policy)
        var fact = meaning.fact
        if fact == .answered(nil) { fact = .answered(try await keep(answered, row)) }
        var note = row.note(
            fact, batch: batch, code: meaning.code, description: meaning.description)
        note.note(answered.outcome)
        if case .answered(let answer) = answered.outcome, row.record.family == .barCode {
            note.reference = answer.fields.caseInsensitive("referenceNumber")?.scalarText
        }
        try await journal.record([note.draft(journal.author)])
        FailPoint.reach(.answered)
        await gate.note(
            meaning, to: request.action, of: row.record.family == .transfer ? row : nil)
    }

    /// The row with its intent durable; nil when something came in since it was read.
    private func intend(
        _ row: StoredRequest, _ request: PreparedRequest, _ batch: String
    ) async throws -> RequestRecord? {
        // A report that was cut.
        if row.record.state == .intended { return row.record }
        let attempt = row.record.attempts + 1
        var intent = row.note(.intended(attempt: attempt), batch: batch)
        intent.bodySHA256 = request.bodySHA256
        // As for payouts: what came in since the row was read is looked at first.
        let (key, record) = (row.key, row.record)
        let asRead = Journal.Premise(row: key) { try $0.request(key)?.record == record }
        guard try await journal.record([intent.draft(journal.author)], while: asRead) else {
            return nil
        }
        return try record.applying(.intended(attempt: attempt), at: clock.unixSeconds())
    }

    /// What came back, and the list where it was long.
    struct Answered: Sendable {
        var outcome: SendOutcome
        var list: StoredAnswer?
    }

    private func perform(
        _ row: StoredRequest, _ request: PreparedRequest, until stop: StopRequest
    ) async throws -> Answered? {
        if request.action == .getReportPayout || request.action == .getReportCollection {
            let reading = ReportReading(client: client, query: try requests.reportQuery(of: row))
            return try await reports.read(row.key, reading, into: answers, until: stop)
        }
        let outcome = await client.send(request)
        // An answer that lacks what was asked for is no answer.
        if case .answered(let answer) = outcome, answer.code == .success,
            let fault = AnswerShape.of(row.action)?.fault(in: answer.fields)
        {
            return Answered(outcome: .unknown(reason: fault))
        }
        return Answered(outcome: outcome)
    }

    /// Stores an answer; durable when this returns, and named by the event that follows.
    private func keep(_ answered: Answered, _ row: StoredRequest) async throws -> StoredAnswer? {
        if let list = answered.list { return list }
        guard case .answered(let answer) = answered.outcome,
            let shape = AnswerShape.of(row.action)
        else { return nil }
        guard shape.list != nil else {
            return try await answers.keep([shape.object(answer.fields)], of: row.key.fileID).first
        }
        let list = try answers.list(of: row.key)
        for entry in shape.entries(of: answer.fields) ?? [] { try list.add(entry) }
        return try list.finish()
    }
}

/// Gives the workers their requests: reports that were cut, those never sent in the order in which they
/// came, then those that are asked again; a page at a time.
actor RequestFeed {
    private let ledger: Ledger
    private let policy: PayoutPolicy
    private let clock: any RunnerClock
    private let fileID: String?
    private let left: ActionFamily?
    private let leftActions: Set<String>
    private let mark: SiteMark?
    private var begun: ArraySlice<StoredRequest>
    private var page: ArraySlice<StoredRequest> = []
    private var last: RequestPlace?
    private var states: ArraySlice<RequestState> = [.unsent, .unknown]

    init(
        ledger: Ledger, policy: PayoutPolicy, clock: any RunnerClock, only fileID: String?,
        without left: ActionFamily? = nil, leavingOut actions: Set<SkyPayAction> = [],
        begun: [StoredRequest] = [], mark: SiteMark? = nil
    ) {
        self.left = left
        self.begun = begun[...]
        leftActions = Set(actions.map(\.rawValue))
        self.mark = mark
        self.ledger = ledger
        self.policy = policy
        self.clock = clock
        self.fileID = fileID
    }

    /// The next request to send; nil when there is none. Each is given out once.
    func next() throws -> StoredRequest? {
        try mark?.renewWhenOld(following: ledger)
        while let row = begun.popFirst() {
            if fileID == nil || row.key.fileID == fileID { return row }
        }
        while true {
            while let row = page.popFirst() {
                guard fileID == nil || row.key.fileID == fileID else { continue }
                guard row.record.family != left, !leftActions.contains(row.action) else {
                    continue
                }
                let step = row.record.nextStep(now: clock.unixSeconds(), policy: policy)
                if step == .send { return row }
            }
            guard let state = states.first else { return nil }
            try mark?.renewWhenOld(following: ledger)
            let rows = try ledger.requestsToSend(in: state, after: last, limit: Self.pageRows)
            page = rows[...]
            last = rows.last.map { end($0) }
            if rows.count < Self.pageRows {
                states = states.dropFirst()
                last = nil
            }
        }
    }

    /// As for payouts: what is left out is passed over by files.
    private func end(_ row: StoredRequest) -> RequestPlace {
        guard leftActions.contains(row.action) else { return row.place }
        return RequestPlace(claimSequence: row.claimSequence, row: .max)
    }

    private static let pageRows = 500
}
