import SkyPay

// What has been unknown for too long goes to a person.
extension StatusInquiry {
    func holdExpired() async throws {
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

    func holdExpiredRequests() async throws {
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

    private static let groupRows = 500
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
