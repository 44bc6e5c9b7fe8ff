import AuditLog
import DurableFiles
import OrderedJSON

/// Private copies without a claim in a site that was put back to an older state: files of the time that
/// was lost. Their senders were told that they came and their originals are gone, so that these copies may
/// be all there is of them; elsewhere such a copy is what a crash left, and goes (`Claims.recover`).
struct LostCopies: Sendable {
    let site: SiteFolder

    /// How their names in the quarantine begin: ids are given out again.
    static let prefix = "lost-"
    /// Names an event gives at most.
    static let maxNamed = 20

    /// Sets them aside in `state/quarantine`, recorded first. Once at start, under the site's lock, before
    /// anything gets an id. A copy that a crash left in that time is set aside as well: its original
    /// lies in the inbox and is taken.
    func setAside(in journal: Journal) async throws {
        let names = try unclaimed(journal.ledger)
        if names.isEmpty { return }
        try await journal.record(
            .copiesSetAside,
            data: [
                "copies": .number(String(names.count)),
                "names": .array(names.prefix(Self.maxNamed).map { .string($0) }),
            ])
        // If we crash here the next start records and sets aside what is left.
        for name in names { try setAside(name) }
    }

    /// Whole copies, of files and of side files, that no claim speaks of.
    private func unclaimed(_ ledger: Ledger) throws -> [String] {
        var names: [String] = []
        for raw in try OpenFolder(site: site.files).names(limit: .max) {
            guard let name = raw.text, let fileID = Claims.fileID(ofCopy: raw),
                name == fileID || name == ClaimRecord.sideStoredName(fileID)
            else { continue }
            let records = try ledger.file(fileID)?.claimRecords ?? []
            if !records.contains(where: { $0.storedName == name }) { names.append(name) }
        }
        return names.sorted()
    }

    /// renameat2(NOREPLACE) → fsync both folders: it keeps its mode, and is as private as it was.
    private func setAside(_ name: String) throws {
        let copy = site.file(name)
        var number = 1
        while true {
            let ending = number == 1 ? "" : "~\(number)"
            let kept = "\(site.quarantine)/\(Self.prefix)\(name)\(ending)"
            if !DurableFiles.exists(kept) { return try DurableFiles.move(copy, to: kept) }
            // What a crash leaves at every start anew is kept once, or it would fill the disk.
            if try isSame(copy, kept) { return try DurableFiles.remove(copy) }
            number += 1
        }
    }

    private func isSame(_ copy: String, _ kept: String) throws -> Bool {
        let (one, other) = (try InputFile(path: copy), try InputFile(path: kept))
        guard try one.length() == other.length() else { return false }
        return try FileStore.contentSHA256(of: one) == FileStore.contentSHA256(of: other)
    }

    /// Those that lie in the quarantine until a person has taken them away; side files are not counted.
    var kept: [String] {
        let prefix = Array(Self.prefix.utf8)
        let names = try? OpenFolder(site: site.quarantine)
            .names(limit: .max, where: { $0.bytes.starts(with: prefix) })
        return (names ?? []).compactMap(\.text).filter { !$0.contains(NameRules.sideSuffix) }
    }

    /// What every run tells while there are some; nil when there are none.
    var warning: String? {
        let count = kept.count
        guard count > 0 else { return nil }
        return
            "\(count) files lie in state/quarantine as \(Self.prefix)…: they came before an older "
            + "state was put back, and the audit log does not know them; have senders drop again "
            + "what they dropped in the lost time, then move these away (docs/OPERATING.md, "
            + "\"A backup was put back\")"
    }
}

extension Runner {
    /// Copies set aside that still lie there. A site that was never put back is not searched for them.
    func lostCopies() throws -> LostCopies? {
        try site.journal.ledger.restoration().map { _ in LostCopies(site: site.folder) }
    }
}
