import DurableFiles
import OrderedJSON

/// Compares everything that was read: signed heads with the tree, the log's own events with the
/// files they name, derived files with the events, the names in the folders.
struct VerificationFindings {
    let layout: LogLayout
    let subject: Verifier.Subject
    let plan: SegmentPlan
    let heads: SignedHeads
    let reads: [Verification.SegmentSummary]
    let walk: EventWalk
    let tiles: TileComparison
    /// False when the tree behind the last events is not known.
    let isTreeKnown: Bool
    /// What stands behind damage in the open segment.
    let behind: BehindDamage?

    var size: UInt64 { reads.last?.next ?? walk.edge.size }

    /// Every event there is was read, in one go.
    var isComplete: Bool {
        isTreeKnown
            && reads.allSatisfy { summary in
                guard case .open = summary.end else { return summary.isWhole }
                return summary.segment.isLast && !summary.segment.isSealed
            }
    }

    /// After a clean close every file is complete to the byte; before, derived ones may lag.
    var isClosed: Bool {
        isComplete && reads.last?.isWhole == true && heads.newest == size
            && OwnEvent.endsCleanly(lastSignedType)
    }

    var lastSignedType: String { reads.compactMap(\.lastSignedType).last ?? "" }

    /// Where the events that are still there begin.
    var firstEvent: UInt64 { plan.retired.last?.manifest?.next ?? 0 }

    /// The event that binds the segment before segment `number` of those read: its first one.
    func sealing(before number: Int) -> OwnRecord? {
        guard number < reads.count, let record = reads[number].own.first,
            record.type == OwnEvent.sealed, record.sequence == reads[number].segment.first
        else { return nil }
        return record
    }

    func run(_ report: inout VerificationReport) {
        checkFirst(&report)
        checkHeads(&report)
        checkTorn(&report)
        checkTail(&report)
        OwnEventChecks(all: self).run(&report)
        DerivedChecks(all: self).run(&report)
        NameChecks(all: self).run(&report)
        Conclusion(all: self).run(&report)
    }

    /// Event 0 binds log.json, while it is there; then the records of the removals do.
    private func checkFirst(_ report: inout VerificationReport) {
        let created = reads.first?.own.first { $0.type == OwnEvent.created }
        guard firstEvent == 0 else {
            checkDescription(&report)
            return
        }
        guard let created, created.sequence == 0 else {
            if reads.first.map({ $0.next > 0 }) ?? false {
                report.find(
                    .altered, reads[0].segment.place, event: 0, "event 0 is not auditlog.created")
            }
            return
        }
        if created.data["logSha256"]?.stringValue != subject.descriptionSHA256 {
            report.find(.altered, "log.json", "not the description that event 0 was written for")
        }
    }

    /// Signed records of removals, each of which says what log.json was.
    var descriptionRecords: [OwnRecord] {
        reads.flatMap(\.own).filter {
            $0.type == OwnEvent.retired && $0.sequence < heads.newest
                && $0.data["logSha256"] != nil
        }
    }

    private func checkDescription(_ report: inout VerificationReport) {
        for record in descriptionRecords
        where record.data["logSha256"]?.stringValue != subject.descriptionSHA256 {
            report.find(
                .altered, "log.json",
                "not the description that event \(record.sequence) was written for")
            return
        }
    }

    /// Every signature over a tree that can be computed must be over this one.
    private func checkHeads(_ report: inout VerificationReport) {
        if isComplete, heads.newest > size { tellMissingEnd(&report) }
        var told: Set<String> = []
        for head in heads.heads where head.size <= size {
            if let root = walk.roots[head.size], root != head.root,
                told.insert(head.file).inserted
            {
                report.find(
                    .altered, head.file, byte: head.byte,
                    "\(head.name): events \(intact(below: head.size)) to \(head.size - 1) "
                        + "are not those it was signed over")
            }
        }
    }

