import AuditLog
import SkyPay

/// Asks the provider about rows whose outcome is unknown, and about accepted ones until they are
/// final: 50 numbers a call, never sooner than the policy allows.
struct StatusInquiry: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let policy: PayoutPolicy
    let clock: any RunnerClock
    let batchOf: @Sendable (StoredRow) throws -> String
    let payeeOf: @Sendable (StoredRow) throws -> Payee?

    /// Asks about everything that is due now. Returns why it stopped early, nil when it did not.
    func ask(until stop: StopRequest) async throws -> String? {
        try await holdExpired()
        while !stop.isRequested {
            let now = clock.unixSeconds()
            let rows = try journal.ledger
                .rowsToAsk(now: now, policy: policy, limit: SkyPayClient.maxNumbersPerQuery)
                .filter { $0.record.nextStep(now: now, policy: policy) == .query }
            if rows.isEmpty { return nil }
            switch await client.queryStatus(rows.map(\.controlNumber)) {
            case .noInformation(let reason): return reason
            case .rows(let found): try await record(rows, found)
            }
        }
        return nil
    }

    private func record(_ rows: [StoredRow], _ found: [PayoutStatusRow]) async throws {
        let byNumber = Dictionary(grouping: found, by: \.controlNumber)
        let recorded = try rows.flatMap { try notes($0, byNumber[$0.controlNumber] ?? []) }
        try await journal.record(recorded.map { $0.draft(journal.author) })
    }

    private func notes(_ row: StoredRow, _ answers: [PayoutStatusRow]) throws -> [PayoutNote] {
        let batch = try batchOf(row)
        guard let status = answers.last else {
            return [
                row.note(
                    .queried(found: false), batch: batch, description: "not found",
                    source: "query")
            ]
        }
        // One answer that says two things about a number says nothing: ask again.
        guard answers.allSatisfy({ $0.status == status.status }) else {
            return [
                row.note(
                    .queried(found: true), batch: batch,
                    description: "the answer contradicts itself", source: "query")
            ]
        }
        return try StatusMeaning.facts(for: row.record, status).map { fact in
            var note = row.note(
                fact, batch: batch, description: status.statusDescription ?? "", source: "query")
            note.reference = status.reference
            if fact == .accepted {
                note.payee = try payeeOf(row)
            } else {
                note.providerTime = status.payTime ?? status.cancelTime
            }
            return note
        }
    }

    private func holdExpired() async throws {
        while true {
            let now = clock.unixSeconds()
            let notes = try journal.ledger
                .rowsToHold(now: now, policy: policy, limit: SkyPayClient.maxNumbersPerQuery)
                .compactMap { row -> PayoutNote? in
                    guard case .hold(let why) = row.record.nextStep(now: now, policy: policy)
                    else { return nil }
                    return row.note(
                        .held(possiblySent: true), batch: try batchOf(row), description: why,
                        source: "query")
                }
            if notes.isEmpty { return }
            try await journal.record(notes.map { $0.draft(journal.author) })
        }
    }
}

/// What a found number means (`skypay-api.md §2`, payoutQueryStatus). Pure.
enum StatusMeaning {
    /// The facts to record, in order; the first is always that it was asked about and found.
    static func facts(for record: PayoutRecord, _ status: PayoutStatusRow) -> [PayoutFact] {
        var facts: [PayoutFact] = [.queried(found: true)]
        if record.state == .unknown {
            // -1008 on a repeat: finding the number does not prove that it carries our amount.
            if record.numberInUse { return facts + [.held(possiblySent: true)] }
            facts.append(.accepted)
        }
        switch status.status {
        case .completed: facts.append(.paid)
        case .failed: facts.append(.failed)
        case .cancelled where status.cancelTime != nil: facts.append(.cancelled)
        default: break
        }
        return facts
    }
}

extension PayoutStatusRow {
    /// SkyPay's reference for the payout, whichever of its two names it came under.
    var reference: String? { referenceNo ?? traceNo }
}
