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
        /// The system does not let us move or remove it (errno). The claim stands, so it must not
        /// be claimed again: `LeftOriginals` remembers it, `finishLeft` tries again.
        case left(Int32)
    }

    /// Ends a claim that is durable in the journal: never call it before.
    ///
    /// renameat2(NOREPLACE, inbox → .claimed) → compare under the lease → unlink → fsync both
    /// folders. A crash in between leaves the original in `.claimed`, where `recover` finds it by
    /// its name; the copy is the file, so losing the original loses nothing.
    func finish(_ candidate: ClaimCandidate) throws(SiteFault) -> Finish {
        defer { candidate.release() }
        do throws(SiteFault) {
            guard let folders = try ClaimFolders.open(site, sender: candidate.record.sender) else {
                // Removed, or a mount that is away: which of them shows when it is seen again.
                return .left(ENOENT)
            }
            return try moveAside(candidate.record, folders) { candidate.isUnchanged }
        } catch {
            return try Self.left(error)
        }
    }

    /// Tries once more to take an original out of the inbox whose claim is durable. It is read again
    /// before it goes: where inodes are made up, a newer file may look like it.
    func finishLeft(_ record: ClaimRecord) throws(SiteFault) -> Finish {
        do throws(SiteFault) {
            guard let folders = try ClaimFolders.open(site, sender: record.sender) else {
                return .left(ENOENT)
            }
            return try finishLeft(record, folders)
        } catch {
            return try Self.left(error)
        }
    }

    private func finishLeft(
        _ record: ClaimRecord, _ folders: borrowing ClaimFolders
    ) throws(SiteFault) -> Finish {
        guard let status = FileStatus(record.name, in: folders.source.descriptor) else {
            return errno == ENOENT ? .gone : .left(errno)
        }
        guard status.identity.isSameContent(as: record.identity) else { return .gone }
        let original: OpenOriginal
        do throws(OpenOriginal.Refusal) {
            original = try OpenOriginal(record.name, in: folders.source)
        } catch {
            return error.code == ENOENT ? .gone : .left(error.code)
        }
        // A writer came since: what it makes of the file is settled as a new one.
        if original.answer == .writer { return .left(EBUSY) }
        guard original.isUnchanged(record.identity) else { return .gone }
        let candidate = ClaimCandidate(record, original)
        defer { candidate.release() }
        return try moveAside(record, folders) {
            candidate.isUnchanged && candidate.isWhatWasCopied
        }
    }

    /// One sender's folder that cannot be worked in leaves that sender's file where it is; anything
    /// else is thrown on.
    static func left(_ fault: SiteFault) throws(SiteFault) -> Finish {
        guard fault.code == .senderUnusable else { throw fault }
        return .left(fault.cause?.code ?? EIO)
    }

    /// Moves the original aside and goes on with `settleAside`.
    private func moveAside(
        _ record: ClaimRecord, _ folders: borrowing ClaimFolders, isUnchanged: () -> Bool
    ) throws(SiteFault) -> Finish {
        let aside = ClaimedName(record).inClaimed
        var error = movingFails(record.name)
        if error == 0 {
            error = Renaming.intoOwn.move(
                folders.source, record.name, to: folders.claimed, aside,
                inTwoCalls: movesInTwoCalls)
        }
        switch error {
        case 0: break
        case ENOENT: return .gone
        // From an earlier attempt at this very claim: the name in the inbox is a newer file's.
        case EEXIST: break
        // EACCES, EPERM, EROFS, EIO and the like. The copy is the file, whatever becomes of the
        // original: no reason to stop all the other senders.
        default: return .left(error)
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
        if result != 0 {
            throw .of(result, folders.claimedFault, "unlinkat", folders.claimed.path)
        }
        try afterStep(.unlinked)
        try folders.sync()
        return .unlinked
    }

    /// Back to its name in the inbox if that is free and the sender's folder takes it, otherwise set
    /// apart; never over another file.
    func giveBack(
        _ aside: ClaimedName, from present: RawName, _ folders: borrowing ClaimFolders
    ) throws(SiteFault) -> Finish {
        let result: Finish
        switch Renaming.intoShared.move(
            folders.claimed, present, to: folders.source, aside.name, inTwoCalls: movesInTwoCalls)
        {
        case 0: result = .givenBack
        case ENOENT: return .gone
        default:
            result = .stranded
            if present != aside.stranded { try strand(aside, from: present, folders) }
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
        if error != 0 {
            throw .of(error, folders.claimedFault, "renameat2", folders.claimed.path)
        }
    }
}

/// The two folders an original is moved between, open.
struct ClaimFolders: ~Copyable {
    let source: OpenFolder
    let claimed: OpenFolder
    /// What a failure in `claimed` is: the site's, or one sender's whose corner it is.
    let claimedFault: SiteFault.Code
    private let isSite: Bool

    private init(
        source: consuming OpenFolder, claimed: consuming OpenFolder,
        claimedFault: SiteFault.Code = .notMoved, isSite: Bool = false
    ) {
        self.source = source
        self.claimed = claimed
        self.claimedFault = claimedFault
        self.isSite = isSite
    }

    /// Nil when the sender's folder is gone.
    /// - Throws: `senderUnusable` when the sender's mount refuses us a corner of our own.
    static func open(_ site: SiteFolder, sender: String) throws(SiteFault) -> ClaimFolders? {
        let inbox = try OpenFolder(site: site.inbox)
        if sender.isEmpty {
            return ClaimFolders(
                source: inbox, claimed: try OpenFolder(site: site.claimed), isSite: true)
        }
        guard let folder = OpenFolder(sender, in: inbox) else { return nil }
        if folder.isOnMount(of: inbox) {
            let claimed = try OpenFolder(site: site.claimed)
            return ClaimFolders(source: folder, claimed: claimed)
        }
        let corner = try ownCorner(of: folder)
        return ClaimFolders(source: folder, claimed: corner, claimedFault: .senderUnusable)
    }

    /// A sender's folder that is a mount of its own has a corner of its own: nothing is renamed from
    /// one mount to another. mkdirat → open, no links
    private static func ownCorner(
        of folder: borrowing OpenFolder
    ) throws(SiteFault) -> OpenFolder {
        if mkdirat(folder.descriptor, cornerName, DurableFiles.folderMode) != 0, errno != EEXIST {
            throw .last(.senderUnusable, "mkdirat", "\(folder.path)/\(cornerName)")
        }
        guard let corner = OpenFolder(cornerName, in: folder) else {
            throw .last(.senderUnusable, "openat2", "\(folder.path)/\(cornerName)")
        }
        return corner
    }

    private static let cornerName = ".claimed"

    /// Makes the names in both durable. Where a sender's folder cannot, a power loss may bring an
    /// original back: its identity tells that it was claimed.
    func sync() throws(SiteFault) {
        if claimedFault == .notMoved { try claimed.sync() } else { try? claimed.sync() }
        if isSite { try source.sync() } else { try? source.sync() }
    }
}
