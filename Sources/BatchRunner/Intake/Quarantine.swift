import DurableFiles
import Glibc

/// Moves what can never be taken out of the inbox, whole and unread.
///
/// The caller journals `file.quarantined` first and then moves, so that a crash in between leaves
/// something in the inbox whose verdict is known; moving again is safe.
struct Quarantine: Sendable {
    let site: SiteFolder
    /// Told after the move and before the comparison; tests interfere there.
    var afterStep: @Sendable (IntakeStep) throws(SiteFault) -> Void = { _ in }

    /// Asked before each renaming to a name: an errno to fail with, or 0. For tests.
    var renamingFails: @Sendable (_ name: String) -> Int32 = { _ in 0 }

    /// What is kept where it lies is named so: hidden, therefore never scanned.
    static let hiddenPrefix = ".quarantined-"
    /// Longest escaped name in the quarantine's own names, in bytes.
    static let maxEscapedBytes = 200

    /// What became of it.
    enum Outcome: Sendable, Equatable {
        /// It lies at this path now.
        case moved(String)
        /// An earlier attempt moved it to this path.
        case movedBefore(String)
        /// The name is gone or another's now: nothing was moved, the next scan tells.
        case vanished
        /// The system does not let us move it (errno); it stays, and a person must see to it.
        case immovable(Int32)
    }

    /// Moves an entry to `state/quarantine/<fileId>-<escaped name>`, durable when this returns.
    /// Where that is another file system, or a folder is not ours to move, it is only renamed to a
    /// hidden name where it lies: copying what was refused for its kind or size is no good.
    ///
    /// renameat2(NOREPLACE) → compare → fsync both folders.
    func move(_ entry: InboxEntry, as fileID: String) throws(SiteFault) -> Outcome {
        let name = "\(fileID)-\(entry.name.escaped(limit: Self.maxEscapedBytes))"
        let source = site.inbox(of: entry.sender)
        for path in ["\(site.quarantine)/\(name)", "\(source)/\(Self.hiddenPrefix)\(name)"]
        where DurableFiles.exists(path) {
            return .movedBefore(path)
        }
        let inbox = try OpenFolder(site: site.inbox)
        if entry.sender.isEmpty { return try move(entry, from: inbox, name) }
        guard let folder = OpenFolder(entry.sender, in: inbox) else { return .vanished }
        return try move(entry, from: folder, name)
    }

    /// After a crash: finds in the inbox what a durable `file.quarantined` names and moves it. Only for
    /// what was set aside there: the original of a claimed file is gone, and its name another's.
    /// Sender and name are as journalled (`RawName.shown`, masked by `PersonalData`).
    func recover(
        fileID: String, sender: String, shownName: String, identity: FileIdentity,
        in scan: InboxScanner.Scan
    ) throws(SiteFault) -> Outcome {
        let entry = scan.entries.first { entry in
            entry.status.isStill(identity) && PersonalData.safe(entry.sender) == sender
                && PersonalData.safe(entry.name.shown) == shownName
        }
        guard let entry else { return .vanished }
        return try move(entry, as: fileID)
    }

    private func rename(
        _ source: borrowing OpenFolder, _ old: RawName, _ target: borrowing OpenFolder,
        _ name: String
    ) -> Int32 {
        let failure = renamingFails(name)
        if failure != 0 { return failure }
        return Renaming.intoOwn.move(source, old, to: target, RawName(name))
    }

    private func move(
        _ entry: InboxEntry, from source: borrowing OpenFolder, _ name: String
    ) throws(SiteFault) -> Outcome {
        guard let present = FileStatus(entry.name, in: source.descriptor),
            present.isStill(entry.status)
        else { return .vanished }
        let target = try OpenFolder(site: site.quarantine)
        switch rename(source, entry.name, target, name) {
        case 0: return try compare(entry, source, target, name)
        case ENOENT: return .vanished
        // EXDEV: another file system. EACCES, EPERM: a folder of another user may not leave its
        // parent, but may be renamed within it. EROFS, EIO: its sender's disk, which is told below.
        case EXDEV, EACCES, EPERM, EROFS, EIO: break
        case let error: throw .of(error, .notMoved, "renameat2", target.path)
        }
        let hidden = Self.hiddenPrefix + name
        switch rename(source, entry.name, source, hidden) {
        case 0: return try compare(entry, source, source, hidden)
        case ENOENT: return .vanished
        case let error: return .immovable(error)
        }
    }

    /// Something else may have got the name just before the move: it goes back unless the name is
    /// taken once more; then it stays here, kept and answered under this fileId.
    private func compare(
        _ entry: InboxEntry, _ source: borrowing OpenFolder, _ target: borrowing OpenFolder,
        _ name: String
    ) throws(SiteFault) -> Outcome {
        try afterStep(.movedAside)
        var outcome = Outcome.moved("\(target.path)/\(name)")
        if let moved = FileStatus(RawName(name), in: target.descriptor),
            !moved.isStill(entry.status),
            Renaming.intoShared.move(target, RawName(name), to: source, entry.name) == 0
        {
            outcome = .vanished
        }
        try target.sync()
        try source.sync()
        return outcome
    }
}
