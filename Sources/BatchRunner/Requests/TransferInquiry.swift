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
            if let reason = try await ask(about: transfer) { return reason }
        }
        return nil
    }

    /// Asks about one, whoever wants to know; the caller has seen to the pauses. Returns why nothing was
    /// learned, nil when SkyPay answered or no answer could tell.
    func ask(about transfer: StoredRequest) async throws -> String? {
        guard let match = try match(transfer) else { return nil }
        let days = match.days
        switch await client.notifications(
            from: days.from, through: days.through, statementTypes: [3])
        {
        case .list(let notices):
            try await record(transfer, match, notices)
            return nil
        case .refused(let answer):
            return try await unanswered(transfer, "SkyPay answered \(answer.code.rawValue)")
        case .unknown(let reason): return try await unanswered(transfer, reason)
        case .certainlyNotSent(let reason): return reason
        }
    }

    /// It counts as asked, so that others have their turn before it is asked about again.
    private func unanswered(_ transfer: StoredRequest, _ reason: String) async throws -> String {
        let note = transfer.note(
            .unanswered, batch: try requests.batch(ofFile: transfer.key.fileID),
            description: reason, source: "query")
        try await journal.record([note.draft(journal.author)])
        return reason
    }

    private func match(_ transfer: StoredRequest) throws -> TransferMatch? {
        let fields = try requests.fields(of: transfer)
        guard let from = fields["transferFrom"]?.stringValue,
            let to = fields["transferTo"]?.stringValue, let amount = transfer.amount,
            let sentAt = transfer.record.lastSentAt
        else { return nil }
        return TransferMatch(from: from, to: to, amount: amount, sentAt: sentAt)
    }

    private func record(
        _ transfer: StoredRequest, _ match: TransferMatch, _ notices: [FinanceNotification]
    ) async throws {
        let batch = try requests.batch(ofFile: transfer.key.fileID)
        let asked = { (words: String) in
            transfer.note(
                .queried(unchanged: true), batch: batch, description: words, source: "query")
        }
        switch match.verdict(notices, isOnly: try isOnly(transfer, match)) {
        case .open(let words): try await journal.record([asked(words).draft(journal.author)])
        case .made(let reference, let time):
            var note = transfer.note(
                .confirmed, batch: batch, description: "notified as \(reference)", source: "query")
            note.reference = reference
            note.providerTime = time
            try await journal.record(
                [asked("notified as \(reference)"), note].map { $0.draft(journal.author) })
        }
    }

    /// No other transfer of ours that may have been made has its accounts and amount, and was sent
    /// so near that the notifications of either could be the other's.
    private func isOnly(_ transfer: StoredRequest, _ match: TransferMatch) throws -> Bool {
        let reach = TransferMatch.windowSeconds + TransferMatch.clockSkewSeconds
        return try journal.ledger.transfers(of: match.amount, since: match.sentAt - reach)
            .filter {
                $0.key != transfer.key && abs(($0.record.lastSentAt ?? 0) - match.sentAt) <= reach
            }
            .allSatisfy { other in
                guard let theirs = try self.match(other) else { return true }
                return theirs.from != match.from || theirs.to != match.to
            }
    }
}
