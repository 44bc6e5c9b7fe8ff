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
        guard row.record.state == .held else { return Self.notHeld(row) }
        if let early = tooEarly(row) { return early }
        let asked = try await ask(row)
        if let reason = asked.obstacle {
            return ResolutionReport(
                .providerUnavailable, "SkyPay has to be asked first, and did not answer: \(reason)",
                state: RequestState.held.rawValue)
        }
        return try await settle(key, word, resolution, asked.evidence)
    }

    /// The answer may have settled it by itself; otherwise the word is taken, or refused.
    private func settle(
        _ key: RowKey, _ word: ResolvedRequest, _ resolution: Resolution,
        _ evidence: ResolutionEvidence?
    ) async throws -> ResolutionReport {
        guard let row = try journal.ledger.request(key) else {
            throw InvariantViolation("a row of the ledger is gone")
        }
        guard row.record.state == .held else { return Self.learned(row, word) }
        let objection = RequestResolutionRule.objection(
            to: word, row.record.family, row.action, evidence)
        if let objection {
            return ResolutionReport(
                .rowsOpen, "not resolved: \(objection)", state: RequestState.held.rawValue)
        }
        var note = row.note(
            .resolved(word), batch: try inquiry.requests.batch(ofFile: key.fileID),
            description: resolution.reason, source: "operator")
        note.by = resolution.by
        let record = row.record
        let asJudged = Journal.Premise(row: key) { try $0.request(key)?.record == record }
        guard try await journal.record([note.draft(journal.author)], while: asJudged) else {
            return ResolutionReport(
                .rowsOpen,
                "not resolved: SkyPay reported on it just now; look at its status and try again",
                state: try journal.ledger.request(key)?.record.state.rawValue)
        }
        return ResolutionReport(
            .allDone, "resolved as \(word.rawValue)",
            state: word.state.word(for: row.action))
    }

    /// What SkyPay says, recorded; both nil where nothing at SkyPay could tell.
    private func ask(
        _ row: StoredRequest
    ) async throws -> (evidence: ResolutionEvidence?, obstacle: String?) {
        switch row.record.family {
        case .transfer: return (nil, try await transfers.ask(about: row))
        case .order:
            guard let number = row.number else { return (nil, nil) }
            switch try await inquiry.ask(aboutOrdersOf: number) {
            case .rows(let found): return (ResolutionEvidence(found), nil)
            case .notAsked(let reason), .noInformation(let reason): return (nil, reason)
            }
        default: return (nil, nil)
        }
    }

    /// SkyPay's pauses hold for people too: a hasty question is refused, and counts as asked.
    private func tooEarly(_ row: StoredRequest) -> ResolutionReport? {
        guard [.order, .transfer].contains(row.record.family) else { return nil }
        let turn = AskingTurn(
            sentAt: row.record.lastSentAt, queriedAt: row.record.lastQueriedAt,
            timesUnanswered: row.record.timesUnanswered, forward: true)
        let wait = turn.due(inquiry.policy) - clock.unixSeconds()
        guard wait > 0 else { return nil }
        return ResolutionReport(
            .rowsOpen,
            "SkyPay was asked about it, or got it, a short while ago: resolve it in \(wait) s",
            state: RequestState.held.rawValue)
    }

    private static func notHeld(_ row: StoredRequest) -> ResolutionReport {
        let state = row.record.state.word(for: row.action)
        return ResolutionReport(
            .usage, "\(row.key.text) is \(state): only what is held can be resolved", state: state)
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
