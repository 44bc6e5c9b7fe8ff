import AuditLog
import SkyPay

/// Takes a person's word about a held order, transfer or question: asks SkyPay where an answer could
/// tell, refuses what SkyPay contradicts, and records the rest. Nothing is sent again by it.
struct RequestResolutionDesk: Sendable {
    let journal: Journal
    let inquiry: StatusInquiry
    let transfers: TransferInquiry
    let clock: any RunnerClock

    func resolve(
        _ key: RowKey, as word: ResolvedRequest, _ resolution: Resolution
    ) async throws -> ResolutionReport {
        guard let row = try journal.ledger.request(key) else {
            return ResolutionReport(
                .usage, "there is no order, transfer or question \(key.text) here")
        }
        guard row.record.state == .held else {
            return .notHeld(key.text, row.record.state.word(for: row.action))
        }
        // Nobody has to be asked what SkyPay's own answer said.
        if word == .failed, row.isCertainlyUndone {
            return try await settle(row, word, resolution, nil)
        }
        if let early = try tooEarly(row) {
            guard let known = try known(row) else { return early }
            return try await settle(row, word, resolution, .payout(known))
        }
        let asked = try await ask(row)
        if let reason = asked.obstacle { return .notAnswered(reason) }
        return try await settle(row, word, resolution, asked.evidence)
    }

    /// The answer may have settled it by itself; otherwise the word is taken, or refused.
    /// - Parameter before: as it was before SkyPay was asked.
    private func settle(
        _ before: StoredRequest, _ word: ResolvedRequest, _ resolution: Resolution,
        _ evidence: RequestEvidence?
    ) async throws -> ResolutionReport {
        let key = before.key
        guard let row = try journal.ledger.request(key) else {
            throw InvariantViolation("a row of the ledger is gone")
        }
        guard row.record.state == .held else { return Self.learned(row, word) }
        // The answer may be older than a report that came meanwhile, and that will be asked about.
        guard row.record.reports == before.record.reports else {
            return .overtaken(row.record.state.rawValue)
        }
        let objection = RequestResolutionRule.objection(
            to: word, row.record.family, row.action, evidence, isUndone: row.isCertainlyUndone)
        if let objection { return .refused(objection) }
        var note = row.note(
            .resolved(word), batch: try inquiry.requests.batch(ofFile: key.fileID),
            description: resolution.reason, source: "operator")
        note.by = resolution.by
        let record = row.record
        let asJudged = Journal.Premise(row: key) { try $0.request(key)?.record == record }
        guard try await journal.record([note.draft(journal.author)], while: asJudged) else {
            return .overtaken(try journal.ledger.request(key)?.record.state.rawValue)
        }
        return ResolutionReport(
            .allDone, "resolved as \(word.rawValue)",
            state: word.state.word(for: row.action))
    }

    /// What SkyPay says, recorded; both nil where nothing at SkyPay could tell.
    private func ask(
        _ row: StoredRequest
    ) async throws -> (evidence: RequestEvidence?, obstacle: String?) {
        switch row.record.family {
        case .transfer:
            switch try await transfers.ask(about: row) {
            case .inVain(let reason): return (nil, reason)
            case .needless: return (nil, nil)
            case .answered(let mustBeMade): return (.notified(mustBeMade: mustBeMade), nil)
            }
        case .order:
            guard let number = row.number else { return (nil, nil) }
            switch try await inquiry.ask(aboutOrdersOf: number) {
            case .rows(let found): return (.payout(ResolutionEvidence(found)), nil)
            case .notAsked(let reason), .noInformation(let reason): return (nil, reason)
            }
        default: return (nil, nil)
        }
    }

    /// What SkyPay said of an order's payout when it was last asked about, if that was after the order: a
    /// payout that is asked about in each of its turns would leave no time in which a word may ask. Nothing
    /// where SkyPay has reported on the order since: that is to be asked about first.
    private func known(_ row: StoredRequest) throws -> ResolutionEvidence? {
        guard row.record.family == .order, !row.record.queryAsked, let number = row.number,
            let payout = try journal.ledger.row(controlNumber: number), payout.isPayout,
            let asked = payout.record.lastQueriedAt, asked > row.record.lastSentAt ?? 0
        else { return nil }
        return ResolutionEvidence(known: payout.record)
    }

    private func tooEarly(_ row: StoredRequest) throws -> ResolutionReport? {
        let (record, policy) = (row.record, inquiry.policy)
        let due: Int64
        switch record.family {
        case .order:
            guard let number = row.number else { return nil }
            due = try journal.ledger.mayBeAsked(about: number, sentAt: record.lastSentAt, policy)
        case .transfer:
            // Notifications are no question about a number: only our own pace counts.
            due = AskingTurn(
                sentAt: record.lastSentAt, queriedAt: record.lastQueriedAt,
                timesUnanswered: record.timesUnanswered, forward: true
            ).due(policy)
        default: return nil
        }
        return .tooEarly(due: due, now: clock.unixSeconds())
    }

    private static func learned(
        _ row: StoredRequest, _ word: ResolvedRequest
    ) -> ResolutionReport {
        let agrees = row.record.state == word.state
        let state = row.record.state.word(for: row.action)
        return ResolutionReport(
            agrees ? .allDone : .rowsOpen, "SkyPay knows it: it is \(state) now", state: state)
    }
}
