import OrderedJSON
import SkyPay

/// What the verdict on a whole batch says, in the event and in the acknowledgement.
struct BatchVerdict: Sendable {
    var summary: BatchSummary
    var totals: PlanTotals
    var verdict: FileVerdict
    var reason: String?
    /// The digest of SkyPay's lists the rows were judged by; nil when none was known.
    var catalogs: String?
    /// What every control number had to begin with; nil when nothing was asked for.
    var controlNumberPrefix: String?

    init(
        _ summary: BatchSummary, _ totals: PlanTotals, _ verdict: FileVerdict, _ reason: String?
    ) {
        self.summary = summary
        self.totals = totals
        self.verdict = verdict
        self.reason = reason
    }

    /// The event's data. A batch that is rejected takes nothing, however good its rows.
    var data: JSONObject {
        let taken = verdict == .rejected ? StateTotal() : totals.accepted
        let refused = verdict == .rejected ? totals.total : totals.rejected
        let list = FaultList(totals.faults)
        let leftOut = totals.faultsLeftOut + list.leftOut
        var data: JSONObject = [
            "verdict": .string(verdict.rawValue), "kind": "batch",
            "action": .string(summary.header.action), "mode": .string(summary.header.mode),
            "form": .string(summary.form.rawValue),
            "columns": .array(summary.columns.map { .string($0) }),
            "counts": [
                "total": number(totals.total.rows), "accepted": number(taken.rows),
                "rejected": number(refused.rows),
            ],
            "amounts": [
                "total": .string(totals.total.amount.text),
                "accepted": .string(taken.amount.text),
                "rejected": .string(refused.amount.text),
            ],
            "planHash": .string(totals.planHash),
            "planVersion": number(PlanVersion.current.rawValue), "faults": .array(list.listed),
        ]
        // A batch that is rejected takes no number: it may come again, mended, under its own. That it had
        // one is said, for the file of its refused rows.
        if let sequence = summary.header.sequence {
            if verdict == .rejected {
                data["numbered"] = true
            } else {
                data["sequence"] = number(sequence)
            }
        }
        data["reason"] = reason.map { .string($0) }
        data["catalogs"] = catalogs.map { .string($0) }
        data["controlNumberPrefix"] = controlNumberPrefix.map { .string($0) }
        if totals.rejected.rows > 0 { data["rejectedRows"] = true }
        if leftOut > 0 { data["faultsLeftOut"] = number(leftOut) }
        return data
    }

    private func number(_ value: Int) -> JSONValue { .number(String(value)) }
}

/// As many faults as fit into one audit event; the file of rejected rows has them all.
struct FaultList {
    /// Faults that fit.
    private(set) var listed: [JSONValue] = []
    /// Faults that do not.
    private(set) var leftOut = 0

    /// Bytes of faults in one event, whose line may have 65,535.
    static let maxBytes = 40_000

    init(_ faults: [Fault]) {
        var bytes = 0
        for fault in faults {
            let json = fault.json
            bytes += json.bytes().count
            if bytes <= Self.maxBytes { listed.append(json) } else { leftOut += 1 }
        }
    }
}

extension StoredFile {
    /// What the plan hash of its verdict covers; nil for a version this program does not know.
    var planVersion: PlanVersion? {
        PlanVersion(rawValue: details["planVersion"]?.integerValue ?? 1)
    }

    /// The summary a verdict was given on, for reading the batch's rows again. No row may hang on its
    /// total: an earlier version's log may have it masked, and then it is zero here (`Conservation`
    /// tells what came). The number of a rejected batch is not kept: where there was one, it is 0.
    var summary: BatchSummary? {
        guard let form, let batch, let action, let mode,
            let rows = details["counts"]?["total"]?.integerValue
        else { return nil }
        let stated = details["amounts"]?["total"]?.stringValue
        let total = stated.flatMap { Amount(wireTotal: $0) } ?? .zero
        let isNumbered = details["numbered"]?.booleanValue == true
        let header = BatchHeader(
            batch: batch, action: action, mode: mode,
            sequence: details["sequence"]?.integerValue ?? (isNumbered ? 0 : nil), count: rows,
            amount: total)
        return BatchSummary(
            header: header, form: form, rows: rows, faultyRows: 0, columns: columns, total: total,
            textBytes: 0)
    }
}
