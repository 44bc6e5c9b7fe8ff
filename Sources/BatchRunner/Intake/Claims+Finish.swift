import DurableFiles
import Glibc

extension Claims {
    /// What became of an original whose claim is durable.
    enum Finish: Sendable, Equatable {
        /// Unlinked: it was the file that was copied.
        case unlinked
        /// Gone already: its sender took it away, or an earlier attempt unlinked it.
        case gone
        /// Another file, or changed since: given back to the inbox, to be settled as a new file.
        case givenBack
        /// As `givenBack`, but its name is taken again: it waits in `.claimed` until
        /// `giveBackStranded` finds the name free.
        case stranded
    }

    /// Ends a claim that is durable in the journal: never call it before.
    ///
    /// renameat2(NOREPLACE, inbox → .claimed) → compare under the lease → unlink → fsync both
    /// folders. A crash in between leaves the original in `.claimed`, where `recover` finds it by
    /// its name; the copy is the file, so losing the original loses nothing.
    func finish(_ candidate: ClaimCandidate) throws(SiteFault) -> Finish {
        defer { candidate.release() }
        guard let folders = try ClaimFolders.open(site, sender: candidate.record.sender) else {
            return .gone
        }
        return try moveAside(candidate.record, folders) { candidate.isUnchanged }
    }

    /// Moves the original aside and goes on with `settleAside`.
    func moveAside(
        _ record: ClaimRecord, _ folders: borrowing ClaimFolders, isUnchanged: () -> Bool
    ) throws(SiteFault) -> Finish {
        let aside = ClaimedName(record).inClaimed
        switch Renaming.intoOwn.move(
            folders.source, record.name, to: folders.claimed, aside, inTwoCalls: movesInTwoCalls)
        {
        case 0: break
        case ENOENT: return .gone
        // From an earlier attempt at this very claim: the name in the inbox is a newer file's.
        case EEXIST: break
        case let error: throw .of(error, .notMoved, "renameat2", folders.source.path)
        }
        try afterStep(.movedAside)
        return try settleAside(record, folders, isUnchanged: isUnchanged)
    }

    /// Compares what lies aside with the claim: the copied file goes, anything else goes back.
    func settleAside(
        _ record: ClaimRecord, _ folders: borrowing ClaimFolders, isUnchanged: () -> Bool
    ) throws(SiteFault) -> Finish {
        let aside = ClaimedName(record)
        guard let status = FileStatus(aside.inClaimed, in: folders.claimed.descriptor) else {
            return .gone
        }
        // The lease is asked last: who opened the file for writing before its name was moved shows
        // here; afterwards nobody can reach it by name.
        guard status.identity.isSameContent(as: record.identity), isUnchanged() else {
            return try giveBack(aside, from: aside.inClaimed, folders)
        }
        try afterStep(.compared)
        let claimed = folders.claimed.descriptor
        let result = aside.inClaimed.withCString { unlinkat(claimed, $0, 0) == 0 ? 0 : errno }
        if result != 0 { throw .of(result, .notMoved, "unlinkat", folders.claimed.path) }
        try afterStep(.unlinked)
        try folders.sync()
        return .unlinked
    }

    /// Back to its name in the inbox if that is free, otherwise set apart; never over another file.
    func giveBack(
        _ aside: ClaimedName, from present: RawName, _ folders: borrowing ClaimFolders
    ) throws(SiteFault) -> Finish {
        let result: Finish
        switch Renaming.intoShared.move(
            folders.claimed, present, to: folders.source, aside.name, inTwoCalls: movesInTwoCalls)
        {
        case 0: result = .givenBack
        case ENOENT: return .gone
        case EEXIST:
            result = .stranded
            if present != aside.stranded { try strand(aside, from: present, folders) }
        case let error: throw .of(error, .notMoved, "renameat2", folders.claimed.path)
        }
        try afterStep(.givenBack)
        try folders.sync()
        return result
    }

    private func strand(
        _ aside: ClaimedName, from present: RawName, _ folders: borrowing ClaimFolders
    ) throws(SiteFault) {
        let error = Renaming.intoOwn.move(
            folders.claimed, present, to: folders.claimed, aside.stranded,
            inTwoCalls: movesInTwoCalls)
        if error != 0 { throw .of(error, .notMoved, "renameat2", folders.claimed.path) }
    }
}

/// The two folders an original is moved between, open.
struct ClaimFolders: ~Copyable {
    let source: OpenFolder
    let claimed: OpenFolder

    private init(source: consuming OpenFolder, claimed: consuming OpenFolder) {
        self.source = source
        self.claimed = claimed
    }

    /// Nil when the sender's folder is gone.
    static func open(_ site: SiteFolder, sender: String) throws(SiteFault) -> ClaimFolders? {
        let inbox = try OpenFolder(site: site.inbox)
        if sender.isEmpty {
            return ClaimFolders(source: inbox, claimed: try OpenFolder(site: site.claimed))
        }
        guard let folder = OpenFolder(sender, in: inbox) else { return nil }
        let claimed: OpenFolder
        if folder.isOnMount(of: inbox) {
            claimed = try OpenFolder(site: site.claimed)
        } else {
            claimed = try ownCorner(of: folder)
        }
        return ClaimFolders(source: folder, claimed: claimed)
    }

    /// A sender's folder that is a mount of its own has a corner of its own: nothing is renamed from
    /// one mount to another. mkdirat → open, no links
    private static func ownCorner(
        of folder: borrowing OpenFolder
    ) throws(SiteFault) -> OpenFolder {
        if mkdirat(folder.descriptor, cornerName, DurableFiles.folderMode) != 0, errno != EEXIST {
            throw .last(.notMoved, "mkdirat", "\(folder.path)/\(cornerName)")
        }
        guard let corner = OpenFolder(cornerName, in: folder) else {
            throw .last(.notMoved, "openat2", "\(folder.path)/\(cornerName)")
        }
        return corner
    }

    private static let cornerName = ".claimed"

    func sync() throws(SiteFault) {
        try claimed.sync()
        try source.sync()
    }
}
