import AuditLog
import GRDB
import OrderedJSON
import SkyPay

/// One event folded into the tables, inside the transaction of its group. A pure function of the
/// event, the tables before it and the private copies: no clock, no network.
struct LedgerFold {
    let database: Database
    let rows: Ledger.RowSource

    func apply(_ event: Event) throws {
        guard let type = EventType(rawValue: event.type) else { return try refuseOurs(event) }
        switch type {
        case .fileClaimed: try insertFile(event)
        case .fileJudging: try countJudging(event)
        case .fileQuarantined: try quarantine(event)
        case .fileRejected, .fileDuplicate: try judge(event, type)
        case .batchAccepted: try acceptBatch(event)
        case .callbackReceived, .callbackPaid, .callbackCollected: try storeCallback(event)
        case .callbackExpired: try expireRegistration(event)
        case .responsePrepared: try prepareResponse(event)
        case .responsePublished: try publishResponse(event)
        case .runFinished: try finishRun(event)
        case .accountNamed: try nameAccount(event)
        case .ledgerChecked: try checkLedger(event)
        case .ledgerRestored: try RestorationFold(database: database).restored(event)
        // A ledger that has followed the log needs neither (`SnapshotReading`). What is set aside is
        // told by the folder it lies in.
        case .ledgerSnapshotPart, .ledgerSnapshot, .copiesSetAside: return
        case .ledgerMoved: try RestorationFold(database: database).moved(event)
        case .keyChanged: try KeyFold(database: database).change(event)
        case .keyRetired: try KeyFold(database: database).retire(event)
        case .keyExpiring: try KeyFold(database: database).warn(event)
        case .requestIntended, .requestAccepted, .requestAnswered, .requestRefused,
            .requestUnsent, .requestUnknown, .requestSuspended, .requestHeld, .requestQueried,
            .requestReported, .requestConfirmed, .requestFailed, .requestResolved:
            try moveRequest(event)
        case .payoutIntended, .payoutAccepted, .payoutRefused, .payoutUnsent, .payoutUnknown,
            .payoutSuspended, .payoutHeld, .payoutQueried, .payoutReported, .payoutDisputed,
            .payoutResolved, .payoutPaid, .payoutFailed, .payoutCancelled:
            try movePayout(event)
        }
    }

    /// Under the reserved prefixes only the runner writes: a type it does not know is a later version's,
    /// and to pass over it could send again what that version settled. Others' events mean nothing.
    private func refuseOurs(_ event: Event) throws {
        guard EventType.reservedPrefixes.contains(where: event.type.hasPrefix) else { return }
        throw InvariantViolation(
            "audit event \(event.sequence) (\(event.type)) was written by a later version of "
                + "batchrunner; use that one")
    }

    private func insertFile(_ event: Event) throws {
        guard let claim = FileClaim(event) else { throw unreadable(event) }
        try database.execute(
            kept: """
                INSERT INTO files (fileId, sender, name, outputName, sha256, bytes, sideSha256,
                    identity, receivedAt, claimSequence, acknowledged)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                claim.fileID, claim.sender, claim.name, claim.outputName, claim.sha256,
                claim.bytes, claim.sideSHA256, JSONValue.object(claim.identity).text(),
                event.time, Int64(event.sequence), claim.isPosted,
            ])
    }

    private func countJudging(_ event: Event) throws {
        try database.execute(
            kept: "UPDATE files SET judgings = judgings + 1 WHERE fileId = ?",
            arguments: [event.subject["file"]?.stringValue])
    }

    private func quarantine(_ event: Event) throws {
        let file = event.subject["file"]?.stringValue
        let known = try Bool.fetchOne(
            database, kept: "SELECT 1 FROM files WHERE fileId = ?", arguments: [file])
        if known == nil { try insertFile(event) }
        try judge(event, .fileQuarantined)
    }

    /// A verdict that sends nothing.
    private func judge(_ event: Event, _ type: EventType) throws {
        let verdicts: [EventType: FileVerdict] = [
            .fileRejected: .rejected, .fileDuplicate: .duplicate, .fileQuarantined: .quarantined,
            .batchAccepted: .accepted, .callbackReceived: .answered,
        ]
        let stated = event.data["verdict"]?.stringValue.flatMap(FileVerdict.init(rawValue:))
        guard let verdict = stated ?? verdicts[type] else { throw unreadable(event) }
        try database.execute(
            kept: """
                UPDATE files SET verdict = ?, reason = ?, kind = ?, details = ?,
                    verdictSequence = ?, batch = ?, sequence = ?, action = ?, mode = ?, form = ?, columns = ?,
                    duplicateOf = ?
                WHERE fileId = ?
                """,
            arguments: [
                verdict.rawValue, event.data["reason"]?.stringValue,
                event.data["kind"]?.stringValue, JSONValue.object(event.data).text(),
                Int64(event.sequence), event.subject["batch"]?.stringValue,
                event.data["sequence"]?.integerValue, event.data["action"]?.stringValue,
                event.data["mode"]?.stringValue,
                event.data["form"]?.stringValue, event.data["columns"]?.text(),
                event.data["duplicateOf"]?.stringValue, event.subject["file"]?.stringValue,
            ])
        guard database.changesCount == 1 else { throw unreadable(event) }
    }

    /// The rows come from the private copy, planned again: the hash proves that the plan is the one
    /// the event speaks of, whatever became of the program in between.
    private func acceptBatch(_ event: Event) throws {
        try judge(event, .batchAccepted)
        guard let fileID = event.subject["file"]?.stringValue,
            let file = try LedgerQueries.file(database, fileID),
            let family = file.action.flatMap(ActionFamily.of)
        else { throw unreadable(event) }
        let totals = try rows(
            file, { try LedgerQueries.isUsed(database, $0, exceptIn: fileID) },
            { row in try insert(row, file, family) })
        guard totals.areThose(of: event, version: file.planVersion) else {
            throw InvariantViolation(
                "file \(fileID): the private copy gives another plan than event "
                    + "\(event.sequence) names; restore state/files/\(fileID)")
        }
        try RestorationFold(database: database).accepted(file, event)
    }

    private func insert(
        _ row: PlannedRow, _ file: StoredFile, _ family: ActionFamily
    ) throws {
        switch family {
        case .payout: try insertRow(row, file.fileID, state: .unsent)
        case .registration:
            try RegistrationFold(database: database).insert(row, file)
        case .order, .transfer, .enquiry, .statusEnquiry, .barCode:
            try insertRequest(row, file, family)
        }
    }

    private func insertRow(_ row: PlannedRow, _ fileID: String, state: PayoutState) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO rows (fileId, row, line, item, offset, length, controlNumber, amount,
                    state, faults)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            fileID, row.number, row.line, row.item, row.location.offset, row.location.length,
            row.controlNumber, row.amount?.centavos,
            row.faults.isEmpty ? state.rawValue : StoredRow.rejectedState,
            row.faults.isEmpty ? nil : row.faultText,
        ])
    }

    func unreadable(_ event: Event) -> InvariantViolation {
        InvariantViolation("audit event \(event.sequence) (\(event.type)) cannot be folded")
    }
}
