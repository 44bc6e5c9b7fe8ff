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
    /// While events arrive, a checkpoint is at most this old.
    static let signEverySeconds: Int64 = 1
    /// One checkpoint of this many seconds is kept in `checkpoints`.
    static let keepEverySeconds: Int64 = 60

    private let layout: LogLayout
    private let keys: KeyLayout
    private let key: SigningKey
    private let clock: any AuditClock
    private let options: OpenOptions
    private let first: UInt64
    private let lock: FolderLock
    private let segment: any LogFile
    private let hints: any LogFile
    private let kept: any LogFile
    private let tree: TreeFiles
    private let deflater: MemberDeflater
    private var edge: TreeEdge
    private var lastTime: String
    private var memberIsOpen = false
    private var signed: SignedCheckpoint
    private var signedAt: Int64 = 0
    private var keptAt: Int64 = 0
    private var failure: AuditLogError?

    let description: LogDescription
    /// Events that are durable.
    var size: UInt64 { edge.size }

    /// Opens and mends. Order: lock → read and check everything → tail (torn bytes aside, cut,
    /// closed, synced) → tree and hints → `recovered`, `opened` durable → checkpoint. Only then may
    /// anything be acknowledged. A crash in between is mended by opening again.
    init(
        _ layout: LogLayout, _ keys: KeyLayout, options: OpenOptions, clock: any AuditClock,
        files: any LogFiles
    ) throws(AuditLogError) {
        lock = try Self.takeLock(keys)
        let opening = try LogOpening(layout, keys)
        (self.layout, self.keys, self.options, self.clock) = (layout, keys, options, clock)
        (key, description, first) = (opening.key, opening.description, opening.first)
        (edge, lastTime, signed) = (opening.scan.edge, opening.scan.lastTime, opening.pin)
        deflater = try MemberDeflater()
        tree = TreeFiles(layout, files)
        do throws(FileError) {
            segment = try files.open(layout.segment(first))
            hints = try files.open(layout.members(first))
            kept = try files.open(layout.checkpoints)
        } catch {
            throw AuditLogError(.file, "the log cannot be opened for writing", cause: error)
        }
        let torn = try TailRepair(opening: opening, segment: segment).run()
        try guarded { () throws(FileError) in try restoreDerived(opening) }
        try commit(openingEvents(opening, torn))
        _ = try sign(keep: true)
    }

    private static func takeLock(_ keys: KeyLayout) throws(AuditLogError) -> FolderLock {
        do throws(FileError) {
            if let lock = try FolderLock(path: keys.lock) { return lock }
        } catch {
            throw AuditLogError(.key, "the keys folder cannot be used", cause: error)
        }
        throw AuditLogError(.locked, "another process writes to this log: end it first")
    }

    /// Tree and hints become what the events say, then durable.
    private func restoreDerived(_ opening: LogOpening) throws(FileError) {
        try tree.cut(to: opening.trustedSize)
        for (level, hash) in opening.scan.tiles { tree.add(level, hash) }
        try tree.write()
        try tree.sync()
        let length = Int64(opening.trustedHints.count * MemberHint.byteCount)
        if hints.length > length { try hints.truncate(to: length) }
        let members = opening.scan.hints.filter { $0.offset < segment.length }
        try hints.append(members.flatMap(\.bytes))
        try hints.sync()
        try restoreKept()
    }

    /// A half-written note at the end of `checkpoints` is set aside.
    private func restoreKept() throws(FileError) {
        let bytes = try DurableFiles.read(layout.checkpoints, limit: readLimitBytes)
        let whole = SignedCheckpoint.all(in: bytes).whole
        if whole == bytes.count { return }
        let torn = Array(bytes[whole...])
        let name = "checkpoints.\(whole)-\(sha256Text(torn).prefix(8)).torn"
        try DurableFiles.createOrMatch("\(layout.directory)/\(name)", torn)
        try kept.truncate(to: Int64(whole))
        try kept.sync()
    }

    private func openingEvents(
        _ opening: LogOpening, _ torn: TailRepair.Torn?
    ) -> [PreparedDraft] {
        var drafts: [PreparedDraft] = []
        if !opening.isClean {
            drafts.append(
                own(
                    OwnEvent.recovered,
                    [
                        "firstAdopted": .number(String(opening.pin.size)),
                        "next": .number(String(edge.size)),
                        "tornBytes": .number(String(torn?.bytes ?? 0)),
                        "tornFile": torn.map { .string($0.file) } ?? .null,
                        "tornSha256": torn.map { .string($0.sha256) } ?? .null,
                    ]))
        }
        return drafts + [own(OwnEvent.opened, ["size": .number(String(edge.size))])]
    }

    private func own(_ type: String, _ data: JSONObject) -> PreparedDraft {
        let draft = EventDraft(
            type: type, actor: options.actor, outcome: .success, origin: options.origin, data: data)
        return PreparedDraft(draft: draft, tail: draft.tail)
    }

    /// Makes events durable: deflate, write, fdatasync; then they may be acknowledged.
    @discardableResult
    func commit(_ drafts: [PreparedDraft]) throws(AuditLogError) -> [Event] {
        if let failure { throw failure }
        var batch = CommitBatch(segmentLength: segment.length)
        let events = drafts.map { add($0, to: &batch) }
        compress(&batch)
        if memberIsOpen { deflater.flush(&batch.output) }
        try guarded { () throws(FileError) in
            guard segment.isStillAt(layout.segment(first)) else {
                throw FileError(operation: "write", path: layout.segment(first), code: 116)
            }
            try segment.append(batch.output)
            try segment.sync()
            try writeDerived(batch)
        }
        return events
    }

    private func add(_ prepared: PreparedDraft, to batch: inout CommitBatch) -> Event {
        let time = max(AuditTime.text(clock.now()), lastTime)
        lastTime = time
        let event = Event(sequence: edge.size, time: time, draft: prepared.draft)
        let start = batch.lines.count
        if !memberIsOpen {
            deflater.begin(&batch.output)
            let offset =
                batch.segmentLength + Int64(batch.output.count - MemberDeflater.header.count)
            batch.hints += MemberHint(offset: offset, first: edge.size).bytes
            memberIsOpen = true
        }
        Event.appendHead(edge.size, time, to: &batch.lines)
        batch.lines += prepared.tail
        let leaf = batch.lines.withUnsafeBytes { TreeHash(leaf: .init(rebasing: $0[start...])) }
        batch.lines.append(0x0A)
        edge.append(leaf) { tree.add($0, $1) }
        if edge.size % Self.memberLeaves == 0 { endMember(&batch) }
        return event
    }

    private func compress(_ batch: inout CommitBatch) {
        if batch.lines.isEmpty { return }
        deflater.add(batch.lines, to: &batch.output)
        batch.lines.removeAll(keepingCapacity: true)
    }

    private func endMember(_ batch: inout CommitBatch) {
        compress(&batch)
        deflater.finish(&batch.output)
        memberIsOpen = false
        batch.endsMember = true
    }

    /// Hints and tree follow the events; opening makes anew what a crash loses here.
    private func writeDerived(_ batch: CommitBatch) throws(FileError) {
        if !batch.hints.isEmpty { try hints.append(batch.hints) }
        try tree.write()
        if batch.endsMember {
            try tree.sync()
            try hints.sync()
        }
    }

    /// A checkpoint over every durable event, unless the newest covers them all.
    func checkpoint() throws(AuditLogError) -> SignedCheckpoint {
        if let failure { throw failure }
        return signed.size == edge.size ? signed : try sign(keep: false)
    }

    /// Signs while events arrive, when the newest checkpoint is a second old.
    func signWhenDue() throws(AuditLogError) {
        if failure == nil, signed.size < edge.size,
            abs(clock.now().seconds - signedAt) >= Self.signEverySeconds
        {
            _ = try sign(keep: false)
        }
    }

    /// Pin first, then kept, then published: what anyone has seen is never newer than the pin.
    private func sign(keep: Bool) throws(AuditLogError) -> SignedCheckpoint {
        let note = try key.sign(size: edge.size, root: edge.root)
        let now = clock.now().seconds
        let isKept = keep || abs(now - keptAt) >= Self.keepEverySeconds
        try guarded { () throws(FileError) in
            try DurableFiles.replace(keys.pin, Array(note.text.utf8))
            if isKept {
                try kept.append(Array(note.text.utf8))
                try kept.sync()
            }
            try DurableFiles.replace(layout.checkpoint, Array(note.text.utf8))
        }
        (signed, signedAt) = (note, now)
        if isKept { keptAt = now }
        return note
    }

    /// `auditlog.closed`, the member's end, tree and hints durable, checkpoint.
    func close() throws(AuditLogError) {
        if let failure { throw failure }
        var batch = CommitBatch(segmentLength: segment.length)
        let closed = own(OwnEvent.closed, ["size": .number(String(edge.size))])
        _ = add(closed, to: &batch)
        if memberIsOpen { endMember(&batch) }
        batch.endsMember = true
        try guarded { () throws(FileError) in
            try segment.append(batch.output)
            try segment.sync()
            try writeDerived(batch)
        }
        _ = try sign(keep: true)
        failure = AuditLogError(.closed, "the log was closed")
    }

    private func guarded(_ work: () throws(FileError) -> Void) throws(AuditLogError) {
        if let failure { throw failure }
        do throws(FileError) {
            try work()
        } catch {
            let stopped = AuditLogError(
                .stopped, "the audit log could not be written and has stopped", cause: error)
            failure = stopped
            throw stopped
        }
    }
}

/// What one commit writes.
struct CommitBatch {
    let segmentLength: Int64
    /// Lines not yet compressed.
    var lines: [UInt8] = []
    /// Bytes for the segment.
    var output: [UInt8] = []
    var hints: [UInt8] = []
    var endsMember = false

    init(segmentLength: Int64) { self.segmentLength = segmentLength }
}
