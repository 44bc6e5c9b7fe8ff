import GRDB

/// Questions about files, asked inside any transaction.
enum LedgerQueries {
    static func file(_ database: Database, _ fileID: String) throws -> StoredFile? {
        try Row.fetchOne(
            database, kept: "\(StoredFile.select) WHERE fileId = ?",
            arguments: [fileID]
        ).map(StoredFile.init)
    }

    static func row(_ database: Database, _ key: RowKey) throws -> StoredRow? {
        let statement = try database.cachedStatement(
            sql: "\(StoredRow.select) WHERE fileId = ? AND row = ? AND state != 'rejected'")
        return try Row.fetchOne(statement, arguments: [key.fileID, key.row]).map(StoredRow.init)
    }

    /// True when the number belongs to a row that was taken, in any file, ever.
    static func isUsed(
        _ database: Database, _ taken: TakenNumber, exceptIn fileID: String
    ) throws -> Bool {
        switch taken {
        case .contract(let number):
            let known = try RegistrationTable.find(database, .collection, number: number)
            return known.map { $0.row.fileID != fileID } ?? false
        case .control(let number):
            let statement = try database.cachedStatement(
                sql: """
                    SELECT 1 FROM rows WHERE controlNumber = ? AND state != 'rejected'
                        AND fileId != ?
                    """)
            return try Bool.fetchOne(statement, arguments: [number, fileID]) ?? false
        }
    }
}

extension Ledger {
    /// Files claimed and not yet judged, oldest first.
    func filesWithoutVerdict() throws -> [StoredFile] {
        try files(where: "verdict IS NULL ORDER BY claimSequence")
    }

    /// Judged files whose acknowledgement (or answer) is not prepared yet, oldest first.
    func filesToAcknowledge() throws -> [StoredFile] {
        try files(where: "verdict IS NOT NULL AND acknowledged = 0 ORDER BY claimSequence")
    }

    /// Batches with every send outcome known and no result file prepared.
    func filesWithResultDue() throws -> [StoredFile] {
        try files(
            where: """
                verdict IN ('accepted', 'partial') AND acknowledged = 1 AND resultPrepared = 0
                AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.fileId = files.fileId
                    AND \(LedgerSchema.rowIsOpen)
                    AND rows.state IN ('unsent', 'intended', 'suspended', 'unknown'))
                AND NOT EXISTS (SELECT 1 FROM requests WHERE requests.fileId = files.fileId
                    AND requests.state IN ('unsent', 'intended', 'suspended', 'unknown'))
                ORDER BY claimSequence
                """)
    }

    /// Batches with every row final and no final file prepared.
    func filesWithFinalDue() throws -> [StoredFile] {
        try files(
            where: """
                resultPrepared = 1 AND finalPrepared = 0
                AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.fileId = files.fileId
                    AND \(LedgerSchema.rowIsOpen)
                    AND rows.state IN ('unsent', 'intended', 'suspended', 'unknown', 'accepted',
                        'held', 'registered'))
                AND NOT EXISTS (SELECT 1 FROM requests WHERE requests.fileId = files.fileId
                    AND requests.state IN ('unsent', 'intended', 'suspended', 'unknown', 'accepted',
                        'held'))
                ORDER BY claimSequence
                """)
    }

    /// The file with this id.
    func file(_ fileID: String) throws -> StoredFile? {
        try lookUp { try LedgerQueries.file($0, fileID) }
    }

    /// The wire name of a file's action; nil while it is no batch.
    func action(ofFile fileID: String) throws -> String? {
        try lookUp {
            try String.fetchOne(
                $0, kept: "SELECT action FROM files WHERE fileId = ?", arguments: [fileID])
        }
    }

    /// The verdict once given for this very content from this sender, whole rejections left out:
    /// their content is judged anew.
    func earlierFile(like file: StoredFile) throws -> StoredFile? {
        try files(
            where: """
                sender = ? AND sha256 = ? AND sideSha256 IS ? AND claimSequence < ?
                AND verdict IN ('accepted', 'partial', 'answered') ORDER BY claimSequence
                """,
            [file.sender, file.sha256, file.sideSHA256, Int64(file.claimSequence)]
        ).first
    }

    /// The file that took this batch id from this sender.
    func file(sender: String, batch: String) throws -> StoredFile? {
        try files(
            where: "sender = ? AND batch = ? AND verdict IN ('accepted', 'partial')",
            [sender, batch]
        ).first
    }

    /// What was taken from a sender before a batch with this header.
    func before(_ header: BatchHeader, from sender: String) throws -> HeaderRules.Before {
        HeaderRules.Before(
            sameBatch: try file(sender: sender, batch: header.batch),
            last: try lastNumbered(sender: sender))
    }

