import AuditLog
import OrderedJSON
import SkyPay

/// Asks for the notifications of transfers nobody knows about. A transfer is never sent again; what
/// SkyPay's notifications prove confirms it, everything else leaves it with a person.
struct TransferInquiry: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let policy: PayoutPolicy
    let clock: any RunnerClock
    let requests: RequestSource

    /// Transfers looked at in one round.
    static let maxTransfers = 50

    /// Asks about every held transfer that is due. Returns why it stopped early, nil when it did not.
    func ask(until stop: StopRequest) async throws -> String? {
        let now = clock.unixSeconds()
        let due = try journal.ledger.transfersToAsk(
            now: now, policy: policy, limit: Self.maxTransfers)
        for transfer in due where !stop.isRequested {
            guard transfer.record.nextStep(now: now, policy: policy) == .query else { continue }
            if case .inVain(let reason) = try await ask(about: transfer) { return reason }
        }
        return nil
    }

    /// What a question about one transfer came to.
    enum Asked: Sendable, Equatable {
        /// Why nothing was learned.
        case inVain(String)
        /// It was never sent, so no answer could tell.
        case needless
        /// SkyPay answered. `mustBeMade`: it notified so many transfers like it that this one is among
        /// them, whichever of them it is.
        case answered(mustBeMade: Bool)
    }

    /// Asks about one, whoever wants to know; the caller has seen to the pauses.
    func ask(about transfer: StoredRequest) async throws -> Asked {
        guard let match = try match(transfer) else { return .needless }
        let days = match.days
        switch await client.notifications(
            from: days.from, through: days.through, statementTypes: [3])
        {
        case .list(let notices):
            let others = try like(transfer, match)
            try await record(transfer, match.verdict(notices, isOnly: others.isEmpty))
            let mayBeMade = others.filter(\.mayHaveBeenMade).compactMap(\.record.lastSentAt)
            return .answered(mustBeMade: match.mustBeMade(notices, others: mayBeMade))
        case .refused(let answer):
            return try await unanswered(transfer, "SkyPay answered \(answer.code.rawValue)")
        case .unknown(let reason): return try await unanswered(transfer, reason)
        case .certainlyNotSent(let reason): return .inVain(reason)
        }
    }

    /// It counts as asked, so that others have their turn before it is asked about again.
    private func unanswered(_ transfer: StoredRequest, _ reason: String) async throws -> Asked {
        let note = transfer.note(
            .unanswered, batch: try requests.batch(ofFile: transfer.key.fileID),
            description: reason, source: "query")
        try await journal.record([note.draft(journal.author)])
        return .inVain(reason)
    }

    private func match(_ transfer: StoredRequest) throws -> TransferMatch? {
        let fields = try requests.fields(of: transfer)
        guard let from = fields["transferFrom"]?.stringValue,
            let to = fields["transferTo"]?.stringValue, let amount = transfer.amount,
            let sentAt = transfer.record.lastSentAt
        else { return nil }
        return TransferMatch(from: from, to: to, amount: amount, sentAt: sentAt)
    }

    /// A transfer that SkyPay could not read stays with the person: the notifications are of another one,
    /// such as one made by hand instead, and the log must not call this one made.
    private func record(
        _ transfer: StoredRequest, _ verdict: TransferMatch.Verdict
    ) async throws {
        let batch = try requests.batch(ofFile: transfer.key.fileID)
        let asked = { (words: String) in
            transfer.note(
                .queried(unchanged: true), batch: batch, description: words, source: "query")
        }
        switch verdict {
        case .open(let words): try await journal.record([asked(words).draft(journal.author)])
        case .made(let reference, _) where !transfer.record.mayBeLearned:
            try await journal.record([
                asked("notified as \(reference)").draft(journal.author)
            ])
        case .made(let reference, let time):
            var note = transfer.note(
                .confirmed, batch: batch, description: "notified as \(reference)", source: "query")
            note.reference = reference
            note.providerTime = time
            try await journal.record(
                [asked("notified as \(reference)"), note].map { $0.draft(journal.author) })
        }
    }

    /// The other transfers of ours that have its accounts and amount, and were sent so near that the
    /// notifications of either could be the other's: where there is one, none is taken for this one's.
    /// Those a person called failed are among them: the person may be wrong about which of two was made.
    private func like(
        _ transfer: StoredRequest, _ match: TransferMatch
    ) throws -> [StoredRequest] {
        let reach = TransferMatch.windowSeconds + TransferMatch.clockSkewSeconds
        return try journal.ledger.transfers(
            of: match.amount, since: match.sentAt - reach, withFailed: true
        ).filter { other in
            guard other.key != transfer.key,
                abs((other.record.lastSentAt ?? 0) - match.sentAt) <= reach
            else { return false }
            guard let theirs = try self.match(other) else { return true }
            return theirs.from == match.from && theirs.to == match.to
        }
    }
}

extension StoredRequest {
    /// A transfer that may be one of those notified. One that a person called failed is none: as many as
    /// SkyPay shows must be left.
    fileprivate var mayHaveBeenMade: Bool {
        record.state != .failed && record.state != .unsent
    }
}
