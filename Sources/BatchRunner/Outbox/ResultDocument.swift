import AuditLog
import OrderedJSON
import SkyPay

/// `result` and `final`, each as JSON and as CSV, streamed row by row from the ledger's frozen
/// outcome columns and the sender's own fields.
struct ResultDocument {
    /// Which of the two.
    enum Stage { case result, final }

    var file: StoredFile
    var stage: Stage
    var ledger: Ledger
    /// Re-reads a row's own fields from the private copy.
    var fields: (StoredRow) throws -> JSONObject

    /// The columns of our own, in both forms; the sender's follow.
    private var columns: [String] {
        ["line"] + (file.form?.isCSV == true ? [] : ["item"]) + Self.outcomeColumns
    }

    private static let outcomeColumns = [
        "controlNumber", "outcome", "responseCode", "responseDescription", "attempts",
        "at", "possiblySent", "referenceNo",
    ]

    /// Writes the CSV twin: no checkpoint, so it is the same however often it is made.
    func writeTable(to output: StagedFile) throws {
        let own = try senderColumns()
        try output.write(CSVText.record(columns + own))
        try forEachRow { row in
            let values = values(row)
            let sent = try fields(row)
            let cells =
                columns.map { values[$0]?.scalarText ?? "" }
                + own.map { sent[$0]?.cellText ?? "" }
            try output.write(CSVText.record(cells))
        }
    }

    /// Writes the JSON form.
    func write(to output: StagedFile, checkpoint: SignedCheckpoint) throws {
        var frame = try DocumentFrame(
            output, file: file, conservation: try Conservation(ledger, file: file, stage: stage),
            checkpoint: checkpoint)
        try forEachRow { row in
            var object = values(row)
            for member in try fields(row).members where object[member.name] == nil {
                object.members.append(member)
            }
            try frame.add(object)
        }
        try frame.end()
    }

    private func values(_ row: StoredRow) -> JSONObject {
        let final = stage == .final ? row.final : nil
        var object: JSONObject = [
            "line": .number(String(row.line)), "controlNumber": .string(row.controlNumber),
            "outcome": .string(final ?? row.outcome ?? row.state),
        ]
        if let item = row.item { object.members.insert(Self.itemMember(item), at: 1) }
        // Only what was told as held is sent again after it was told of.
        let isSentAgain = final != nil && row.record.attempts > row.outcomeAttempts
        object["responseCode"] = (isSentAgain ? codeAtLast(row) : row.outcomeCode).map {
            .string($0)
        }
        object["responseDescription"] =
            (final == nil ? row.outcomeDescription : row.finalDescription).map { .string($0) }
        object["attempts"] = .number(
            String(isSentAgain ? row.record.attempts : row.outcomeAttempts))
        object["at"] = (final == nil ? row.outcomeAt : row.finalAt).map { .string($0) }
        if row.outcome == PayoutState.held.rawValue {
            object["possiblySent"] = .boolean(row.record.possiblySent)
        }
        // A reference may arrive after the result: only the final file states it.
        if stage == .final { object["referenceNo"] = row.reference.map { .string($0) } }
        return object
    }

    /// Of a row that was sent again by a person's word: the code by which it was refused or taken. None where
    /// its last answer had none, or did not decide: the code of an earlier attempt would deny the outcome.
    private func codeAtLast(_ row: StoredRow) -> String? {
        let isRefused = row.final == PayoutState.refused.rawValue
        return isRefused || row.lastCode == ReturnCode.success.rawValue ? row.lastCode : nil
    }

    private static func itemMember(_ item: Int) -> JSONObject.Member {
        .init(name: "item", value: .number(String(item)))
    }

    private func senderColumns() throws -> [String] {
        let hidden = Set(columns + ["rejectReason"])
        guard file.form?.isCSV != true else {
            return file.columns.filter { !hidden.contains($0) }
        }
        let fields = file.action.flatMap(ActionTable.of)?.rowFields ?? []
        return fields.map(\.name).filter { !hidden.contains($0) }
    }

    private func forEachRow(_ body: (StoredRow) throws -> Void) throws {
        var number = 0
        while true {
            let page = try ledger.rows(of: file.fileID, after: number, limit: Self.pageRows)
            for row in page where row.state != StoredRow.rejectedState { try body(row) }
            guard let last = page.last else { return }
            number = last.key.row
        }
    }

    private static let pageRows = 1_000
}
