import DurableFiles
import OrderedJSON

/// The writer's side of the spool. Order: records read → their events durable in the log → files
/// removed. A crash in between records an access twice, with the same `id`.
final class AccessIntake {
    /// Records of one commit at most.
    static let limit = 256
    /// How many taken files that could not be removed are remembered.
    private static let stuckLimit = 4_096

    private let spool: AccessSpool
    private let rules: DraftRules
    /// Set by each checkpoint: the next commit looks first.
    var isDue = false
    private var taken: [AccessSpool.Pending] = []
    /// Recorded, but their files cannot be removed: not to be recorded again.
    private var stuck: Set<String> = []

    /// Makes the spool when it is missing.
    init(_ keys: KeyLayout, _ description: LogDescription) throws(FileError) {
        spool = AccessSpool(folder: AccessSpool.path(keys: keys.directory))
        rules = DraftRules(
            reservedPrefixes: [], owned: [], secretFields: FieldNames(description.secretFields))
        try spool.make()
    }

    /// Events to be committed next; `recorded` must follow once they are durable.
    func drafts(now: Int64) -> [PreparedDraft] {
        if stuck.count >= Self.stuckLimit { return [] }
        taken = []
        var prepared: [PreparedDraft] = []
        for pending in spool.pending(limit: Self.limit + stuck.count, now: now)
        where !stuck.contains(pending.record.id) && prepared.count < Self.limit {
            let draft = pending.record.draft(uid: pending.uid)
            // Refused contents are withheld, not the access.
            if let tail = try? rules.checkContents(draft) {
                prepared.append(PreparedDraft(draft: draft, tail: tail))
            } else {
                let bare = withheld(pending)
                prepared.append(PreparedDraft(draft: bare, tail: bare.tail))
            }
            taken.append(pending)
        }
        return prepared
    }

    /// The drafts given last are durable.
    func recorded() {
        for pending in taken where !spool.remove(pending.path) { stuck.insert(pending.record.id) }
        taken = []
    }

    private func withheld(_ pending: AccessSpool.Pending) -> EventDraft {
        let uid = pending.uid
        return EventDraft(
            type: OwnEvent.accessed, actor: "uid \(uid)", outcome: .success, origin: "withheld",
            data: [
                "command": .string(AccessRecord.withheld), "arguments": [:],
                "time": .string(pending.record.time), "id": .string(pending.record.id),
                "uid": .number(String(uid)),
            ])
    }
}

extension LogCore {
    /// Records the accesses that wait: at opening, after each checkpoint while events arrive, at
    /// closing. They are never the reason that the writer stops, unless the log itself fails.
    func takeInAccesses() throws(AuditLogError) {
        guard let access else { return }
        access.isDue = false
        let drafts = access.drafts(now: clock.now().seconds)
        if drafts.isEmpty { return }
        try write(drafts)
        access.recorded()
    }
}