    /// Signed events are not there: the last segment ends too early, or is gone as a whole.
    private func tellMissingEnd(_ report: inout VerificationReport) {
        guard let last = reads.last, !last.segment.isSealed else {
            report.find(
                .missing, "segments/\(LogLayout.name(size)).jsonl.gz",
                "is missing: \(heads.newest) events are signed, \(size) are there")
            return
        }
        report.find(
            .damaged, last.segment.place, byte: last.segment.file?.length,
            "the file ends too early: \(heads.newest) events are signed, \(size) are there")
    }

    /// The largest size up to which a signature fits.
    func intact(below limit: UInt64) -> UInt64 {
        heads.heads.filter { $0.size <= limit && walk.roots[$0.size] == $0.root }
            .map(\.size).max() ?? firstEvent
    }

    private func checkTorn(_ report: inout VerificationReport) {
        for (file, byte) in heads.torn {
            let path = "\(layout.directory)/\(file)"
            if isClosed || !Self.mayBeTorn(path, from: byte) {
                report.find(.damaged, file, byte: byte, "not a whole signed note")
            } else {
                report.notProved.append("the end of \(file): a note is not whole")
            }
        }
        checkNewest(&report)
    }

    private static func mayBeTorn(_ path: String, from byte: Int64) -> Bool {
        guard let file = try? RangeFile(path) else { return true }
        if file.length - byte > Int64(TornNote.limitBytes) { return false }
        guard let rest = try? file.rest(from: byte) else { return true }
        return TornNote.mayBe(rest)
    }

    /// A checkpoint is kept first and published then; so the published one is the last kept, or,
    /// after a crash in between, lies behind the one kept before.
    private func checkNewest(_ report: inout VerificationReport) {
        let isJudged = report.findings.contains { $0.file.hasPrefix("checkpoint") }
        guard isClosed, heads.isChecked, !isJudged, let published = heads.published,
            published != heads.lastKept
        else { return }
        if let last = heads.lastKept, last.size > published.size,
            published.size >= heads.keptBeforeLast
        {
            report.notProved.append(
                "checkpoint: older than the last one kept (publishing was cut short; opening mends it)"
            )
        } else if heads.lastKept.map({ $0.size < published.size }) ?? true {
            let length = (try? OpenedFile(layout.checkpoints).length) ?? 0
            report.find(
                .damaged, "checkpoints", byte: length,
                "ends too early: the published checkpoint was kept first, and is not there")
        } else {
            report.find(.altered, "checkpoint", "is not the last one kept in checkpoints")
        }
    }

    /// What may follow unsigned: after a clean close and at the start of a segment, only what the
    /// log itself writes there.
    private func checkTail(_ report: inout VerificationReport) {
        let startsSegment = reads.contains { $0.segment.first == heads.newest } && heads.newest > 0
        let unsigned = reads.flatMap { read in
            read.unsigned.map { (place: read.segment.place, $0.event, $0.type) }
        }
        let endsCleanly = OwnEvent.endsCleanly(lastSignedType) || startsSegment
        guard heads.isChecked, endsCleanly else {
            noteOpenEnd(&report)
            return
        }
        let allowed =
            OwnEvent.opening + (startsSegment ? OwnEvent.startingSegment : [])
        if let (place, event, type) = unsigned.first(where: { !allowed.contains($0.2) }) {
            report.find(
                .unsigned, place, event: event,
                "\(type) was added unsigned after the log was closed")
        }
        if case .open(let tail) = reads.last?.end, size == heads.newest, !startsSegment,
            let place = reads.last?.segment.place
        {
            report.find(
                .damaged, place, byte: tail.stoppedAt, "the end of a closed log is cut")
        } else {
            noteOpenEnd(&report)
        }
    }

    private func noteOpenEnd(_ report: inout VerificationReport) {
        guard let last = reads.last else { return }
        if case .open = last.end, !last.segment.isSealed {
            report.notProved.append(
                "the end of the last member: the log is open, or was not closed (opening mends it)")
        }
        if last.segment.isSealed {
            report.notProved.append(
                "the sealing of the last segment: it is under way, or was cut short "
                    + "(opening finishes it)")
        }
    }
}
