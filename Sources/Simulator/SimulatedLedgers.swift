import CSimulation
import DurableFiles
import Glibc

/// What becomes of the ledger when a process ends. It is an index that the log makes up for, so it is
/// taken back whole, not by pieces.
final class SimulatedLedgers {
    private let folder: String
    private let keep: String
    /// How many ledgers are kept, each in a folder named by its number.
    private var kept = 0

    /// - Parameters:
    ///   - folder: the site's `state`.
    ///   - keep: an existing folder on the same file system, outside of the simulated one.
    init(folder: String, keep: String) {
        self.folder = folder
        self.keep = keep
    }

    /// Always new files: SQLite keeps what it knows of a file by its inode, for the whole process, and
    /// the dead one must not speak through it. Sometimes those of an earlier day, or none.
    /// - Returns: whether it is another ledger than the one that was there.
    func renew(_ chance: inout Chance, mayRollBack: Bool) -> Bool {
        putAway()
        var next = kept - 1
        var isOther = false
        if mayRollBack, chance.oneIn(2) {
            isOther = true
            if chance.oneIn(4) { return true }
            next = chance.below(kept)
        }
        let source = "\(keep)/\(next)"
        for name in SimulatedSenders.names(source) {
            _ = csim_copy("\(source)/\(name)", "\(folder)/\(name)")
        }
        return isOther
    }

    /// The files themselves, not copies: nobody writes to them any more.
    private func putAway() {
        let target = "\(keep)/\(kept)"
        kept += 1
        mkdir(target, 0o700)
        for name in SimulatedSenders.names(folder) where name.hasPrefix("ledger.sqlite") {
            // What SQLite shares between processes is not among them.
            if name.hasSuffix("-shm") {
                unlink("\(folder)/\(name)")
            } else {
                rename("\(folder)/\(name)", "\(target)/\(name)")
            }
        }
    }
}
