import DurableFiles

/// The newest checkpoint, and when it and the last kept one were signed.
struct SigningState {
    var newest: SignedCheckpoint
    var signedAt: Int64 = 0
    var keptAt: Int64 = 0
    /// Size of the last one in `checkpoints`.
    var keptSize: UInt64 = 0
}

/// Checkpoints: at least once a second while events arrive, one a minute is kept.
extension LogCore {
    /// While events arrive, a checkpoint is at most this old.
    static let signEverySeconds: Int64 = 1
    /// One checkpoint of this many seconds is kept in `checkpoints`.
    static let keepEverySeconds: Int64 = 60

    /// A checkpoint over every durable event, unless the newest covers them all.
    func checkpoint() throws(AuditLogError) -> SignedCheckpoint {
        if let failure { throw failure }
        if signing.newest.size < size { try sign(keep: false) }
        return signing.newest
    }

    /// Signs while events arrive, when the newest checkpoint is a second old.
    func signWhenDue() throws(AuditLogError) {
        if isSigningDue { try sign(keep: false) }
    }

    var isSigningDue: Bool {
        failure == nil && signing.newest.size < size
            && abs(clock.now().seconds - signing.signedAt) >= Self.signEverySeconds
    }

    /// Over what is durable, and nothing else: more may be staged.
    /// Pin first, then kept, then published: what anyone has seen is never newer than the pin.
    func sign(keep: Bool) throws(AuditLogError) {
        let note = try epochs.key.sign(size: durable.edge.size, root: durable.edge.root)
        let now = clock.now().seconds
        let isKept = keep || abs(now - signing.keptAt) >= Self.keepEverySeconds
        try guarded { () throws(FileError) in
            try DurableFiles.replace(keys.pin, Array(note.text.utf8))
            if isKept {
                try syncDerived()
                try kept.append(Array(note.text.utf8))
                try kept.sync()
            }
            // The pin is the writer's alone; this one is for whoever may read the log.
            try DurableFiles.replace(
                layout.checkpoint, Array(note.text.utf8),
                mode: DurableFiles.modeLikeFolder(of: layout.checkpoint))
        }
        (signing.newest, signing.signedAt) = (note, now)
        access?.isDue = true
        if isKept { (signing.keptAt, signing.keptSize) = (now, note.size) }
    }
}
