import AuditLog
import OrderedJSON
import SkyPay

/// The rows of accepted batches, planned again from their private copies: what the ledger is folded
/// from.
struct AcceptedRows: Sendable {
    let planner: Planner
    let store: FileStore

    /// As the ledger takes it.
    var source: Ledger.RowSource {
        { file, usedBefore, each in
            try plan(file, usedBefore: usedBefore, each: each)
        }
    }

    private func plan(
        _ file: StoredFile, usedBefore: (TakenNumber) throws -> Bool,
        each: (PlannedRow) throws -> Void
    ) throws -> PlanTotals {
        guard let version = file.planVersion else {
            throw InvariantViolation(
                "file \(file.fileID) was accepted by a later version of batchrunner; use that one")
        }
        // A hash over sentences may differ because one was reworded: then the bytes must be proven
        // by themselves.
        if version == .sentences { try requireContent(of: file) }
        let outcome = try planner.asJudged(file).plan(
            try store.text(of: file), version: version, usedBefore: usedBefore, each: each)
        guard case .whole(_, let totals) = outcome else {
            throw damaged(file, "is no longer the batch that was accepted")
        }
        return totals
    }

    private func requireContent(of file: StoredFile) throws {
        guard try store.contentSHA256(of: file) == file.sha256 else {
            throw damaged(file, "is no longer the file that was claimed")
        }
    }

    private func damaged(_ file: StoredFile, _ what: String) -> InvariantViolation {
        InvariantViolation(
            "file \(file.fileID): the private copy \(what); restore state/files/\(file.fileID) "
                + "from a backup")
    }
}

extension PlanTotals {
    /// True when these are the totals of the plan that a verdict's event speaks of: the same hash;
    /// or, where an older hash covered sentences that have been reworded since, the same rows and
    /// money and the same faults but for their sentences.
    func areThose(of event: Event, version: PlanVersion?) -> Bool {
        if planHash == event.data["planHash"]?.stringValue { return true }
        guard version == .sentences else { return false }
        let figures = ["total": total, "accepted": accepted, "rejected": rejected]
        return figures.allSatisfy { name, figure in
            event.data["counts"]?[name]?.integerValue == figure.rows
                && event.data["amounts"]?[name]?.stringValue
                    == PersonalData.safe(figure.amount.text)
        }
            && Self.withoutSentences(FaultList(faults).listed)
                == Self.withoutSentences(event.data["faults"]?.arrayValue ?? [])
    }

    private static func withoutSentences(_ faults: [JSONValue]) -> [JSONValue] {
        faults.map { fault in
            .object(
                JSONObject(
                    (fault.objectValue?.members ?? []).filter { $0.name != "message" }
                        .map { ($0.name, $0.value) }))
        }
    }
}
