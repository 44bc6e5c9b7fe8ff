import AuditLog
import OrderedJSON

extension ResponseDesk {
    /// Tells what was found since the results. The JSON form first: its event says which findings it
    /// tells, so the table can be made of the same ones whenever it is made. A crash before the
    /// event leaves them untold, and they are told in the correction made then.
    func prepareCorrections() async throws {
        for file in try journal.ledger.filesWithCorrectionDue() {
            let scope = try journal.ledger.nextCorrection(of: file.fileID)
            let document = try correction(of: file, scope)
            let checkpoint = try await journal.checkpoint()
            try await prepare(
                file, .correction, Self.suffix(scope.number) + ".json", checkpoint,
                correction: scope
            ) { try document.write(to: $0, checkpoint: checkpoint) }
        }
        for (fileID, number) in try journal.ledger.correctionsWithoutTable() {
            guard let file = try journal.ledger.file(fileID) else {
                throw InvariantViolation("file \(fileID): a correction of no file")
            }
            let scope = CorrectionScope(number: number, through: nil)
            let document = try correction(of: file, scope)
            try await prepare(
                file, .correctionTable, Self.suffix(number) + ".csv", nil, correction: scope
            ) { try document.writeTable(to: $0) }
        }
    }

    private static func suffix(_ number: Int) -> String { ".correction.\(number)" }

    private func correction(
        of file: StoredFile, _ scope: CorrectionScope
    ) throws -> CorrectionDocument {
        guard let summary = file.summary else {
            throw InvariantViolation("file \(file.fileID): its verdict has no summary")
        }
        let rows = try store.rows(of: file, summary)
        return CorrectionDocument(file: file, scope: scope, ledger: journal.ledger) {
            try rows.row(at: $0.location, line: $0.line, item: $0.item).fields
        }
    }
}
