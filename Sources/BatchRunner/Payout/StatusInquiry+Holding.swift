import SkyPay

// What has been unknown for too long goes to a person.
extension StatusInquiry {
    /// - Parameters:
    ///   - now: when asking began (unix seconds): by a later time rows would be held that became due
    ///     meanwhile and were not asked about.
    ///   - sparesDue: rows whose question is due keep their turn, since more is asked soon.
    func holdExpired(at now: Int64, sparesDue: Bool) async throws {
        while true {
            let notes = try journal.ledger
                .rowsToHold(now: now, policy: policy, limit: SkyPayClient.maxNumbersPerQuery)
                .compactMap { row -> PayoutNote? in
                    guard
                        let why = row.record.reasonToHold(
                            now: now, policy: policy, sparesDue: sparesDue)
                    else { return nil }
                    return row.note(
                        .held(possiblySent: true), batch: try requests.batch(of: row),
                        description: why, source: "query")
                }
            if notes.isEmpty { return }
            try await journal.record(notes.map { $0.draft(journal.author) })
        }
    }

    /// As for payouts.
    func holdExpiredRequests(at now: Int64, sparesDue: Bool) async throws {
        var last: RowKey?
        while true {
            let rows = try journal.ledger.requestsToHold(after: last, limit: Self.groupRows)
            guard let end = rows.last else { return }
            last = end.key
            let notes = try rows.compactMap { row -> RequestNote? in
                guard
                    let why = row.record.reasonToHold(
                        now: now, policy: policy, sparesDue: sparesDue)
                else { return nil }
                return row.note(
                    .held(possiblySent: true), batch: try requests.batch(ofFile: row.key.fileID),
                    description: why, source: "query")
            }
            if !notes.isEmpty {
                try await journal.record(notes.map { $0.draft(journal.author) })
            }
        }
    }

    private static let groupRows = 500
}

extension PayoutRecord {
    /// Why it goes to a person now, whether or not asking about it was possible; nil while it does
    /// not.
    fileprivate func reasonToHold(
        now: Int64, policy: PayoutPolicy, sparesDue: Bool
    ) -> String? {
        let step = nextStep(now: now, policy: policy)
        if case .hold(let why) = step { return why }
        if step == .send || sparesDue && step == .query { return nil }
        return isOverdue(now: now) ? Self.overdue : nil
    }
}

extension RequestRecord {
    /// As for payouts.
    fileprivate func reasonToHold(
        now: Int64, policy: PayoutPolicy, sparesDue: Bool
    ) -> String? {
        let step = nextStep(now: now, policy: policy)
        if case .hold(let why) = step { return why }
        if sparesDue, step == .query { return nil }
        return isOverdue(now: now) ? PayoutRecord.overdue : nil
    }
}
