import DurableFiles
public import OrderedJSON

/// The segments that a removal takes, or took.
public struct Retirement: Sendable {
    /// One sealed segment.
    public struct Segment: Sendable, Equatable {
        /// First sequence number, and the one behind the last.
        public let first: UInt64
        /// The one behind the last.
        public let next: UInt64
        /// Times of its first event.
        public let firstTime: String
        /// And of its last.
        public let lastTime: String
        /// Of the archive.
        public let bytes: UInt64
    }

    /// Oldest first, without a gap.
    public internal(set) var segments: [Segment] = []
    /// Why the next one stays: its age, a hold, or that it is the last.
    public internal(set) var stopped = ""

    private(set) var retired: [RetirableSegment]

    /// As JSON.
    public var json: JSONValue {
        let list = segments.map { segment -> JSONValue in
            [
                "first": .number(String(segment.first)), "next": .number(String(segment.next)),
                "firstTime": .string(segment.firstTime), "lastTime": .string(segment.lastTime),
                "bytes": .number(String(segment.bytes)),
            ]
        }
        return ["segments": .array(list), "stopped": .string(stopped)]
    }

    /// What would be removed now; writes nothing and needs no key.
    /// - Throws: `AuditLogError` when the log cannot be read.
    public static func plan(
        at directory: String, keeping keep: KeepTime, clock: any AuditClock = SystemAuditClock()
    ) throws(AuditLogError) -> Retirement {
        try Retirement(LogLayout(directory: directory), keep, clock)
    }

    /// The oldest sealed segments up to the first that is too young, on hold, or the open one.
    init(
        _ layout: LogLayout, _ keep: KeepTime, _ clock: any AuditClock
    ) throws(AuditLogError) {
        let cutoff = keep.cutoff(clock.now())
        let holds = try RetentionHold.inForce(layout)
        let gone = Set(try layout.retiredStarts())
        var taken: [RetirableSegment] = []
        var reason = "nothing is sealed behind it"
        for first in try layout.segmentStarts() where !gone.contains(first) {
            // Without a manifest it is the open one, the newest always.
            guard DurableFiles.exists(layout.manifest(first)) else { break }
            let segment = try RetirableSegment(try readFile(layout.manifest(first), .damaged))
            let manifest = segment.manifest
            if manifest.lastTime >= cutoff {
                reason = "segment \(first) has events of \(manifest.lastTime.prefix(10))"
                break
            }
            if let hold = holds.first(where: { $0.touches(manifest) }) {
                reason = Self.words(hold, first)
                break
            }
            taken.append(segment)
        }
        retired = taken
        segments = taken.map(\.manifest).map {
            Segment(
                first: $0.first, next: $0.next, firstTime: $0.firstTime, lastTime: $0.lastTime,
                bytes: $0.bytes)
        }
        stopped = reason
    }

    /// Ends it before the first segment that one of these holds touches.
    mutating func end(before holds: [RetentionHold]) {
        for (place, segment) in retired.enumerated() {
            guard let hold = holds.first(where: { $0.touches(segment.manifest) }) else { continue }
            stopped = Self.words(hold, segment.manifest.first)
            retired.removeSubrange(place...)
            segments.removeSubrange(place...)
            return
        }
    }

    private static func words(_ hold: RetentionHold, _ first: UInt64) -> String {
        "segment \(first) is on hold (\(hold.id): \(hold.reason))"
    }
}

extension AuditLog {
    /// Removes the oldest sealed segments whose events are all past the time to keep and on no hold.
    ///
    /// Order: the log is verified → the holds are looked at again, since some may have been placed
    /// meanwhile → `drafts` (a snapshot of what the owner still needs from what goes) → holds in force
    /// and earlier retirements that stand in what goes, recorded again → `auditlog.retired` for each segment → checkpoint over all that → the files, oldest first. A
    /// crash in between is finished by the next opening or call. What remains is proved as before: the
    /// tree goes on from the edge in the last `.retired`.
    /// - Parameters:
    ///   - keep: how long events are kept.
    ///   - drafts: recorded, and under a checkpoint, before anything goes.
    ///   - withoutSnapshot: remove although the log has reserved types and no event whose type ends in
    ///     `.snapshot` remains or is carried.
    /// - Throws: `damaged` when the verification finds anything; `refused` without a snapshot, or when
    ///   a hold is being placed just then.
    public func retire(
        keeping keep: KeepTime, carrying drafts: [EventDraft] = [], withoutSnapshot: Bool = false
    ) async throws(AuditLogError) -> Retirement {
        if isRetiring { throw AuditLogError(.refused, "segments are being removed already") }
        isRetiring = true
        defer { isRetiring = false }
        try SegmentRemoval.finish(layout)
        let plan = try Retirement(layout, keep, clock)
        if plan.segments.isEmpty { return plan }
        try await verifyBeforeRemoval()
        return try await carryOut(plan, carrying: drafts, withoutSnapshot: withoutSnapshot)
    }

