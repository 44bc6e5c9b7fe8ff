import AuditLog
import GRDB
import SkyPay

// Rows that are no payouts.
extension LedgerFold {
    func insertRequest(_ row: PlannedRow, _ file: StoredFile, _ family: ActionFamily) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO requests (fileId, row, line, item, offset, length, claimSequence,
                    action, family, number, amount, state, faults)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            file.fileID, row.number, row.line, row.item, row.location.offset, row.location.length,
            Int64(file.claimSequence), file.action, family.rawValue, row.controlNumber,
            row.amount?.centavos,
            row.faults.isEmpty ? RequestState.unsent.rawValue : StoredRow.rejectedState,
            row.faults.isEmpty ? nil : row.faultText,
        ])
    }

    func moveRequest(_ event: Event) throws {
        guard let note = RequestNote(event),
            let stored = try LedgerQueries.request(database, note.row),
            let time = stored.record.family.isAskedAbout
                ? EventTime.unixSecondsRoundedUp(event.time) : EventTime.unixSeconds(event.time)
        else { throw unreadable(event) }
        let next = try stored.record.applying(note.fact, at: time)
        try save(next, note)
        if note.fact == .suspended { try saveDoubt(note, in: "requests") }
        let turnedAway = TurnedAway(database: database)
        if note.wasTurnedAway {
            try turnedAway.begin(stored.action, at: time)
        } else if note.source == "answer", next.state.isAnswer {
            try turnedAway.end(stored.action)
        }
        if case .answered(let answer?) = note.fact, next.state == .answered {
            try save(answer, note.row)
        }
        try saveOutcome(stored.record, next, note, event.time)
        let told = try LedgerQueries.told(database, stored)
        if let finding = Finding(about: stored, told: told, next, note, event) {
            try save(finding)
        }
    }

    private func save(_ record: RequestRecord, _ note: RequestNote) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE requests SET state = ?, attempts = ?, possiblySent = ?, timesUnchanged = ?,
                    reported = ?, firstSentAt = ?, lastSentAt = ?, lastQueriedAt = ?, unknownSince = ?,
                    timesUnanswered = ?, queryAsked = ?, reports = ?,
                    bodySha256 = COALESCE(?, bodySha256),
                    lastCode = COALESCE(?, lastCode), lastDescription = ?,
                    reference = COALESCE(?, reference)
                WHERE fileId = ? AND row = ?
                """)
        try statement.execute(arguments: [
            record.state.rawValue, record.attempts, record.possiblySent, record.timesUnchanged,
            record.reported, record.firstSentAt, record.lastSentAt, record.lastQueriedAt,
            record.unknownSince,
            record.timesUnanswered, record.queryAsked, record.reports, note.bodySHA256, note.code,
            note.description, note.reference, note.row.fileID, note.row.row,
        ])
    }

    private func save(_ answer: StoredAnswer, _ row: RowKey) throws {
        try database.execute(
            kept: """
                UPDATE requests SET answerName = ?, answerOffset = ?, answerLength = ?,
                    answerEntries = ?, answerSha256 = ?
                WHERE fileId = ? AND row = ?
                """,
            arguments: [
                answer.name, answer.offset, answer.length, answer.entries, answer.sha256,
                row.fileID, row.row,
            ])
    }

    /// The send outcome and the final outcome are each written once, by the fact that brought them
    /// about: a result file made again is the same file.
    private func saveOutcome(
        _ before: RequestRecord, _ record: RequestRecord, _ note: RequestNote, _ time: String
    ) throws {
        guard record.state != before.state else { return }
        let key: StatementArguments = [note.row.fileID, note.row.row]
        if record.state.isDefinite {
            try database.execute(
                kept: """
                    UPDATE requests SET outcome = ?, outcomeCode = ?, outcomeDescription = ?,
                        outcomeAttempts = ?, outcomeAt = ?
                    WHERE fileId = ? AND row = ? AND outcome IS NULL
                    """,
                arguments: [
                    record.state.rawValue, note.code, note.description, record.attempts, time,
                ] + key)
        }
        if record.state.isFinal {
            try database.execute(
                kept: """
                    UPDATE requests SET final = ?, finalDescription = ?, finalAt = ?
                    WHERE fileId = ? AND row = ? AND final IS NULL
                    """,
                arguments: [
                    record.state.rawValue, note.description,
                    PhilippineTime.responseTime(wire: note.providerTime) ?? time,
                ] + key)
        }
    }
}
