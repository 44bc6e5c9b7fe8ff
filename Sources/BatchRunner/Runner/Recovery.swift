import AuditLog

/// What is left to do after the ledger has caught up with the log: rows whose intent is durable and
/// whose answer is not were perhaps sent. They become unknown, and are asked about; nothing else
/// about a crash is special.
struct Recovery: Sendable {
    let journal: Journal
    /// The batch id of a file.
    let batchOf: @Sendable (_ fileID: String) throws -> String

    /// Makes every intended row unknown, or held where nothing could ever be learned about it. Safe
    /// to stop in the middle and to repeat.
    func settleIntents() async throws -> Int {
        var settled = try await settleRequests()
        while true {
            let rows = try journal.ledger.rows(in: .intended, limit: Self.groupRows)
            if rows.isEmpty { return settled }
            let drafts = try rows.map { row in
                row.note(
                    .unknown(numberInUse: false), batch: try batchOf(row.key.fileID),
                    description: Self.stopped, source: "restart"
                ).draft(journal.author)
            }
            try await journal.record(drafts)
            settled += rows.count
        }
    }

    private func settleRequests() async throws -> Int {
        var settled = 0
        while true {
            let rows = try journal.ledger.requests(in: .intended, limit: Self.groupRows)
            if rows.isEmpty { return settled }
            let drafts = try rows.map { row in
                row.note(
                    row.record.nobodyKnows, batch: try batchOf(row.key.fileID),
                    description: Self.stopped, source: "restart"
                ).draft(journal.author)
            }
            try await journal.record(drafts)
            settled += rows.count
        }
    }

    private static let stopped = "stopped between the request and its answer"
    private static let groupRows = 500
}
