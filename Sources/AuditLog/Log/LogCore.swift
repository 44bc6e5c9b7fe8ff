import DurableFiles
import OrderedJSON

/// A draft that passed the rules, with the bytes of its line after number and time.
struct PreparedDraft: Sendable {
    var draft: EventDraft
    var tail: [UInt8]
}

/// The open log: the one owner of its files, its tree and its key. After any failed write or sync
/// it refuses everything for good (fail closed). Lives on the writer's own thread.
final class LogCore {
    /// Members end where the number of events is a multiple of this: 4 · 256.
    static let memberLeaves: UInt64 = 4 * TreeEdge.tileLeaves

    let layout: LogLayout
    let keys: KeyLayout
    let clock: any AuditClock
    let options: OpenOptions
    let files: any LogFiles
    let description: LogDescription
    private let lock: FolderLock
    let kept: any LogFile
    let epochsFile: any LogFile
    let tree: TreeFiles
    let deflater: MemberDeflater
    var epochs: EpochKeys
    var open: OpenSegment
    var edge: TreeEdge
    var lastTime: String
    var memberIsOpen = false
    /// Where the newest member begins in the open segment.
    var memberStart: Int64 = 0
    /// The archive of the open segment, when it is full and large; it goes with the rotation.
    var ahead: ArchiveAhead?
    /// What is added and not yet written; `edge`, `lastTime` and `deflater` are past it.
    var staged: StagedCommit
    /// What is certainly on disk: it may be signed, and last words can be spoken from it.
    var durable: DurableState
    var signing: SigningState
    /// The accesses that readers left; nil while opening.
    var access: AccessIntake?
    var failure: AuditLogError?
    /// True while last words are written.
    var isSpeaking = false

    /// Events that are durable.
    var size: UInt64 { durable.edge.size }

    /// Opens and mends. Order: lock → read and check everything → tail (torn bytes aside, cut,
    /// closed, synced; what is adopted written anew) → tree, hints and notes → a rotation that a crash cut short → `recovered` durable →
    /// rotation, when it is due and small → `opened` durable → checkpoint. Only then may anything be
    /// acknowledged. A crash in between is mended by opening again.
    init(
        _ layout: LogLayout, _ keys: KeyLayout, options: OpenOptions, clock: any AuditClock,
        files: any LogFiles
    ) throws(AuditLogError) {
        lock = try Self.takeLock(keys)
        let opening = try LogOpening(layout, keys)
        (self.layout, self.keys, self.options, self.clock) = (layout, keys, options, clock)
        (self.files, description, epochs) = (files, opening.description, opening.epochs)
        (edge, lastTime) = (opening.scan.edge, opening.lastTime)
        signing = SigningState(newest: opening.pin)
        deflater = try MemberDeflater()
        tree = TreeFiles(layout, files)
        let firstTime = try opening.firstTime()
        do throws(FileError) {
            // First, because it may lie on the room that the reserve needs.
            try DurableFiles.remove(ArchiveInProgress.aside(layout, opening.first))
            try DiskReserve(path: layout.reserve).fill()
            kept = try files.open(layout.checkpoints)
            epochsFile = try files.open(layout.epochs)
            open = try OpenSegment(layout, files, opening, firstTime: firstTime)
        } catch {
            throw AuditLogError(.file, "the log cannot be opened for writing", cause: error)
        }
        let torn =
            opening.isSealed
            ? nil : try TailRepair(opening: opening, segment: open.segment, files: files).run()
        durable = DurableState(edge: edge, lastTime: lastTime, length: open.segment.length)
        staged = StagedCommit(offset: durable.length)
        try restore(opening)
        try resume(opening, torn)
        do throws(FileError) {
            access = try AccessIntake(keys, description)
        } catch {
            throw AuditLogError(.file, "the spool of accesses cannot be made", cause: error)
        }
        try takeInAccesses()
    }

    private static func takeLock(_ keys: KeyLayout) throws(AuditLogError) -> FolderLock {
        do throws(FileError) {
            if let lock = try FolderLock(path: keys.lock) { return lock }
        } catch {
            throw AuditLogError(.key, "the keys folder cannot be used", cause: error)
        }
        throw AuditLogError(.locked, "another process writes to this log: end it first")
    }

    func syncDerived() throws(FileError) {
        try tree.sync()
        try open.hints.sync()
    }

    /// `auditlog.closed`, the member's end, tree and hints durable, checkpoint.
    func close() throws(AuditLogError) {
        if let failure { throw failure }
        try takeInAccesses()
        // What was begun is finished: a site that is opened every night for less than that would never
        // seal at all.
        if ahead != nil { try rotate() }
        try write([own(OwnEvent.closed, ["size": .number(String(edge.size))])], endsMember: true)
        try sign(keep: true)
        failure = AuditLogError(.closed, "the log was closed")
    }

    func own(
        _ type: String, _ data: JSONObject, outcome: Outcome = .success
    ) -> PreparedDraft {
        let draft = EventDraft(
            type: type, actor: options.actor, outcome: outcome, origin: options.origin, data: data)
        return PreparedDraft(draft: draft, tail: draft.tail)
    }

    func guarded(_ work: () throws(FileError) -> Void) throws(AuditLogError) {
        if let failure { throw failure }
        do throws(FileError) {
            try work()
        } catch {
            throw stop(
                AuditLogError(
                    .stopped, "the audit log could not be written and has stopped", cause: error))
        }
    }

    /// Fail closed: whatever comes later gets this error.
    func stop(_ error: AuditLogError) -> AuditLogError {
        failure = error
        giveUpSealing()
        if !isSpeaking, let cause = error.cause as? FileError, DiskReserve.isDiskFull(cause) {
            speakLastWords(cause)
        }
        return error
    }
}
