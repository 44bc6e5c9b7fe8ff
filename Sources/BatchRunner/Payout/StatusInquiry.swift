import AuditLog
import OrderedJSON
import SkyPay

/// Asks the provider about payouts: rows whose outcome is unknown, accepted ones until they are
/// final, orders until they are carried out or not, and senders' own questions; 50 numbers a call,
/// never sooner than the policy allows. Whoever waits for a number learns from every call that asks
/// about it.
struct StatusInquiry: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let policy: PayoutPolicy
    let clock: any RunnerClock
    let answers: AnswerStore
    let requests: RequestSource

    /// Asks about everything that is due now, then gives to a person what has been unknown for too
    /// long; in this order, or a site that runs once a night would hold every unknown row unasked.
    /// Returns why asking stopped early, nil when it did not.
    func ask(until stop: StopRequest) async throws -> String? {
        let obstacle = try await askAll(until: stop)
        guard !stop.isRequested else { return obstacle }
        try await holdExpired()
        try await holdExpiredRequests()
        return obstacle
    }

    private func askAll(until stop: StopRequest) async throws -> String? {
        while !stop.isRequested {
            let turn = try nextTurn()
            if turn.numbers.isEmpty { return nil }
            switch await client.queryStatus(turn.numbers) {
            case .noInformation(let reason): return reason
            case .rows(let found): try await record(turn, found)
            }
        }
        return nil
    }

    /// The numbers of one call, and the payouts among them that are due themselves.
    private struct Turn {
        var numbers: [String] = []
        var payouts: [String: StoredRow] = [:]
        var now: Int64
    }

    private func nextTurn() throws -> Turn {
        let (ledger, limit) = (journal.ledger, SkyPayClient.maxNumbersPerQuery)
        var turn = Turn(now: clock.unixSeconds())
        for row in try ledger.rowsToAsk(now: turn.now, policy: policy, limit: limit)
        where row.record.nextStep(now: turn.now, policy: policy) == .query {
            turn.payouts[row.controlNumber] = row
            turn.numbers.append(row.controlNumber)
        }
        // What is held comes last, so that it never keeps others waiting.
        for row in try ledger.settledRowsToAsk(now: turn.now, policy: policy, limit: limit)
        where turn.numbers.count < limit
            && row.record.nextStep(now: turn.now, policy: policy) == .query
        {
            turn.payouts[row.controlNumber] = row
            turn.numbers.append(row.controlNumber)
        }
        let orders = try ledger.ordersToAsk(now: turn.now, policy: policy, limit: limit)
            .filter { $0.record.nextStep(now: turn.now, policy: policy) == .query }
        let questions = try ledger.statusEnquiriesToAsk(
            now: turn.now, policy: policy, limit: limit)
        for number in (orders + questions).compactMap(\.number) where turn.numbers.count < limit {
            if !turn.numbers.contains(number) { turn.numbers.append(number) }
        }
        return turn
    }

    private func record(_ turn: Turn, _ found: [PayoutStatusRow]) async throws {
        let byNumber = Dictionary(grouping: found, by: \.controlNumber)
        var drafts: [EventDraft] = []
        for number in turn.numbers {
            let rows = byNumber[number] ?? []
            if let payout = try payout(number, turn, isFound: !rows.isEmpty) {
                drafts += try notes(payout, rows).map { $0.draft(journal.author) }
            }
            for request in try journal.ledger.requestsAbout(number) {
                drafts += try await notes(request, rows, turn.now).map {
                    $0.draft(journal.author)
                }
            }
        }
        try await journal.record(drafts)
    }

    /// The payout that learns from an answer: one that is due, or one that was asked about for
    /// somebody else and found. "Not found" out of its turn says nothing about it.
    private func payout(_ number: String, _ turn: Turn, isFound: Bool) throws -> StoredRow? {
        if let due = turn.payouts[number] { return due }
        guard isFound, let row = try journal.ledger.row(controlNumber: number) else { return nil }
        switch row.record.state {
        case .unknown, .accepted: return row
        case .held: return row.record.possiblySent ? row : nil
        default: return nil
        }
    }

    private func notes(_ row: StoredRow, _ found: [PayoutStatusRow]) throws -> [PayoutNote] {
        let batch = try requests.batch(of: row)
        guard let status = found.last else {
            return [
                row.note(
                    .queried(found: false), batch: batch, description: "not found",
                    source: "query")
            ]
        }
        // One answer that says two things about a number says nothing: ask again.
        guard found.agree else {
            return [
                row.note(
                    .queried(found: true), batch: batch, description: Self.contradiction,
                    source: "query")
            ]
        }
        return try StatusMeaning.facts(
            for: row.record, status, isOurs: !row.isNumberOfOthers
        ).map { fact in
            var note = row.note(
                fact, batch: batch, description: status.statusDescription ?? "", source: "query")
            note.reference = status.reference
            if fact == .accepted {
                note.payee = try requests.payee(of: row)
            } else {
                note.providerTime = status.payTime ?? status.cancelTime
            }
            return note
        }
    }

    private func notes(
        _ request: StoredRequest, _ found: [PayoutStatusRow], _ now: Int64
    ) async throws -> [RequestNote] {
        let batch = try requests.batch(ofFile: request.key.fileID)
        guard request.record.family == .order else {
            return [try await answer(request, batch, found)]
        }
        guard found.agree else {
            return [
                request.note(
                    .queried(unchanged: false), batch: batch, description: Self.contradiction,
                    source: "query")
            ]
        }
        let status = found.last
        return OrderMeaning.facts(
            for: request.record, request.action, status, now: now, policy: policy
        ).map { finding in
            var note = request.note(
                finding.fact, batch: batch, description: finding.description, source: "query")
            note.reference = status?.reference
            if finding.fact == .confirmed { note.providerTime = status?.cancelTime }
            return note
        }
    }

    /// A sender's question: what SkyPay says, or that it does not know the number.
    private func answer(
        _ question: StoredRequest, _ batch: String, _ found: [PayoutStatusRow]
    ) async throws -> RequestNote {
        guard let status = found.last else {
            return question.note(
                .answered(nil), batch: batch, code: ReturnCode.success.rawValue,
                description: "not found", source: "query")
        }
        let stored = try await answers.keep([status.fields], of: question.key.fileID).first
        return question.note(
            .answered(stored), batch: batch, code: ReturnCode.success.rawValue,
            description: found.agree ? "" : Self.contradiction, source: "query")
    }

    private func holdExpired() async throws {
        while true {
            let now = clock.unixSeconds()
            let notes = try journal.ledger
                .rowsToHold(now: now, policy: policy, limit: SkyPayClient.maxNumbersPerQuery)
                .compactMap { row -> PayoutNote? in
                    guard let why = row.record.reasonToHold(now: now, policy: policy) else {
                        return nil
                    }
                    return row.note(
                        .held(possiblySent: true), batch: try requests.batch(of: row),
                        description: why, source: "query")
                }
            if notes.isEmpty { return }
            try await journal.record(notes.map { $0.draft(journal.author) })
        }
    }

    private func holdExpiredRequests() async throws {
        var last: RowKey?
        while true {
            let now = clock.unixSeconds()
            let rows = try journal.ledger.requestsToHold(after: last, limit: Self.groupRows)
            guard let end = rows.last else { return }
            last = end.key
            let notes = try rows.compactMap { row -> RequestNote? in
                guard let why = row.record.reasonToHold(now: now, policy: policy) else {
                    return nil
                }
                return row.note(
                    .held(possiblySent: true), batch: try requests.batch(ofFile: row.key.fileID),
                    description: why, source: "query")
            }
            if !notes.isEmpty {
                try await journal.record(notes.map { $0.draft(journal.author) })
            }
        }
    }

    private static let contradiction = "the answer contradicts itself"
    private static let groupRows = 500
}

extension [PayoutStatusRow] {
    /// One answer says one thing about a number.
    fileprivate var agree: Bool {
        allSatisfy {
            $0.status == first?.status && ($0.cancelTime == nil) == (first?.cancelTime == nil)
        }
    }
}

extension PayoutRecord {
    /// Why it goes to a person now, whether or not asking about it was possible; nil while it does
    /// not.
    fileprivate func reasonToHold(now: Int64, policy: PayoutPolicy) -> String? {
        if case .hold(let why) = nextStep(now: now, policy: policy) { return why }
        return isOverdue(now: now) ? Self.overdue : nil
    }
}

extension RequestRecord {
    /// As for payouts.
    fileprivate func reasonToHold(now: Int64, policy: PayoutPolicy) -> String? {
        if case .hold(let why) = nextStep(now: now, policy: policy) { return why }
        return isOverdue(now: now) ? PayoutRecord.overdue : nil
    }
}
