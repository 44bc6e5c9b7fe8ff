import AuditLog
import GRDB
import OrderedJSON
import SkyPay

/// Folds a restoration into the ledger: one event for all rows, since it is about what the log does
/// not know. Every row moves by the pure rule (`doubted`), whatever it is.
struct RestorationFold {
    let database: Database

    /// Rows read at once.
    private static let pageRows = 1_000
    static let words = "an older state was put back: asked about before it is sent"

    /// The site was put back: everything unsent, and what would be sent again. Whether it ends an earlier
    /// time sooner the event says (`RestorationDesk`): decided here, an older log would be folded
    /// otherwise than it was lived, down to rows that were sent and may not have been.
    func restored(_ event: Event) throws {
        guard let at = EventTime.unixSecondsRoundedUp(event.time),
            let until = event.data["until"]?.stringValue.flatMap(EventTime.unixSeconds)
        else { throw unreadable(event) }
        try keep(Restoration(at: at, until: until))
        try doubtPayouts(at: at)
        // An event of an earlier version says nothing of them, and they were treated so.
        if event.data["heldRows"] != nil { try doubtPayouts(at: at, in: [.held]) }
        try doubtRequests(event, isNew: false)
    }

    /// Somebody said that it was only moved: what comes is sent as ever. What is already in doubt
    /// stays so until SkyPay was asked.
    func moved(_ event: Event) throws {
        if event.data["keeps"]?.booleanValue == true { return }
        try database.execute(
            sql: "DELETE FROM meta WHERE name = ?", arguments: [Restoration.name])
    }

    /// A batch was accepted: it may be one of the lost time, dropped again.
    func accepted(_ file: StoredFile, _ event: Event) throws {
        guard let restoration = try kept(), let time = EventTime.unixSeconds(event.time),
            restoration.concerns(time)
        else { return }
        try doubtPayouts(of: file.fileID, at: restoration.at)
        // A transfer by hand that was made after it: the person knows what for. The name has whole
        // seconds, and `at` is rounded up.
        if let made = DroppedCall.madeAt(file.name), made + 1 >= restoration.at { return }
        try doubtRequests(of: file.fileID, event, isNew: true)
    }

    private func kept() throws -> Restoration? {
        try KeyFold.value(database, Restoration.name).flatMap { try Restoration($0) }
    }

    private func keep(_ restoration: Restoration) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [Restoration.name, restoration.text])
    }

    private func doubtPayouts(
        of fileID: String? = nil, at time: Int64,
        in states: [PayoutState] = [.unknown, .unsent, .suspended]
    ) throws {
        for state in states {
            var last = RowKey(fileID: fileID ?? "", row: 0)
            while true {
                let rows = try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            \(StoredRow.select) WHERE state = ? AND \(LedgerSchema.rowIsOpen)
                                AND (fileId, row) > (?, ?) \(fileID == nil ? "" : "AND fileId = ?")
                            ORDER BY fileId, row LIMIT \(Self.pageRows)
                            """),
                    arguments: [state.rawValue, last.fileID, last.row]
                        + (fileID.map { [$0] } ?? [])
                ).map(StoredRow.init)
                for row in rows {
                    if let next = row.record.doubted(at: time) { try save(next, row.key) }
                }
                guard let end = rows.last?.key, rows.count == Self.pageRows else { break }
                last = end
            }
        }
    }

    private func save(_ record: PayoutRecord, _ key: RowKey) throws {
        let turn = record.askingTurn
        try database.cachedStatement(
            sql: """
                UPDATE rows SET state = ?, possiblySent = ?, numberInUse = ?, timesNotFound = ?,
                    lastSentAt = ?, askPace = ?, askSince = ?, lastDescription = ?
                WHERE fileId = ? AND row = ?
                """
        ).execute(arguments: [
            record.state.rawValue, record.possiblySent, record.numberInUse, record.timesNotFound,
            record.lastSentAt, turn?.pace.rawValue, turn?.since, Self.words, key.fileID, key.row,
        ])
    }

    private func doubtRequests(
        of fileID: String? = nil, _ event: Event, isNew: Bool
    ) throws {
        let open = try Row.fetchAll(
            database,
            sql: """
                \(StoredRequest.select) WHERE state IN ('unsent', 'suspended')
                    AND family IN ('transfer', 'order') \(fileID == nil ? "" : "AND fileId = ?")
                """, arguments: fileID.map { [$0] } ?? []
        ).map(StoredRequest.init)
        for request in open {
            guard let next = request.record.doubted(request.action, isNew: isNew) else { continue }
            try database.execute(
                sql: """
                    UPDATE requests SET state = ?, possiblySent = ?, lastDescription = ?,
                        outcome = ?, outcomeDescription = ?, outcomeAttempts = ?, outcomeAt = ?
                    WHERE fileId = ? AND row = ?
                    """,
                arguments: [
                    next.state.rawValue, next.possiblySent, Self.held, next.state.rawValue,
                    Self.held, next.attempts, event.time, request.key.fileID, request.key.row,
                ])
        }
    }

    private static let held =
        "an older state of the site was put back, and this may have been done before: ask SkyPay"

    private func unreadable(_ event: Event) -> InvariantViolation {
        InvariantViolation("audit event \(event.sequence) (\(event.type)) cannot be folded")
    }
}
