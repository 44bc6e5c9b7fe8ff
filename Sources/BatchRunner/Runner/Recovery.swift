import AuditLog

/// What is left to do after the ledger has caught up with the log: rows whose intent is durable and
/// whose answer is not were perhaps sent. They become unknown, and are asked about; nothing else
/// about a crash is special.
struct Recovery: Sendable {
    let journal: Journal
    let batchOf: @Sendable (StoredRow) throws -> String

    /// Makes every intended row unknown. Safe to stop in the middle and to repeat.
    func settleIntents() async throws -> Int {
        var settled = 0
        while true {
            let rows = try journal.ledger.rows(in: .intended, limit: Self.groupRows)
            if rows.isEmpty { return settled }
            let drafts = try rows.map { row in
                row.note(
                    .unknown(numberInUse: false), batch: try batchOf(row),
                    description: "stopped between the request and its answer", source: "restart"
                ).draft(journal.author)
            }
            try await journal.record(drafts)
            settled += rows.count
        }
    }

    private static let groupRows = 500
}
