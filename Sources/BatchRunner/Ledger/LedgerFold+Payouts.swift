import AuditLog
import GRDB
import OrderedJSON
import SkyPay

// Payout rows, callbacks, responses and runs.
extension LedgerFold {
    func movePayout(_ event: Event) throws {
        guard let note = PayoutNote(event),
            let time = EventTime.unixSecondsRoundedUp(event.time),
            let stored = try LedgerQueries.row(database, note.row), stored.isPayout
        else { throw unreadable(event) }
        let next = try stored.record.applying(note.fact, at: time)
        try save(next, note)
        if note.fact == .suspended { try saveDoubt(note, in: "rows") }
        try noteTurnedAway(note, next.state == .accepted || next.state == .refused, at: time)
        try saveOutcome(next, note, event.time)
        let told = try LedgerQueries.told(database, stored)
        if let finding = Finding(about: stored, told: told, next, note, event) {
            try save(finding)
        }
    }

    private func save(_ record: PayoutRecord, _ note: PayoutNote) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE rows SET state = ?, attempts = ?, possiblySent = ?, timesNotFound = ?,
                    numberInUse = ?, lastSentAt = ?, lastQueriedAt = ?, unknownSince = ?,
                    timesUnanswered = ?, queryAsked = ?, reports = ?, askPace = ?, askSince = ?,
                    bodySha256 = COALESCE(?, bodySha256),
                    lastCode = COALESCE(?, lastCode), lastDescription = ?,
                    reference = COALESCE(?, reference)
                WHERE fileId = ? AND row = ?
                """)
        let turn = record.askingTurn
        try statement.execute(arguments: [
            record.state.rawValue, record.attempts, record.possiblySent, record.timesNotFound,
            record.numberInUse, record.lastSentAt, record.lastQueriedAt, record.unknownSince,
            record.timesUnanswered, record.queryAsked, record.reports, turn?.pace.rawValue,
            turn?.since,
            note.bodySHA256, note.code, note.description, note.reference,
            note.row.fileID, note.row.row,
        ])
    }

    /// What a suspended row's probe has to know: whether its answers came sealed, every one of them. A
    /// second attempt that SkyPay could not open says nothing about a first that a gateway refused.
    func saveDoubt(_ note: some RowNote, in table: String) throws {
        try database.execute(
            kept: """
                UPDATE \(table) SET doubtDecrypted = doubtDecrypted AND ?
                WHERE fileId = ? AND row = ?
                """,
            arguments: [note.wasDecrypted, note.row.fileID, note.row.row])
    }

    private func noteTurnedAway(
        _ note: PayoutNote, _ isAnswered: Bool, at time: Int64
    ) throws {
        let turnedAway = TurnedAway(database: database)
        if note.wasTurnedAway, let action = try action(of: note.row) {
            try turnedAway.begin(action, at: time)
        } else if isAnswered, note.source == "answer" {
            try turnedAway.end(try action(of: note.row))
        }
    }

    private func action(of row: RowKey) throws -> String? {
        try String.fetchOne(
            database, kept: "SELECT action FROM files WHERE fileId = ?", arguments: [row.fileID])
    }

    /// The send outcome and the final outcome are each written once and never changed: a result
    /// file made again is the same file.
    private func saveOutcome(_ record: PayoutRecord, _ note: PayoutNote, _ time: String) throws {
        // A late fact leaves a settled row, and so its outcome, alone.
        guard record.state == note.fact.settledState else { return }
        switch note.fact {
        case .accepted, .refused, .held:
            try database.execute(
                kept: """
                    UPDATE rows SET outcome = ?, outcomeCode = ?, outcomeDescription = ?,
                        outcomeAttempts = ?, outcomeAt = ?
                    WHERE fileId = ? AND row = ? AND outcome IS NULL
                    """,
                arguments: [
                    record.state.rawValue, note.code, note.description, record.attempts, time,
                    note.row.fileID, note.row.row,
                ])
            // Told as held, sent again by a person's word and refused: its end is another than what was
            // told. A row that is refused at once needs no second word.
            guard note.fact == .refused else { return }
            try database.execute(
                kept: """
                    UPDATE rows SET final = ?, finalDescription = ?, finalAt = ?
                    WHERE fileId = ? AND row = ? AND final IS NULL AND outcome != 'refused'
                    """,
                arguments: [
                    record.state.rawValue, note.description, note.finalTime ?? time,
                    note.row.fileID, note.row.row,
                ])
        case .paid, .failed, .cancelled, .resolved(.paid), .resolved(.failed):
            try database.execute(
                kept: """
                    UPDATE rows SET final = ?, finalDescription = ?, finalAt = ?
                    WHERE fileId = ? AND row = ? AND final IS NULL
                    """,
                arguments: [
                    record.state.rawValue, note.description, note.finalTime ?? time,
                    note.row.fileID, note.row.row,
                ])
        default: break
        }
    }

    func storeCallback(_ event: Event) throws {
        if let key = event.data["key"]?.stringValue {
            try database.execute(
                kept: "INSERT OR IGNORE INTO callbacks (key, fileId, action) VALUES (?, ?, ?)",
                arguments: [
                    key, event.subject["file"]?.stringValue,
                    event.data["action"]?.stringValue ?? "",
                ])
        }
        try judgeCallback(event)
        guard let time = EventTime.unixSeconds(event.time) else { throw unreadable(event) }
        try RegistrationFold(database: database).callback(event, at: time)
    }

    func expireRegistration(_ event: Event) throws {
        guard let time = EventTime.unixSeconds(event.time) else { throw unreadable(event) }
        try RegistrationFold(database: database).expire(event, at: time)
    }

    private func judgeCallback(_ event: Event) throws {
        try database.execute(
            kept: """
                UPDATE files SET verdict = ?, kind = 'callback', action = ?, details = ?,
                    reason = ?, verdictSequence = ?
                WHERE fileId = ?
                """,
            arguments: [
                FileVerdict.answered.rawValue, event.data["action"]?.stringValue,
                JSONValue.object(event.data).text(), event.data["reason"]?.stringValue,
                Int64(event.sequence), event.subject["file"]?.stringValue,
            ])
        guard database.changesCount == 1 else { throw unreadable(event) }
    }

    func prepareResponse(_ event: Event) throws {
        guard let response = PreparedResponse(event) else { throw unreadable(event) }
        try database.execute(
            kept: """
                INSERT INTO responses (fileId, name, kind, number, sha256, bytes)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes
                    WHERE published = 0
                """,
            arguments: [
                response.fileID, response.name, response.kind.rawValue,
                response.correction?.number, response.sha256, response.bytes,
            ])
        try markFindings(response)
        guard let column = response.kind.doneColumn else { return }
        try database.execute(
            kept: "UPDATE files SET \(column) = 1 WHERE fileId = ?", arguments: [response.fileID])
    }

    func publishResponse(_ event: Event) throws {
        try database.execute(
            kept: "UPDATE responses SET published = 1 WHERE fileId = ? AND name = ?",
            arguments: [event.subject["file"]?.stringValue, event.data["name"]?.stringValue])
    }

    func finishRun(_ event: Event) throws {
        try database.execute(
            kept: "INSERT OR REPLACE INTO meta (name, value) VALUES ('lastRun', ?)",
            arguments: [JSONValue.object(event.data).text()])
    }
}

extension PayoutFact {
    /// The state a settling fact leads to; nil for the others.
    fileprivate var settledState: PayoutState? {
        switch self {
        case .accepted: .accepted
        case .refused: .refused
        case .held: .held
        case .paid, .resolved(.paid): .paid
        case .failed, .resolved(.failed): .failed
        case .cancelled: .cancelled
        case .intended, .unsent, .unknown, .suspended, .queried, .unanswered, .reported, .disputed,
            .resolved(.resend):
            nil
        }
    }
}

extension PayoutNote {
    /// The provider's own time in the form of responses; nil when it gave none that can be read.
    fileprivate var finalTime: String? { PhilippineTime.responseTime(wire: providerTime) }
}

extension PhilippineTime {
    /// A time as SkyPay writes it in the form of responses; nil when it cannot be read.
    static func responseTime(wire: String?) -> String? {
        wire.flatMap(unixMicroseconds(wire:)).map { rfc3339(unixSeconds: $0 / 1_000_000) }
    }
}
