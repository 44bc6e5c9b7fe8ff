import GRDB
import SkyPay

/// From which day on private copies of files are needed: those that a ledger made anew is folded from, and
/// those of what is open. Of the others only a late correction, or a counter's question told once more,
/// reads its own.
struct NeededCopies {
    let ledger: Ledger
    /// Unix seconds.
    let now: Int64

    /// `yyyy-MM-dd` in the Philippines: ids of files begin with it. Today where none is needed.
    /// - Parameter sequence: the first event that a ledger made anew folds: 0, or where the snapshot
    ///   it begins with was taken.
    func firstDay(foldingFrom sequence: UInt64) throws -> String {
        guard let fileID = try ledger.firstNeededFile(foldingFrom: sequence) else {
            return String(PhilippineTime.rfc3339(unixSeconds: now).prefix(10))
        }
        let day = fileID.prefix(8)
        return "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.dropFirst(6))"
    }
}

extension Ledger {
    /// The first file without its verdict, with one that is folded again, or without an answer that is
    /// made of its copy.
    func firstNeededFile(foldingFrom sequence: UInt64) throws -> String? {
        try lookUp {
            try String.fetchOne(
                $0,
                kept: """
                    SELECT MIN(fileId) FROM files
                    WHERE verdict IS NULL OR verdictSequence >= ? OR acknowledged = 0
                        OR verdict IN ('accepted', 'partial') AND finalPrepared = 0
                    """,
                arguments: [Int64(clamping: sequence)])
        }
    }
}
