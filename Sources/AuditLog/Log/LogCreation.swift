import DurableFiles
import OrderedJSON

/// Makes a log. Each step is create-once or the same bytes again, and `checkpoint`, written last,
/// is what makes a log exist; so a crash anywhere is mended by creating again: key of epoch 0 →
/// its certificate → log.json → segment with event 0 → reserve → pin → checkpoints → checkpoint.
///
/// The root key exists only in memory, for the one signature under the certificate of epoch 0. As
/// long as there is no log.json nobody has been told of it, and it is made anew.
struct LogCreation {
    let layout: LogLayout
    let keys: KeyLayout
    let options: CreationOptions
    let clock: any AuditClock

    /// Returns the root verification key.
    func run() throws(AuditLogError) -> String {
        guard VerificationKey.isName(options.origin) else {
            throw AuditLogError(.key, "a log's name has no white space and no +")
        }
        if DurableFiles.exists(layout.checkpoint) {
            throw AuditLogError(.exists, "\(layout.directory) holds a log already")
        }
        if let pin = try keys.readPin(), pin.size > 1 {
            throw AuditLogError(
                .rolledBack, "the keys folder belongs to a log with \(pin.size) events: restore it")
        }
        do throws(FileError) {
            for folder in [keys.directory, layout.directory, layout.segments, layout.tree] {
                try DurableFiles.makeFolder(folder)
            }
        } catch {
            throw AuditLogError(.file, "the folders of the log cannot be made", cause: error)
        }
        let description = try makeDescription()
        let (epochs, _) = try EpochKeys.read(layout, keys, root: description.rootKey)
        guard epochs.chain.certificates.count == 1 else {
            throw AuditLogError(.key, "\(layout.epochs) belongs to another log: move it away")
        }
        let root = try makeFirstEvent(description)
        let note = try epochs.key.sign(size: 1, root: root)
        try write { () throws(FileError) in
            try DiskReserve(path: layout.reserve).fill()
            try DurableFiles.replace(keys.pin, Array(note.text.utf8))
            try DurableFiles.replace(layout.checkpoints, Array(note.text.utf8))
            try DurableFiles.replace(layout.checkpoint, Array(note.text.utf8))
        }
        return description.rootKey.text
    }

    /// The description there is, or a new one with a new root key.
    private func makeDescription() throws(AuditLogError) -> LogDescription {
        if DurableFiles.exists(layout.description) {
            let description = try LogDescription.read(layout)
            guard description.origin == options.origin else {
                throw AuditLogError(.key, "\(layout.description) describes another log")
            }
            return description
        }
        let rootKey = try makeFirstEpoch()
        let description = LogDescription(
            origin: options.origin, created: AuditTime.text(clock.now()), rootKey: rootKey,
            options: options)
        try write { () throws(FileError) in
            try DurableFiles.createOnce(layout.description, description.bytes)
        }
        return description
    }

    /// Key and certificate of epoch 0; the root key that signs it ends with this call.
    private func makeFirstEpoch() throws(AuditLogError) -> VerificationKey {
        let root = SigningKey(name: options.origin)
        let key = SigningKey(name: options.origin)
        let certificate = try EpochCertificate.sign(
            epoch: 0, size: 0, root: .empty, key: key.verificationKey, by: root)
        try write { () throws(FileError) in
            try DurableFiles.replace(keys.epochKey(0), Array((key.text + "\n").utf8))
            try DurableFiles.replace(layout.epochs, Array(certificate.text.utf8))
        }
        return root.verificationKey
    }

    /// A segment of one whole member with event 0; returns the root of the tree of size 1.
    private func makeFirstEvent(
        _ description: LogDescription
    ) throws(AuditLogError) -> TreeHash {
        let draft = EventDraft(
            type: OwnEvent.created, actor: options.actor, outcome: .success,
            origin: options.eventOrigin ?? options.origin,
            data: ["logSha256": .string(sha256Text(try readFile(layout.description)))])
        let event = Event(sequence: 0, time: description.created, draft: draft)
        let deflater = try MemberDeflater()
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        deflater.add(event.bytes + [0x0A], to: &bytes)
        deflater.finish(&bytes)
        let hint = MemberHint(offset: 0, first: 0).bytes
        try write { () throws(FileError) in
            try DurableFiles.createOrMatch(layout.segment(0), bytes)
            try DurableFiles.createOrMatch(layout.members(0), hint)
        }
        return TreeHash(leaf: event.bytes)
    }

    private func write(_ work: () throws(FileError) -> Void) throws(AuditLogError) {
        do throws(FileError) {
            try work()
        } catch {
            throw AuditLogError(.file, "the log cannot be made", cause: error)
        }
    }
}
