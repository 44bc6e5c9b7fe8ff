import Crypto
import SkyPay

/// Sums and the plan hash, row by row.
struct PlanTally {
    private var totals = PlanTotals()
    private var hash = SHA256()

    init(_ summary: BatchSummary) {
        let header = summary.header
        let line = [
            "batchrunner-plan/v1", header.batch, header.action, header.mode,
            String(header.count), header.amount?.text ?? "",
        ].joined(separator: "\t")
        hash.update(data: Array((line + "\n").utf8))
    }

    /// Rows added so far.
    var rows: Int { totals.total.rows }

    mutating func add(_ row: PlannedRow, channel: String?) {
        let verdict = row.faults.isEmpty ? "send" : row.faultText
        let line =
            "\(row.number)\t\(row.controlNumber ?? "")\t\(row.amount?.text ?? "")\t\(verdict)\n"
        hash.update(data: Array(line.utf8))
        let amount = row.amount ?? .zero
        Self.count(&totals.total, amount)
        if row.faults.isEmpty {
            Self.count(&totals.accepted, amount)
            if let channel { Self.count(&totals.channels[channel, default: StateTotal()], amount) }
            return
        }
        Self.count(&totals.rejected, amount)
        let room = max(0, PlanLimits.maxListedFaults - totals.faults.count)
        totals.faults.append(contentsOf: row.faults.prefix(room))
        totals.faultsLeftOut += max(0, row.faults.count - room)
    }

    consuming func finished() -> PlanTotals {
        totals.planHash = SHA256Text.hexadecimal(hash.finalize())
        return totals
    }

    private static func count(_ total: inout StateTotal, _ amount: Amount) {
        total.rows += 1
        total.amount = total.amount + amount
    }
}
