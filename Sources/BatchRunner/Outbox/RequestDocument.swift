import AuditLog
import OrderedJSON
import SkyPay

/// `result` and `final` of a batch that sends no payouts, each as JSON and as CSV: the outcome of
/// every row, SkyPay's answer, and the sender's own fields. Lists are streamed.
struct RequestDocument {
    var file: StoredFile
    var stage: ResultDocument.Stage
    var ledger: Ledger
    var answers: AnswerReader
    /// Re-reads a row's own fields from the private copy.
    var fields: (StoredRequest) throws -> JSONObject

    private static let outcomeColumns = [
        "outcome", "responseCode", "responseDescription", "attempts", "at", "possiblySent",
    ]

    private var action: String { file.action ?? "" }
    private var shape: AnswerShape? { AnswerShape.of(action) }

    /// The columns of our own, in both forms.
    private var columns: [String] {
        ["line"] + (file.form?.isCSV == true ? [] : ["item"]) + Self.outcomeColumns
            + (shape == nil && stage == .final ? ["referenceNo"] : [])
    }

    /// Writes the CSV twin: no checkpoint, so it is the same however often it is made. A row with a
    /// list has one record for each entry, and one without when there is none.
    func writeTable(to output: StagedFile) throws {
        let answerColumns = (shape?.columns ?? []) + (isBarCode ? BarCodeFile.columns : [])
        let own = senderColumns(hiding: columns + answerColumns)
        try output.write(CSVText.record(columns + answerColumns + own))
        try forEachRow { row in
            let values = values(row)
            let sent = try fields(row)
            let before = columns.map { values[$0]?.scalarText ?? "" }
            let after = own.map { sent[$0]?.cellText ?? "" }
            var isWritten = false
            try forEachAnswer(row) { answer in
                let cells = answerColumns.map { answer.caseInsensitive($0)?.scalarText ?? "" }
                try output.write(CSVText.record(before + cells + after))
                isWritten = true
            }
            if !isWritten {
                let cells = answerColumns.map { _ in "" }
                try output.write(CSVText.record(before + cells + after))
            }
        }
    }

    /// Writes the JSON form.
    func write(to output: StagedFile, checkpoint: SignedCheckpoint) throws {
        var frame = try DocumentFrame(
            output, file: file,
            conservation: try Conservation(ledger, requestsOf: file, stage: stage),
            checkpoint: checkpoint)
        try forEachRow { row in
            var object = values(row)
            for member in try fields(row).members where object[member.name] == nil {
                object.members.append(member)
            }
            guard let answer = row.answer else { return try frame.add(object) }
            if let entries = answer.entries {
                object["entries"] = .number(String(entries))
                try frame.add(object, list: "answer") { try answers.forEach(answer, $0) }
            } else {
                try forEachAnswer(row) { object["answer"] = .object($0) }
                try frame.add(object)
            }
        }
        try frame.end()
    }

    private var isBarCode: Bool { ActionFamily.of(action) == .barCode }

    private func forEachAnswer(
        _ row: StoredRequest, _ body: (JSONObject) throws -> Void
    ) throws {
        guard let answer = row.answer else { return }
        try answers.forEach(answer) { object in
            guard isBarCode else { return try body(object) }
            try body(BarCodeFile(row, object, ledger).described(object))
        }
    }

    private func values(_ row: StoredRequest) -> JSONObject {
        let final = stage == .final ? row.final : nil
        let outcome = final ?? row.outcome ?? row.record.state
        var object: JSONObject = ["line": .number(String(row.line))]
        if let item = row.item { object["item"] = .number(String(item)) }
        object["outcome"] = .string(outcome.word(for: action))
        object["responseCode"] = row.outcomeCode.map { .string($0) }
        object["responseDescription"] =
            (final == nil ? row.outcomeDescription : row.finalDescription).map { .string($0) }
        object["attempts"] = .number(String(row.outcomeAttempts))
        object["at"] = (final == nil ? row.outcomeAt : row.finalAt).map { .string($0) }
        if row.outcome == .held { object["possiblySent"] = .boolean(row.record.possiblySent) }
        // A reference may arrive after the result: only the final file states it.
        if stage == .final, shape == nil {
            object["referenceNo"] = row.reference.map { .string($0) }
        }
        return object
    }

    private func senderColumns(hiding: [String]) -> [String] {
        let hidden = Set(hiding + [ActionFields.rejectReason])
        let names =
            file.form?.isCSV == true
            ? file.columns : ActionFields.of(action: action)?.names ?? []
        return names.filter { !hidden.contains($0) }
    }

    /// Every row that was taken, in order.
    func forEachRow(_ body: (StoredRequest) throws -> Void) throws {
        var number = 0
        while true {
            let page = try ledger.requests(of: file.fileID, after: number, limit: Self.pageRows)
            for row in page where row.state != StoredRow.rejectedState { try body(row) }
            guard let last = page.last else { return }
            number = last.key.row
        }
    }

    private static let pageRows = 1_000
}
