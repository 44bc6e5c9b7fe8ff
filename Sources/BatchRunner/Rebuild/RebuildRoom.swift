import DurableFiles

/// Whether the disk has room for the ledgers that a check makes beside the one in use: a check may wait for
/// a day with more room, payouts and their events may not (architecture.md, I14).
struct RebuildRoom: Sendable {
    /// Bytes left to everything else: `intake.keepFreeBytes`.
    let keepFreeBytes: Int64
    /// Bytes free where a path lies; nil when the file system does not say, and writing will tell.
    var free: @Sendable (_ path: String) -> Int64? = { DurableFiles.freeBytes($0) }

    /// The copy, and the ledger made anew.
    private static let ledgers: Int64 = 2
    /// The same where the new one begins with a snapshot: that is one transaction, which lies in the
    /// write-ahead log as a whole before it is written into the file.
    private static let ledgersOfCutLog: Int64 = 3

    /// There is too little.
    struct Shortage: Error, Equatable, CustomStringConvertible {
        /// Bytes.
        var free: Int64
        var needed: Int64
        var kept: Int64

        var description: String {
            "no disk space to make the ledger anew beside itself: \(mebibytes(free)) MiB are free "
                + "below state/, it needs \(mebibytes(needed)) and \(mebibytes(kept)) are kept "
                + "free (intake.keepFreeBytes); make room, then check again"
        }

        private func mebibytes(_ bytes: Int64) -> Int64 { (bytes + (1 << 20) - 1) >> 20 }
    }

    /// Asked before anything is written.
    /// - Parameter isCut: the log's front is gone, and a snapshot stands for it.
    func ask(for ledger: String, isCut: Bool) throws(Shortage) {
        let bytes = ["", "-wal"].reduce(into: Int64(0)) { sum, suffix in
            sum += FileStatus(path: ledger + suffix)?.identity.size ?? 0
        }
        try ask((isCut ? Self.ledgersOfCutLog : Self.ledgers) * bytes, beside: ledger)
    }

    /// Asked again now and then: others write too.
    func askAgain(beside ledger: String) throws(Shortage) { try ask(0, beside: ledger) }

    private func ask(_ needed: Int64, beside ledger: String) throws(Shortage) {
        guard let left = free(ledger), left - needed < keepFreeBytes else { return }
        throw Shortage(free: left, needed: needed, kept: keepFreeBytes)
    }
}
