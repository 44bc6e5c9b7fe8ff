import AuditLog
import OrderedJSON
import SkyPay

/// Takes a person's word about a held payout: asks SkyPay, refuses what SkyPay contradicts, and records
/// the rest before anything else happens. Money that may have moved is never sent again by it.
struct ResolutionDesk: Sendable {
    let journal: Journal
    let inquiry: StatusInquiry
    let policy: PayoutPolicy
    let clock: any RunnerClock
    let requests: RequestSource
    let requestDesk: RequestResolutionDesk

    func resolve(_ resolution: Resolution) async throws -> ResolutionReport {
        switch resolution.word {
        case .payout(let number, let outcome):
            try await resolve(number, as: outcome, resolution)
        case .request(let key, let word):
            try await requestDesk.resolve(key, as: word, resolution)
        }
    }

    private func resolve(
        _ number: String, as outcome: ResolvedOutcome, _ resolution: Resolution
    ) async throws -> ResolutionReport {
        guard let row = try journal.ledger.row(controlNumber: number), row.isPayout else {
            return ResolutionReport(.usage, "there is no payout \(number) here")
        }
        guard row.record.state == .held else {
            return .notHeld(row.controlNumber, row.state)
        }
        let due = try journal.ledger.mayBeAsked(about: number, policy)
        if let early = ResolutionReport.tooEarly(due: due, now: clock.unixSeconds()) {
            return early
        }
        switch try await inquiry.ask(about: row) {
        case .notAsked(let reason), .noInformation(let reason):
            return .notAnswered(reason)
        case .rows(let found):
            return try await settle(outcome, resolution, row.key, found, row.record.reports)
        }
    }

    /// The answer may have settled the row by itself; otherwise the word is taken, or refused.
    /// - Parameter reports: so many had come before SkyPay was asked.
    private func settle(
        _ outcome: ResolvedOutcome, _ resolution: Resolution, _ key: RowKey,
        _ found: [PayoutStatusRow], _ reports: Int
    ) async throws -> ResolutionReport {
        guard let row = try journal.ledger.row(key) else {
            throw InvariantViolation("a row of the ledger is gone")
        }
        guard row.record.state == .held else { return Self.learned(row, outcome) }
        // The answer may be older than a report that came meanwhile, and that will be asked about.
        guard row.record.reports == reports else { return .overtaken(row.state) }
        let isInUse = row.isNumberOfOthers
        let isOthers = isInUse && !row.record.numberInUse && row.doubtDecrypted
        var judged = row.record
        // After a refusal in plain the send that found the number in use was perhaps not our first.
        judged.numberInUse = judged.numberInUse || isInUse && !row.doubtDecrypted
        // A refusal in plain may be anybody's: only one that came sealed proves that it was SkyPay's.
        judged.possiblySent = judged.possiblySent || !row.doubtDecrypted
        var amount: AmountEvidence?
        if let status = found.last, found.agree,
            ResolutionRule.asksForAmount(outcome, judged, isOthers: isOthers)
        {
            amount = try await ReportedAmounts(client: inquiry.client)
                .evidence(status, amount: row.amount)
        }
        let objection = ResolutionRule.objection(
            to: outcome, judged, ResolutionEvidence(found), isOthers: isOthers, amount: amount)
        if let objection { return .refused(objection) }
        let record = row.record
        let asJudged = Journal.Premise(row: key) { try $0.row(key)?.record == record }
        let drafts = try drafts(outcome, resolution, row)
        guard try await journal.record(drafts, while: asJudged) else {
            return .overtaken(row.state)
        }
        let state = try journal.ledger.row(key)?.state
        return ResolutionReport(
            .allDone, "resolved as \(outcome.rawValue)", state: state)
    }

    /// The word itself is what moves the row. What follows it repeats it for those who count accepted
    /// and paid payouts in the log, and moves nothing.
    private func drafts(
        _ outcome: ResolvedOutcome, _ resolution: Resolution, _ row: StoredRow
    ) throws -> [EventDraft] {
        let batch = try requests.batch(of: row)
        func note(_ fact: PayoutFact) -> PayoutNote {
            var note = row.note(
                fact, batch: batch, description: resolution.reason, source: "operator")
            note.by = resolution.by
            return note
        }
        let word = note(.resolved(outcome))
        guard outcome == .paid else { return [word.draft(journal.author)] }
        var accepted = note(.accepted)
        accepted.payee = try requests.payee(of: row)
        return [word, accepted, note(.paid)].map { $0.draft(journal.author) }
    }

    private static func learned(
        _ row: StoredRow, _ outcome: ResolvedOutcome
    ) -> ResolutionReport {
        let agrees = row.state == outcome.rawValue
        return ResolutionReport(
            agrees ? .allDone : .rowsOpen,
            "SkyPay knows it: it is \(row.state) now"
                + (agrees ? "" : ", and goes on as any other"), state: row.state)
    }
}

extension ResolutionEvidence {
    /// What the last answer said, as far as the ledger tells: found, and open. Nil where it does not.
    init?(known payout: PayoutRecord) {
        guard payout.state == .accepted, payout.timesUnanswered == 0, payout.timesNotFound == 0
        else { return nil }
        self = .status(.pending, isCancelled: false)
    }

    /// What one answer says.
    init(_ found: [PayoutStatusRow]) {
        guard let row = found.last else {
            self = .notFound
            return
        }
        self =
            found.agree
            ? .status(row.status, isCancelled: row.cancelTime != nil) : .contradictory
    }
}
