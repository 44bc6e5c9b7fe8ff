import DurableFiles
import Foundation

extension Verifier {
    /// Processors of this machine.
    static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }
}

/// One reading of a log. Owner of everything learned on the way.
final class Verification {
    let layout: LogLayout
    let subject: Verifier.Subject
    private let workers: Int
    private let unitBytes: Int64
    private let progress: (VerificationProgress) -> Void
    private let tiles: TileComparison
    private var walk: EventWalk
    /// False between events that could not be read and the next manifest.
    private var isTreeKnown = true
    private var pending: [UnitReading] = []
    private var reads: [SegmentSummary] = []
    private var behind: BehindDamage?

    /// What is remembered of a segment once it was read.
    struct SegmentSummary {
        var segment: PlannedSegment
        var next: UInt64
        var lastTime: String
        var isWhole: Bool
        var end: ScanEnd
        var hints: [UInt8]
        var fileSHA256: String?
        var indexSHA256: String?
        var lastSignedType: String?
        var unsigned: [(event: UInt64, type: String)]
        var own: [OwnRecord]
    }

    init(
        layout: LogLayout, subject: Verifier.Subject, workers: Int, unitBytes: Int64,
        progress: @escaping (VerificationProgress) -> Void
    ) {
        self.layout = layout
        self.subject = subject
        self.workers = workers
        self.unitBytes = unitBytes
        self.progress = progress
        tiles = TileComparison(layout)
        walk = EventWalk(from: TreeEdge(), roots: RootsAtSizes([]), tiles: tiles)
    }

    func run(_ report: inout VerificationReport) {
        let heads = SignedHeads(
            layout, root: subject.description.rootKey, workers: workers, &report)
        let plan = SegmentPlan(layout, &report)
        if let start = plan.start(&report) {
            read(plan, heads, from: start, &report)
        } else {
            isTreeKnown = false
            read(plan, heads, from: TreeEdge(), &report)
        }
        if let refused = tiles.refused { report.obstruct(refused) }
        report.size = reads.last?.next ?? walk.edge.size
        let findings = VerificationFindings(
            layout: layout, subject: subject, plan: plan, heads: heads, reads: reads, walk: walk,
            tiles: tiles, isTreeKnown: isTreeKnown, behind: behind)
        findings.run(&report)
    }

    private func read(
        _ plan: SegmentPlan, _ heads: SignedHeads, from start: TreeEdge,
        _ report: inout VerificationReport
    ) {
        let since = subject.since.map { [$0.size] } ?? []
        let roots = RootsAtSizes(heads.heads.map(\.size) + since)
        walk = EventWalk(from: start, roots: roots, tiles: tiles)
        for edge in plan.retired.compactMap({ $0.manifest?.edge }) { walk.know(edge) }
        let fields = subject.description.indexedFields
        let counter = ReadingCounter()
        let wanted = ReadingUnit.Wanted(
            sizes: roots.sizes, newest: heads.newest, counter: counter)
        let units = plan.units(layout, fields: fields, unitBytes: unitBytes)
        var counts = units.reduce(into: [:]) { $0[$1.segment, default: 0] += 1 }
        var number = 0
        let total = plan.totalBytes
        ReadingWorkers.run(units, workers: workers) { unit in
            unit.read(wanted)
        } tick: {
            let (events, bytes) = counter.value
            progress(VerificationProgress(events: events, bytes: bytes, totalBytes: total))
        } take: { result in
            pending.append(result)
            counts[number, default: 1] -= 1
            guard counts[number] == 0 else { return }
            let read = SegmentRead(plan.segments[number], pending) {
                plan.whole(number, layout, fields).read(wanted)
            }
            if let refused = read.results.compactMap(\.refused).first { report.obstruct(refused) }
            if let torn = asTorn(read, heads, &report) {
                take(torn, &report)
            } else {
                take(read, &report)
                let whole = plan.whole(number, layout, fields)
                behind = BehindDamage.find(read, whole, walk, tiles, heads, wanted)
            }
            pending = []
            number += 1
        }
    }

