import DurableFiles

/// The folders of one site (docs/OPERATING.md, "The site folder").
///
/// The inbox and outbox may be links or mounts of the operator's choosing: files are copied into
/// `state`, so nothing needs to share a file system except `inbox` and `inbox/.claimed`, between
/// which originals are renamed. A sender's folder that is a mount of its own has a `.claimed` too.
public struct SiteFolder: Sendable, Equatable {
    /// The site's root, without a slash at its end.
    public let root: String

    /// A site at `root`; nothing is touched before `prepare`.
    public init(root: String) {
        var trimmed = root.isEmpty ? "." : root
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.root = trimmed
    }

    /// `batchrunner.yaml`.
    public var configuration: String { path("batchrunner.yaml") }
    /// Where files are dropped.
    public var inbox: String { path("inbox") }
    /// The runner's own corner of the inbox: originals between claim and unlink.
    public var claimed: String { path("inbox/.claimed") }
    /// Where responses appear, in the inbox's sub-folders.
    public var outbox: String { path("outbox") }
    /// The audit log.
    public var audit: String { path("audit") }
    /// Everything private; mode 0700, or 0710 for a group that leaves its accesses in `state/accessed`.
    public var state: String { path("state") }
    /// Private copies of files, named by their fileId; only these are ever parsed.
    public var files: String { path("state/files") }
    /// What could not be taken as a file, named by fileId and escaped name, and copies of a time that was
    /// lost (`LostCopies`).
    public var quarantine: String { path("state/quarantine") }
    /// What a copy of the site cannot take over (`SiteMark`).
    var mark: String { path("state/mark") }
    /// Private keys of the audit log.
    public var keys: String { path("state/keys") }
    /// SkyPay's lists: as they were fetched last, and as batches were judged by.
    public var catalogs: String { path("state/catalogs") }
    /// Work not yet whole.
    public var staging: String { path("state/staging") }
    /// SkyPay's answers to senders' questions, as they came; as private and as lasting as `files`.
    public var answers: String { path("state/answers") }
    /// Where `resolve` leaves its word for a daemon.
    var resolutions: String { path("state/resolve") }
    /// The ledger database.
    public var ledger: String { path("state/ledger.sqlite") }
    /// What a running daemon says of itself: where it listens.
    public var status: String { path("state/status.json") }
    /// The file whose lock makes this process the site's only runner.
    public var lock: String { path("state/lock") }
    /// The file whose lock says that the site's runner is a daemon, which takes what is dropped.
    var daemonLock: String { path("state/daemon.lock") }
    /// The file whose lock calls by hand take turns by, so that each sees the others' files.
    var callLock: String { path("state/call.lock") }

    /// Where the files of a sender are dropped; the empty sender drops into the inbox itself.
    public func inbox(of sender: String) -> String { sender.isEmpty ? inbox : "\(inbox)/\(sender)" }

    /// Where the answers to a sender appear.
    public func outbox(of sender: String) -> String {
        sender.isEmpty ? outbox : "\(outbox)/\(sender)"
    }

    /// The private copy stored under a fileId (or `<fileId>.ctl`).
    public func file(_ storedName: String) -> String { "\(files)/\(storedName)" }

    /// A path of the configuration: absolute, or relative to the root.
    public func resolve(_ configured: String) -> String {
        configured.hasPrefix("/") ? configured : path(configured)
    }

    /// Makes what is missing: private folders with mode 0700, inbox and outbox with 0750.
    /// Safe to repeat; a crash in between leaves folders that the next call finds. Does not touch
    /// what exists, except that `state` is refused when others may enter it, or look into it.
    public func prepare() throws(SiteFault) {
        try requireRoot()
        do throws(FileError) {
            for folder in [inbox, outbox] {
                try DurableFiles.makeFolder(folder, mode: Self.exchangeMode)
            }
            for folder in [
                state, files, quarantine, keys, catalogs, staging, answers, audit, claimed,
            ] {
                try DurableFiles.makeFolder(folder, mode: DurableFiles.folderMode)
            }
        } catch {
            throw SiteFault(.notPrepared, "the site folder could not be prepared", cause: error)
        }
        try requirePrivateState()
    }

    /// Inbox and outbox: the group may come in, others may not.
    private static let exchangeMode: UInt32 = 0o750

    private func path(_ relative: String) -> String {
        root == "/" ? "/\(relative)" : "\(root)/\(relative)"
    }

    private func requireRoot() throws(SiteFault) {
        if DurableFiles.isFolder(root) { return }
        if DurableFiles.exists(root) {
            throw SiteFault(
                .rootNotFolder, "\(root) is not a folder; give the site's folder with --root")
        }
        throw SiteFault(
            .rootMissing, "\(root) does not exist; make it, or give another with --root")
    }

    private func requirePrivateState() throws(SiteFault) {
        guard let status = FileStatus(path: state) else { return }
        if status.permissions & 0o067 != 0 {
            throw SiteFault(
                .stateNotPrivate,
                "\(state) may be entered by other users; run: chmod 700 \(state)")
        }
        if status.permissions & 0o010 != 0 { try requirePrivateContents() }
    }

    /// Whoever may pass through `state` on the way to `state/accessed` gets at what he can name there, as
    /// far as its own mode lets him.
    private func requirePrivateContents() throws(SiteFault) {
        let databases = ["", "-wal", "-shm", ".new", ".copy"].map { ledger + $0 }
        for path in [files, quarantine, mark, keys, catalogs, staging, answers, resolutions]
            + databases
        {
            guard let status = FileStatus(path: path), status.permissions & 0o077 != 0 else {
                continue
            }
            throw SiteFault(
                .stateNotPrivate,
                "\(path) may be read by the group that passes through \(state); "
                    + "run: chmod go= \(path)")
        }
    }
}
