import Crypto
import SkyPay

/// What a plan hash covers. The event of a verdict states it, so that what an earlier version
/// accepted is planned again under its rules; an event that states none is of the first.
enum PlanVersion: Int, Sendable {
    /// Header, rows, and the sentences of their faults.
    case sentences = 1
    /// Header, rows, and the codes, fields and places of their faults: sentences may be reworded.
    case codes = 2

    static let current = PlanVersion.codes
}

/// Sums and the plan hash, row by row.
struct PlanTally {
    private let version: PlanVersion
    private var totals = PlanTotals()
    private var hash = SHA256()

    init(_ summary: BatchSummary, _ version: PlanVersion = .current) {
        self.version = version
        let header = summary.header
        let line = [
            "batchrunner-plan/v\(version.rawValue)", header.batch, header.action, header.mode,
            String(header.count), header.amount?.text ?? "",
        ].joined(separator: "\t")
        hash.update(data: Array((line + "\n").utf8))
    }

    /// Rows added so far.
    var rows: Int { totals.total.rows }

    mutating func add(_ row: PlannedRow, channel: String?) {
        let verdict = row.faults.isEmpty ? "send" : words(of: row)
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

    private func words(of row: PlannedRow) -> String {
        switch version {
        case .sentences: row.faultText
        case .codes: row.faults.map(\.place).joined(separator: "; ")
        }
    }

    private static func count(_ total: inout StateTotal, _ amount: Amount) {
        total.rows += 1
        total.amount = total.amount + amount
    }
}

extension Fault {
    /// What is wrong and where, without the sentence for people: `line:column:item:field:code`.
    fileprivate var place: String {
        func number(_ value: Int?) -> String { value.map { String($0) } ?? "" }
        return [number(line), number(column), number(item), field ?? "", code]
            .joined(separator: ":")
    }
}
