import AuditLog
import DurableFiles
import Locks
import SkyPay

/// The provider's lists, kept in `state/catalogs`: one file for each list as it was fetched last,
/// and, since a verdict must come out the same when it is made again years later, every set of
/// lists that a batch was judged by, under its digest.
final class CatalogCache: Sendable {
    /// The lists of a moment and their digest.
    struct Known: Sendable {
        /// SHA-256 of the lists' bytes, lower-case hexadecimal; the event of a verdict names it.
        let digest: String
        let catalogs: Catalogs
    }

    private let folder: String
    private let last = Locked<(files: [FileIdentity?], known: Known?)>(([], nil))
    private let recorded = Locked<Known?>(nil)

    init(folder: String) { self.folder = folder }

    /// Takes a list as it was just fetched.
    /// - Parameter fetchedAt: in seconds since 1970.
    func store(_ entries: [CatalogEntry], of kind: CatalogKind, fetchedAt: Int64) throws {
        try DurableFiles.makeFolder(folder, mode: DurableFiles.folderMode)
        try DurableFiles.replace(
            path(of: kind), CatalogFile.bytes(entries, of: kind, fetchedAt: fetchedAt))
    }

    /// The lists in force; nil when none is known. Nothing is written. A list that cannot be read
    /// counts as not known: the provider is the authority, and payouts do not wait for a cache.
    func current() -> Known? {
        let files = CatalogKind.allCases.map { FileStatus(path: path(of: $0))?.identity }
        return last.withLock { last in
            // A list is only ever replaced by rename, so the same files hold the same lists.
            if last.files != files { last = (files, read()) }
            return last.known
        }
    }

    /// As `current`, made durable under its digest: before a verdict that rests on it is recorded.
    /// A crash in between leaves a file that nobody names.
    func currentForVerdict() throws -> Known? {
        guard let known = current() else { return nil }
        let path = path(of: known.digest)
        if !DurableFiles.exists(path) {
            try DurableFiles.createOrMatch(path, CatalogFile.bytes(known.catalogs))
        }
        return known
    }

    /// The lists a verdict was given by.
    /// - Throws: `InvariantViolation` when they are gone or altered.
    func catalogs(recordedAs digest: String) throws -> Catalogs {
        if let known = recorded.withLock({ $0 }), known.digest == digest { return known.catalogs }
        guard let bytes = try? DurableFiles.read(path(of: digest), limit: CatalogFile.maxBytes),
            SHA256Text.of(bytes) == digest, let catalogs = CatalogFile.catalogs(bytes)
        else {
            throw InvariantViolation(
                "\(path(of: digest)) is missing or altered, and a batch was judged by it; "
                    + "restore it from a backup")
        }
        recorded.withLock { $0 = Known(digest: digest, catalogs: catalogs) }
        return catalogs
    }

    private func read() -> Known? {
        var lists: [CatalogKind: [CatalogEntry]] = [:]
        for kind in CatalogKind.allCases {
            guard
                let bytes = try? DurableFiles.read(path(of: kind), limit: CatalogFile.maxBytes)
            else { continue }
            lists[kind] = CatalogFile.entries(bytes, of: kind)
        }
        let catalogs = Catalogs(lists)
        guard !catalogs.lists.isEmpty else { return nil }
        return Known(
            digest: SHA256Text.of(CatalogFile.bytes(catalogs)), catalogs: catalogs)
    }

    private func path(of kind: CatalogKind) -> String { "\(folder)/\(kind.rawValue).json" }

    private func path(of digest: String) -> String { "\(folder)/used-\(digest).json" }
}
