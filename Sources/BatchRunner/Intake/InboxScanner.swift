/// Lists what lies in the inbox and, one level down, in the senders' folders. The scan is the
/// truth: whatever wakes it only makes it sooner.
struct InboxScanner: Sendable {
    let site: SiteFolder
    /// Most entries looked at in one folder; the rest is seen once these are taken. Each folder has its
    /// own, so that a full one hides no other sender's files.
    var limit = maxEntries
    /// The user that a sender's files must belong to, where that is asked for.
    var owners: [String: UInt32] = [:]

    /// 100,000 files in the inbox, and as many in each sender's folder.
    static let maxEntries = 100_000

    /// What a scan found.
    struct Scan: Sendable {
        /// Oldest contents first, then by sender and name.
        var entries: [InboxEntry] = []
        /// Folders of senders, for watching.
        var senders: [String] = []
        /// Folders of senders that could not be read: nothing in them is seen.
        var unreadableSenders: [String] = []
        /// Folders of senders that are mounts of their own.
        var mounts: [String] = []
        /// Senders whose folders hold more than the limit; empty for the inbox itself.
        var cutSenders: [String] = []
        /// True when some folder held more than the limit.
        var isCut: Bool { !cutSenders.isEmpty }
    }

    /// One look. Entries that vanish meanwhile are left out.
    func scan() throws(SiteFault) -> Scan {
        var scan = Scan()
        let inbox = try OpenFolder(site: site.inbox)
        scan.senders = try Self.senders(in: inbox)
        try look(into: inbox, sender: "", &scan)
        for sender in scan.senders {
            guard let folder = OpenFolder(sender, in: inbox) else {
                scan.unreadableSenders.append(sender)
                continue
            }
            if !folder.isOnMount(of: inbox) { scan.mounts.append(sender) }
            // Its disk fails: the others' need not.
            do throws(SiteFault) {
                try look(into: folder, sender: sender, &scan)
            } catch {
                scan.unreadableSenders.append(sender)
            }
        }
        scan.entries.sort(by: Self.isEarlier)
        return scan
    }

    private func look(
        into folder: borrowing OpenFolder, sender: String, _ scan: inout Scan
    ) throws(SiteFault) {
        let folders = sender.isEmpty ? Set(scan.senders.map { RawName($0) }) : []
        // Hidden names count against this bound too, but never against the limit of entries.
        let names = try folder.names(limit: 2 * limit) { !folders.contains($0) }
        var isCut = names.count >= 2 * limit
        var count = 0
        for name in names where !NameRules.isIgnored(name) {
            guard let status = FileStatus(name, in: folder.descriptor) else { continue }
            // Made since the senders were listed: the next scan has it.
            if sender.isEmpty, status.kind == .folder, NameRules.isSender(name) { continue }
            if count >= limit {
                isCut = true
                break
            }
            count += 1
            var entry = InboxEntry(sender: sender, name: name, status: status)
            entry.wantedOwner = owners[sender]
            entry.isReadable = status.kind != .plain || folder.mayRead(name)
            scan.entries.append(entry)
        }
        if isCut { scan.cutSenders.append(sender) }
    }

    /// Names of the senders' folders, however many files lie between them.
    private static func senders(in inbox: borrowing OpenFolder) throws(SiteFault) -> [String] {
        let descriptor = inbox.descriptor
        let names = try inbox.names(limit: maxEntries) { name in
            NameRules.isSender(name) && FileStatus(name, in: descriptor)?.kind == .folder
        }
        return names.compactMap(\.text)
    }

    private static func isEarlier(_ left: InboxEntry, _ right: InboxEntry) -> Bool {
        if left.identity.modified != right.identity.modified {
            return left.identity.modified < right.identity.modified
        }
        if left.sender != right.sender { return left.sender < right.sender }
        return left.name.bytes.lexicographicallyPrecedes(right.name.bytes)
    }
}
