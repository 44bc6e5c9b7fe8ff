import DurableFiles
import OrderedJSON

/// Proves that every day from the log's first to its newest checkpoint is covered, without a gap.
///
/// The `Verifier` proves the events and holds the manifests against them; the days then follow: those
/// of a sealed segment whose first and last event are of one day from its manifest, all others from
/// the times of the events themselves.
public struct RetentionCheck: Sendable {
    private let directory: String
    private let key: String?
    private let since: String?
    private var layout: LogLayout { LogLayout(directory: directory) }

    /// - Parameters:
    ///   - directory: the log's folder.
    ///   - key: the root verification key, kept elsewhere.
    ///   - since: the text of a signed checkpoint kept elsewhere.
    public init(directory: String, key: String? = nil, since: String? = nil) {
        self.directory = directory
        self.key = key
        self.since = since
    }

    /// Reads everything. `progress` is told now and then how far the verification is.
    public func run(
        progress: (VerificationProgress) -> Void = { _ in }
    ) -> CoverageReport {
        let verification = Verifier(directory: directory, key: key, since: since)
            .verify(progress: progress)
        var report = CoverageReport(verification: verification)
        guard verification.isIntact else { return report }
        do throws(AuditLogError) {
            try cover(&report)
        } catch {
            report.find("retention", error.description)
        }
        report.finish()
        return report
    }

    private func cover(_ report: inout CoverageReport) throws(AuditLogError) {
        let signed = try readCheckpoint(layout.checkpoint).size
        var next: UInt64 = 0
        let gone = try layout.retiredStarts()
        for first in gone {
            let bytes = try readFile(layout.retired(first), .damaged)
            let manifest = try SegmentManifest(bytes)
            try expect(&next, manifest, first, &report)
            report.addRetired(manifest)
        }
        try checkRetired(gone, &report)
        for first in try layout.segmentStarts() where !gone.contains(first) {
            guard first == next else {
                report.find(
                    "segment \(first)", "event \(next) was expected to start the next segment")
                return
            }
            next = try cover(first, upTo: signed, &report)
        }
        if next < signed {
            report.find("checkpoint", "covers \(signed) events, the segments hold \(next)")
        }
    }

    /// Returns the number behind the segment's last signed event.
    private func cover(
        _ first: UInt64, upTo signed: UInt64, _ report: inout CoverageReport
    ) throws(AuditLogError) -> UInt64 {
        if DurableFiles.exists(layout.manifest(first)) {
            let manifest = try SegmentManifest(try readFile(layout.manifest(first), .damaged))
            let day = CalendarDay(manifest.firstTime)
            if let day, day == CalendarDay(manifest.lastTime), manifest.next <= signed {
                report.add(day, first: manifest.first, next: manifest.next, segment: first)
                return manifest.next
            }
        }
        let days = DayVisitor(first: first, limit: signed)
        _ = try SegmentScanner(
            try RangeFile(layout.segment(first)), from: 0, visitor: days, keepsTail: false
        ).scan()
        for day in days.days {
            report.add(day.day, first: day.first, next: day.next, segment: first)
        }
        return days.next
    }

    private func expect(
        _ next: inout UInt64, _ manifest: SegmentManifest, _ first: UInt64,
        _ report: inout CoverageReport
    ) throws(AuditLogError) {
        if manifest.first != first || first != next {
            report.find(
                "segments/\(LogLayout.name(first)).retired", "event \(next) was expected next")
        }
        next = manifest.next
    }

    /// Every segment that is gone has an event that says so, with the hash of what it left.
    private func checkRetired(
        _ gone: [UInt64], _ report: inout CoverageReport
    ) throws(AuditLogError) {
        if gone.isEmpty { return }
        let events = try OwnEvents(layout).read([OwnEvent.retired])
        for first in gone {
            let hash = sha256Text(try readFile(layout.retired(first), .damaged))
            let isTold = events.contains {
                $0.retiredFirst == first && $0.data["manifestSha256"]?.stringValue == hash
            }
            if !isTold {
                report.find(
                    "segments/\(LogLayout.name(first)).retired", "no event says it was removed")
            }
        }
    }
}

/// Gathers the days of a segment's events, up to the newest checkpoint.
private final class DayVisitor: SegmentVisitor {
    private let limit: UInt64
    private(set) var next: UInt64
    private(set) var days: [(day: CalendarDay, first: UInt64, next: UInt64)] = []
    private var date: [UInt8] = []

    init(first: UInt64, limit: UInt64) {
        next = first
        self.limit = limit
    }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        if next == limit { return "enough" }
        guard let time = LineHead.time(line, sequence: next) else { return "another line" }
        if !time.prefix(10).elementsEqual(date) {
            date = Array(time.prefix(10))
            guard let day = CalendarDay(String(decoding: date, as: UTF8.self)) else {
                return "no day"
            }
            days.append((day, next, next))
        }
        next += 1
        days[days.count - 1].next = next
        return nil
    }
}