    /// The batch with the highest sequence number taken from this sender.
    private func lastNumbered(sender: String) throws -> NumberedBatch? {
        try lookUp { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT sequence, fileId FROM files WHERE sender = ? AND sequence IS NOT NULL
                    ORDER BY sequence DESC LIMIT 1
                    """,
                arguments: [sender]
            ).map { NumberedBatch(number: $0["sequence"], fileID: $0["fileId"]) }
        }
    }

    /// Files taken from a sender's folder on the banking day (GMT+8) of a time in Unix seconds, and
    /// their bytes; what was posted over HTTP came from no folder.
    func received(from sender: String, onDayOf now: Int64) throws -> SenderDay {
        try lookUp { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT COUNT(*) AS files, COALESCE(SUM(bytes), 0) AS bytes FROM files
                    WHERE sender = ?
                        AND json_extract(identity, '$.\(PostedCallback.via)') IS NOT ?
                        AND receivedAt >= strftime('%Y-%m-%d', ?, 'unixepoch', '+8 hours')
                    """,
                arguments: [sender, PostedCallback.http, now]
            ).map { SenderDay(files: $0["files"], bytes: $0["bytes"]) } ?? SenderDay()
        }
    }

    /// Batches taken from a sender with this very content.
    func files(sha256: String, sender: String) throws -> [StoredFile] {
        try files(
            where: "sender = ? AND sha256 = ? AND verdict IN ('accepted', 'partial')",
            [sender, sha256])
    }

    /// What was set aside under this name.
    func quarantined(name: String, sender: String) throws -> [StoredFile] {
        try files(
            where: "sender = ? AND name = ? AND verdict = 'quarantined'", [sender, name])
    }

    /// What the answers to the next file of this name from this sender are called: the name, or `NAME~n`
    /// for the n-th. What was set aside is answered under its file id, and counts among the files that are
    /// named like that id: no two answers to one sender meet.
    func nextOutputName(_ name: String, sender: String) throws -> String {
        let earlier = try lookUp {
            try Int.fetchOne(
                $0,
                kept: """
                    SELECT (SELECT COUNT(*) FROM files WHERE sender = ?1 AND name = ?2)
                        + (SELECT COUNT(*) FROM files
                            WHERE fileId = ?2 AND sender = ?1 AND name != ?2 AND sha256 = '')
                    """,
                arguments: [sender, name]) ?? 0
        }
        return earlier == 0 ? name : "\(name)~\(earlier + 1)"
    }

    /// Every file of this name from this sender.
    func filesCalled(_ name: String, sender: String) throws -> [StoredFile] {
        try files(where: "sender = ? AND name = ?", [sender, name])
    }

    /// The highest file id of this date (`20261121`); past 999,999 files they are longer.
    func lastFileID(ofDay day: String) throws -> String? {
        try lookUp {
            try String.fetchOne(
                $0,
                kept: """
                    SELECT fileId FROM files WHERE fileId > ? AND fileId < ?
                    ORDER BY LENGTH(fileId) DESC, fileId DESC LIMIT 1
                    """,
                arguments: [day + "-", day + "."])
        }
    }

    /// Every file, for look-ups by name, id or batch.
    func files(matching text: String) throws -> [StoredFile] {
        try files(
            where: """
                fileId = ?1 OR batch = ?1 OR name = ?1 OR outputName = ?1 ORDER BY claimSequence
                """, [text])
    }

    func files(
        where condition: String, _ arguments: StatementArguments = []
    ) throws -> [StoredFile] {
        try lookUp {
            try Row.fetchAll(
                $0, kept: "\(StoredFile.select) WHERE " + condition,
                arguments: arguments
            )
            .map(StoredFile.init)
        }
    }

    /// What the last finished run reported; nil before the first.
    func lastRun() throws -> String? {
        try lookUp {
            try String.fetchOne($0, kept: "SELECT value FROM meta WHERE name = 'lastRun'")
        }
    }
}

extension Ledger {
    /// Gives `body` a test for control numbers taken by other files, inside one read transaction.
    func withLookup<Result>(
        exceptIn fileID: String,
        _ body: (_ usedBefore: (TakenNumber) throws -> Bool) throws -> Result
    ) throws -> Result {
        try database.read { database in
            try body { try LedgerQueries.isUsed(database, $0, exceptIn: fileID) }
        }
    }
}

extension Ledger {
    /// True when this very event came before and was applied.
    func isKnownCallback(_ key: String) throws -> Bool {
        try lookUp {
            try Bool.fetchOne($0, kept: "SELECT 1 FROM callbacks WHERE key = ?", arguments: [key])
                ?? false
        }
    }

    /// Responses promised by the log and not known to be in the outbox.
    func responsesToPublish() throws -> [PreparedResponse] {
        try lookUp { database in
            try Row.fetchAll(
                database, kept: "SELECT * FROM responses WHERE published = 0 ORDER BY fileId, name"
            ).compactMap { row in
                guard let kind = ResponseKind(rawValue: row["kind"]) else { return nil }
                let number: Int? = row["number"]
                return PreparedResponse(
                    fileID: row["fileId"], kind: kind, name: row["name"], sha256: row["sha256"],
                    bytes: row["bytes"],
                    correction: number.map { CorrectionScope(number: $0, through: nil) })
            }
        }
    }
}
