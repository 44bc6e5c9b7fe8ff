/// Lists what lies in the inbox and, one level down, in the senders' folders. The scan is the
/// truth: whatever wakes it only makes it sooner.
struct InboxScanner: Sendable {
    let site: SiteFolder
    /// Most entries looked at in one scan; the rest is seen once these are taken.
    var limit = maxEntries
    /// The user that a sender's files must belong to, where that is asked for.
    var owners: [String: UInt32] = [:]

    /// 100,000 files in the inbox.
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
        /// True when there was more than the limit.
        var isCut = false
    }

    /// One look. Entries that vanish meanwhile are left out.
    func scan() throws(SiteFault) -> Scan {
        var scan = Scan()
        let inbox = try OpenFolder(site: site.inbox)
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
        // Hidden names count against this bound too, but never against the limit of entries.
        let names = try folder.names(limit: 2 * limit)
        for name in names where !NameRules.isIgnored(name) {
            guard let status = FileStatus(name, in: folder.descriptor) else { continue }
            if sender.isEmpty, status.kind == .folder, NameRules.isSender(name),
                let text = name.text
            {
                scan.senders.append(text)
                continue
            }
            if scan.entries.count >= limit {
                scan.isCut = true
                return
            }
            var entry = InboxEntry(sender: sender, name: name, status: status)
            entry.wantedOwner = owners[sender]
            entry.isReadable = status.kind != .plain || folder.mayRead(name)
            scan.entries.append(entry)
        }
        if names.count >= 2 * limit { scan.isCut = true }
    }

    private static func isEarlier(_ left: InboxEntry, _ right: InboxEntry) -> Bool {
        if left.identity.modified != right.identity.modified {
            return left.identity.modified < right.identity.modified
        }
        if left.sender != right.sender { return left.sender < right.sender }
        return left.name.bytes.lexicographicallyPrecedes(right.name.bytes)
    }
}