    /// Removes what was planned, up to the first segment that is on hold by now. From the look at the
    /// holds to the end no other is placed: whoever was told that one is in force finds its days.
    func carryOut(
        _ planned: Retirement, carrying drafts: [EventDraft], withoutSnapshot: Bool
    ) async throws(AuditLogError) -> Retirement {
        if holdsUnderWay > 0 {
            throw AuditLogError(
                .refused, "a hold is being placed: nothing was removed, apply again")
        }
        isRemoving = true
        defer { isRemoving = false }
        var plan = planned
        plan.end(before: try RetentionHold.inForce(layout))
        guard let cut = plan.segments.last?.next else { return plan }
        if !withoutSnapshot { try checkSnapshot(drafts, from: cut) }
        _ = try await append(drafts)
        _ = try await record(own: try ownDrafts(plan, cut))
        _ = try await checkpoint()
        for segment in plan.retired {
            let first = segment.manifest.first
            try SegmentRemoval(layout: layout, first: first, manifest: segment.manifest.encoded)
                .run()
        }
        return plan
    }

    private func verifyBeforeRemoval() async throws(AuditLogError) {
        let directory = layout.directory
        let report = await Task.detached { Verifier(directory: directory).verify() }.value
        guard !report.isIntact else { return }
        let finding = (report.findings + report.conflicts).first
        let place = finding.map { "\($0.place): \($0.message)" } ?? report.obstacle ?? ""
        throw AuditLogError(.damaged, "nothing is removed from a log that is damaged: \(place)")
    }

    /// A program that reserved types builds on its events; so it must have left what it needs.
    private func checkSnapshot(
        _ drafts: [EventDraft], from cut: UInt64
    ) throws(AuditLogError) {
        let reserved = description.reservedPrefixes
        func isSnapshot(_ type: String) -> Bool {
            type.hasSuffix(".snapshot") && reserved.contains { type.begins(with: $0) }
        }
        if reserved.isEmpty || drafts.contains(where: { isSnapshot($0.type) }) { return }
        let types = try OwnEvents(layout).snapshotTypes(from: cut)
        guard types.contains(where: isSnapshot) else {
            throw AuditLogError(
                .refused,
                "the program that owns this log left no .snapshot event behind what would go: "
                    + "let it, or remove without a snapshot")
        }
    }

    /// What must be found behind the cut: holds, earlier retirements, these.
    private func ownDrafts(
        _ plan: Retirement, _ cut: UInt64
    ) throws(AuditLogError) -> [EventDraft] {
        var drafts = try RetentionHold.inForce(layout).filter { $0.sequence < cut }
            .map { own(.hold, $0.data(carried: true)) }
        // What an opening adopted is no word of the writer's: it is told anew.
        let recorded = try RecordedRemovals(layout).own
        let kept = Set(recorded.filter { $0.sequence >= cut }.map(\.retiredFirst))
        let gone = Set(try layout.retiredStarts())
        for event in recorded where event.sequence < cut && !kept.contains(event.retiredFirst) {
            // One that was not carried out is told anew below.
            guard let first = event.retiredFirst, gone.contains(first) else { continue }
            drafts.append(own(.retired, event.data))
        }
        let logSha256 = sha256Text(try readFile(layout.description))
        for segment in plan.retired where !kept.contains(segment.manifest.first) {
            drafts.append(own(.retired, segment.data(logSha256: logSha256)))
        }
        return drafts
    }
}

extension OwnEvents {
    /// Types that end in `.snapshot`, of events from a number on.
    func snapshotTypes(from sequence: UInt64) throws(AuditLogError) -> Set<String> {
        var query = AuditQuery()
        query.text = ".snapshot\""
        var types: Set<String> = []
        do {
            _ = try AuditReader(directory: layout.directory).search(query) { event in
                // One made of several events names the first it needs.
                let first = event.data["from"]?.unsignedValue ?? event.sequence
                if min(first, event.sequence) >= sequence, event.type.hasSuffix(".snapshot") {
                    types.insert(event.type)
                }
            }
        } catch let error as AuditLogError {
            throw error
        } catch {
            throw AuditLogError(.file, "the log cannot be read", cause: error)
        }
        return types
    }
}
