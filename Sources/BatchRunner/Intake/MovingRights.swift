import Glibc

/// Whether a file can be moved out of a folder by this process: asked before it is copied, because
/// once its claim is durable it would have to be left where it lies. Pure.
struct MovingRights: Sendable {
    /// As people know the folder: `inbox/acme`.
    let folder: String
    /// errno of asking to write and to pass; 0 when both are granted.
    let refusal: Int32
    /// Of the folder.
    let permissions: UInt32
    /// Of the folder.
    let owner: UInt32
    /// As who this process acts.
    let user: UInt32

    /// In a folder with this bit only its owner, or a file's, moves the file.
    private static let stickyBit: UInt32 = 0o1000
    private static let superuser: UInt32 = 0

    /// Why a file that belongs to `fileOwner` must wait, with what to do; nil when nothing is known
    /// to stand in its way. The system has the last word when the file is moved.
    func hindrance(fileOwner: UInt32) -> String? {
        switch refusal {
        case EACCES, EPERM:
            return "the runner may not move files out of \(folder): let its user write there "
                + "(a common group and chmod 2770)"
        case EROFS: return "\(folder) is mounted read-only: mount it for writing"
        default: break
        }
        let isBound = permissions & Self.stickyBit != 0 && user != Self.superuser
        if isBound, user != owner, user != fileOwner {
            return "the runner may not move other users' files out of \(folder): take the sticky "
                + "bit off it (chmod -t)"
        }
        return nil
    }
}

extension OpenFolder {
    /// What this process, as who it acts, may do here; asked of the folder itself.
    /// - Parameter shown: as people know it.
    func movingRights(shown: String) -> MovingRights {
        let isGranted = faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0
        let refusal = isGranted ? 0 : errno
        let status = FileStatus(descriptor: descriptor)
        let user = geteuid()
        return MovingRights(
            folder: shown, refusal: refusal, permissions: status?.permissions ?? 0,
            owner: status?.owner ?? user, user: user)
    }
}

extension Claims {
    /// Why an offer cannot be taken out of its folder, with what to do; nil when nothing is known to
    /// stand in the way.
    func hindrance(to offer: InboxOffer) throws(SiteFault) -> String? {
        let sender = offer.file.sender
        let inbox = try OpenFolder(site: site.inbox)
        if sender.isEmpty { return Self.hindrance(inbox.movingRights(shown: "inbox"), offer) }
        // Gone since the scan: opening the file tells.
        guard let folder = OpenFolder(sender, in: inbox) else { return nil }
        let shown = "inbox/\(sender)"
        if let reason = Self.hindrance(folder.movingRights(shown: shown), offer) { return reason }
        if folder.isOnMount(of: inbox) { return nil }
        do throws(SiteFault) {
            _ = try ClaimFolders.open(site, sender: sender)
            return nil
        } catch {
            guard error.code == .senderUnusable else { throw error }
            return "\(shown) is a mount and the runner cannot make the folder .claimed in it: let "
                + "its user write there"
        }
    }

    private static func hindrance(_ rights: MovingRights, _ offer: InboxOffer) -> String? {
        rights.hindrance(fileOwner: offer.file.status.owner)
            ?? offer.side.flatMap { rights.hindrance(fileOwner: $0.status.owner) }
    }
}
