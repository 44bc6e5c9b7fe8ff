import AuditLog
import OrderedJSON
import SkyPay

/// `NAME.correction.N`, as JSON and as CSV: what was learned about rows after the result told
/// otherwise. Streamed from the findings, which never change.
struct CorrectionDocument {
    var file: StoredFile
    var scope: CorrectionScope
    var ledger: Ledger
    /// Re-reads a row's own fields from the private copy.
    var fields: (StoredFinding) throws -> JSONObject

    private var columns: [String] {
        ["line"] + (file.form?.isCSV == true ? [] : ["item"]) + Self.ownColumns
    }

    private static let ownColumns = [
        "controlNumber", "outcome", "previousOutcome", "responseDescription", "source", "at",
        "referenceNo",
    ]

    /// Writes the CSV twin.
    func writeTable(to output: StagedFile) throws {
        let own = senderColumns
        try output.write(CSVText.record(columns + own))
        try forEachFinding { finding in
            let (values, sent) = (values(finding), try fields(finding))
            let cells =
                columns.map { values[$0]?.scalarText ?? "" }
                + own.map { sent[$0]?.cellText ?? "" }
            try output.write(CSVText.record(cells))
        }
    }

    /// Writes the JSON form.
    func write(to output: StagedFile, checkpoint: SignedCheckpoint) throws {
        var totals: [String: StateTotal] = [:]
        try forEachFinding { finding in
            totals[finding.outcome, default: StateTotal()].rows += 1
            let amount = totals[finding.outcome]?.amount ?? .zero
            totals[finding.outcome]?.amount = amount + (finding.amount ?? .zero)
        }
        var head = DocumentFrame.head(file)
        head["correction"] = .number(String(scope.number))
        head["counts"] = RunReport.counts(totals.mapValues(\.rows))
        head["amounts"] = RunReport.texts(totals.mapValues(\.amount.text))
        var frame = try DocumentFrame(output, head: head, checkpoint: checkpoint)
        try forEachFinding { finding in
            var object = values(finding)
            for member in try fields(finding).members where object[member.name] == nil {
                object.members.append(member)
            }
            try frame.add(object)
        }
        try frame.end()
    }

    private func values(_ finding: StoredFinding) -> JSONObject {
        var object: JSONObject = ["line": .number(String(finding.line))]
        if let item = finding.item { object["item"] = .number(String(item)) }
        object["controlNumber"] = finding.number.map { .string($0) }
        object["outcome"] = .string(finding.outcome)
        object["previousOutcome"] = .string(finding.previous)
        object["responseDescription"] = .string(finding.description)
        object["source"] = .string(finding.source)
        object["at"] = .string(finding.time)
        object["referenceNo"] = finding.reference.map { .string($0) }
        return object
    }

    private var senderColumns: [String] {
        let hidden = Set(columns + [ActionFields.rejectReason])
        let names =
            file.form?.isCSV == true
            ? file.columns : file.action.flatMap(ActionTable.of)?.rowFields.map(\.name) ?? []
        return names.filter { !hidden.contains($0) }
    }

    private func forEachFinding(_ body: (StoredFinding) throws -> Void) throws {
        var sequence: UInt64 = 0
        while true {
            let page = try ledger.findings(
                of: file.fileID, in: scope, after: sequence, limit: Self.pageRows)
            for finding in page { try body(finding) }
            guard let last = page.last else { return }
            sequence = last.sequence
        }
    }

    private static let pageRows = 1_000
}