    /// Damage behind everything that was signed, in a log that was not closed, is a torn end; with a
    /// signature over the lines before it, these need no checksum.
    private func asTorn(
        _ read: SegmentRead, _ heads: SignedHeads, _ report: inout VerificationReport
    ) -> SegmentRead? {
        guard let torn = read.torn, isTreeKnown, read.segment.first == walk.edge.size else {
            return nil
        }
        var trial = walk.trial
        for result in torn.results { trial.add(result) }
        let isSigned = heads.heads.contains {
            $0.size == heads.newest && trial.roots[$0.size] == $0.root
        }
        let lastType = torn.results.compactMap(\.lastSignedType).last ?? ""
        guard isSigned, !OwnEvent.endsCleanly(lastType) else { return nil }
        report.notProved.append(
            "bytes behind the last whole line of \(read.segment.place): torn "
                + "(opening sets them aside)")
        return torn
    }

    private func take(_ read: SegmentRead, _ report: inout VerificationReport) {
        let segment = read.segment
        if isTreeKnown, segment.first != walk.edge.size {
            report.find(
                .missing, segment.place, "event \(walk.edge.size) was expected to start here")
            isTreeKnown = false
        }
        if let last = reads.last, read.next > segment.first, read.firstTime < last.lastTime {
            report.find(
                .altered, segment.place, event: segment.first,
                "the time of event \(segment.first) goes back")
        }
        if isTreeKnown { for result in read.results { walk.add(result) } }
        judgeEnd(read, &report)
        if let manifest = segment.manifest { compare(read, manifest, &report) }
        reads.append(summary(read))
    }

    private func judgeEnd(_ read: SegmentRead, _ report: inout VerificationReport) {
        let mayBeOpen = read.segment.isLast && !read.segment.isSealed
        switch read.end {
        case .whole:
            guard read.isShort, let next = read.segment.manifest?.next else { return }
            report.find(
                .damaged, read.segment.place, byte: read.results.first?.fileBytes,
                "the file ends too early, event \(next - 1) should be its last\(read.before)")
        case .open where mayBeOpen: return
        case .open(let tail):
            report.find(
                .damaged, read.segment.place, byte: tail.stoppedAt,
                "the file ends too early\(read.before)")
        case .broken(let tail, let problem):
            let isThere = DurableFiles.exists(layout.segment(read.segment.first))
            report.find(
                isThere ? .damaged : .missing, read.segment.place,
                byte: isThere ? tail.stoppedAt : nil,
                isThere ? problem + read.before : "is missing")
        }
    }

    /// A whole segment must be what its manifest says; behind one that is not whole, the manifest
    /// gives the tree to go on from. Whether it is the right one shows at the next signature.
    private func compare(
        _ read: SegmentRead, _ manifest: SegmentManifest, _ report: inout VerificationReport
    ) {
        if read.isWhole {
            SegmentComparison(
                read: read, manifest: manifest, origin: subject.description.origin,
                edge: isTreeKnown ? walk.edge : nil
            ).run(&report)
        }
        if !read.isWhole || !isTreeKnown {
            walk.jump(to: manifest.edge)
            isTreeKnown = true
        }
    }

    private func summary(_ read: SegmentRead) -> SegmentSummary {
        SegmentSummary(
            segment: read.segment, next: read.next, lastTime: read.lastTime,
            isWhole: read.isWhole, end: read.end,
            hints: read.segment.isSealed ? [] : read.hints,
            fileSHA256: read.results.first?.fileSHA256,
            indexSHA256: read.results.first?.index.map { sha256Text($0) },
            lastSignedType: read.results.compactMap(\.lastSignedType).last,
            unsigned: read.results.flatMap(\.unsigned), own: read.own)
    }
}
