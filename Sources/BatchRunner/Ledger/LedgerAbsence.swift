import DurableFiles

/// Why there is no ledger to read. None of these says that nothing was sent: the ledger is an index, and
/// the next start makes it from the audit log (`SiteLooking`).
enum LedgerAbsence: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is none, or one whose tables are not made yet.
    case notThere
    /// This process may not read it, or cannot.
    case notReachable(FileError)
    /// Another version of the program made it.
    case otherVersion

    /// The beginning of a sentence.
    var description: String {
        switch self {
        case .notThere: "there is no ledger"
        case .notReachable(let error): "the ledger cannot be read (\(error))"
        case .otherVersion: "the ledger is that of another version of batchrunner"
        }
    }

    /// - Throws: `notThere` or `notReachable` where no ledger can be read at `path`.
    static func refuse(_ path: String) throws(LedgerAbsence) {
        let isThere: Bool
        do throws(FileError) {
            isThere = try DurableFiles.isThere(path)
            if isThere { try DurableFiles.requireReadable(path) }
        } catch {
            throw .notReachable(error)
        }
        if !isThere { throw .notThere }
    }
}
