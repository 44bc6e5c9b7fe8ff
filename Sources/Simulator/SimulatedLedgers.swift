import DurableFiles
import Glibc

/// What becomes of the ledger when a process ends. It is an index that the log makes up for, so it is
/// taken back whole, not by pieces.
final class SimulatedLedgers {
    private typealias Files = [(name: String, bytes: [UInt8])]

    private let folder: String
    private var snapshots: [Files] = []

    /// - Parameter folder: the site's `state`.
    init(folder: String) { self.folder = folder }

    /// Always new files: SQLite keeps what it knows of a file by its inode, for the whole process, and
    /// the dead one must not speak through it. Sometimes those of an earlier day, or none.
    /// - Returns: whether it is another ledger than the one that was there.
    func renew(_ chance: inout Chance, mayRollBack: Bool) -> Bool {
        let files = read()
        snapshots.append(files)
        var next = files
        var isOther = false
        if mayRollBack, chance.oneIn(2) {
            isOther = true
            next = chance.oneIn(4) ? [] : snapshots.randomElement(using: &chance) ?? files
        }
        for name in names() { unlink(folder + "/" + name) }
        for file in next { _ = try? DurableFiles.replace(folder + "/" + file.name, file.bytes) }
        return isOther
    }

    private func names() -> [String] {
        SimulatedSenders.names(folder).sorted().filter { $0.hasPrefix("ledger.sqlite") }
    }

    /// What SQLite shares between processes is not among them.
    private func read() -> Files {
        names().filter { !$0.hasSuffix("-shm") }.compactMap { name in
            (try? DurableFiles.read(folder + "/" + name, limit: 1 << 26)).map { (name, $0) }
        }
    }
}
