import CLinux
import Glibc

/// Originals whose claims are durable and that the system does not let us move out of the inbox (an
/// immutable flag, a share's access list). Each has its verdict or gets it, so it must not be
/// claimed again, by this process or a later one: what was rejected would be judged anew, after its
/// sender was told to mend it.
struct LeftOriginals {
    private var records: [InboxEntry.Place: ClaimRecord] = [:]

    /// Remembers an original that could not be moved.
    mutating func note(_ record: ClaimRecord) {
        records[InboxEntry.Place(sender: record.sender, name: record.name)] = record
    }

    /// What earlier processes left: known by the identity in its claim, as far as it speaks of the
    /// contents. Whoever takes the flag off, or gives the runner rights to the file, changes its ctime,
    /// and it must not be judged anew for that; what only looks like it is read before it goes. Once at
    /// start, after recovery.
    mutating func recall(_ entries: [InboxEntry], _ ledger: Ledger, _ site: SiteFolder) throws {
        for entry in entries where entry.refusal == nil {
            if let record = try Self.claim(of: entry, ledger, site) { note(record) }
        }
    }

    /// Whether an entry is the original of a claim. The same bytes dropped again may have its time, and
    /// its inode, which is free once it went: they are younger than the claim, and get their own answer.
    /// - Parameter born: nanoseconds since 1970; nil where the file system does not say, and then only
    ///   what nobody has touched since is the original.
    static func isOriginal(
        _ entry: FileIdentity, of claimed: FileIdentity, born: Int64?
    ) -> Bool {
        if entry == claimed { return true }
        guard entry.isSameContent(as: claimed), let born else { return false }
        return born <= claimed.changed
    }

    private static func born(_ path: String) -> Int64? {
        var (inode, seconds, nanoseconds): (UInt64, Int64, UInt32) = (0, 0, 0)
        guard clinux_birth(path, &inode, &seconds, &nanoseconds) == 1 else { return nil }
        return seconds * 1_000_000_000 + Int64(nanoseconds)
    }

    private static func claim(
        of entry: InboxEntry, _ ledger: Ledger, _ site: SiteFolder
    ) throws -> ClaimRecord? {
        var names = [entry.name.shown]
        if entry.name.hasSuffix(NameRules.sideSuffix) {
            let owner = entry.name.bytes.dropLast(NameRules.sideSuffix.utf8.count)
            names.append(RawName(bytes: Array(owner)).shown)
        }
        // The log may have another text for a name or sender than they have (`PersonalData.safe`).
        let sender = PersonalData.safe(entry.sender)
        for name in names {
            for file in try ledger.filesCalled(PersonalData.safe(name), sender: sender) {
                // Set aside without a claim: it has no copy, and nothing of it may be unlinked.
                guard !file.sha256.isEmpty else { continue }
                for record in file.claimRecords
                where record.identity.isSameContent(as: entry.identity) {
                    let folder = entry.sender.isEmpty ? site.inbox : site.inbox(of: entry.sender)
                    let born = born("\(folder)/\(entry.name.shown)")
                    guard isOriginal(entry.identity, of: record.identity, born: born) else {
                        continue
                    }
                    return ClaimRecord(
                        storedName: record.storedName, sender: entry.sender, name: entry.name,
                        identity: record.identity, sha256: record.sha256)
                }
            }
        }
        return nil
    }

    /// Tries once more to take them away, and forgets those that are gone or changed. Gives the
    /// entries that are none of them, and those that go on waiting.
    mutating func finish(
        _ entries: [InboxEntry], by claims: Claims
    ) throws(SiteFault) -> (others: [InboxEntry], waiting: [WaitingFile]) {
        if records.isEmpty { return (entries, []) }
        var others: [InboxEntry] = []
        var waiting: [WaitingFile] = []
        // What this look does not see (a mount that is away, a folder too full) stays known.
        var still = records
        for entry in entries {
            guard let record = records[entry.place],
                record.identity.isSameContent(as: entry.identity)
            else {
                still[entry.place] = nil
                others.append(entry)
                continue
            }
            guard case .left(let error) = try claims.finishLeft(record) else {
                still[entry.place] = nil
                continue
            }
            waiting.append(WaitingFile(entry, Self.reason(record, error)))
        }
        records = still
        return (others, waiting)
    }

    private static func reason(_ record: ClaimRecord, _ error: Int32) -> String {
        "it was taken as \(record.storedName) and cannot be moved out of the inbox "
            + "(\(String(cString: strerror(error)))): remove it, or let the runner's user rename "
            + "and delete in this folder; it is not taken twice"
    }
}
