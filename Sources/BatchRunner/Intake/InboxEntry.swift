/// Something that lies in the inbox or in a sender's folder.
struct InboxEntry: Sendable, Hashable {
    /// Sub-folder of the inbox; empty for the inbox itself.
    let sender: String
    let name: RawName
    let status: FileStatus
    /// Whether this process may read it; true for what is not a plain file.
    var isReadable = true
    /// The user it must belong to; nil for any.
    var wantedOwner: UInt32?

    /// Where it lies: what an earlier look at the same place is found by.
    struct Place: Sendable, Hashable {
        let sender: String
        let name: RawName
    }

    var place: Place { Place(sender: sender, name: name) }
    var identity: FileIdentity { status.identity }

    /// Largest file taken, in bytes (512 MiB).
    static let maxFileBytes: Int64 = 512 << 20

    /// Why it can never be taken, with what to do; nil for a plain file with a sane name. To be
    /// acted on only once it has settled: an SFTP rename gives a file two links for a moment.
    var refusal: String? {
        if let kind = notPlain { return kind }
        if let fault = NameRules.fault(in: name) { return fault }
        if status.links != 1 {
            return "the file has \(status.links) links; drop a copy of its own"
        }
        if let wantedOwner, status.owner != wantedOwner {
            return "the file belongs to user \(status.owner), and this sender's must belong to "
                + "\(wantedOwner) (senders.NAME.owner); let that user drop it"
        }
        if !isReadable {
            return "the runner may not read the file; drop it again with a mode that lets it"
        }
        if identity.size > Self.maxFileBytes {
            return "the file is larger than \(Self.maxFileBytes >> 20) MiB; split the batch"
        }
        return nil
    }

    private var notPlain: String? {
        switch status.kind {
        case .plain: nil
        case .folder:
            "a folder lies where a file belongs; folders of senders lie in the inbox itself and "
                + "are named with letters, digits, \"-\" and \"_\""
        case .link: "a symbolic link is not a file; drop the file itself"
        case .fifo: "a named pipe is not a file; drop a plain file"
        case .socket: "a socket is not a file; drop a plain file"
        case .device: "a device is not a file; drop a plain file"
        }
    }
}

extension FileStatus: Hashable {
    func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}
