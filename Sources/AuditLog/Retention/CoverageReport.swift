public import OrderedJSON

/// One calendar day (+08:00) and what the log has of it.
public struct CoveredDay: Sendable, Equatable {
    /// `2026-11-21`.
    public var date: String
    /// Its first event, and the one behind its last; equal on a day without events, which these
    /// consecutive numbers span.
    public var first: UInt64
    /// See `first`.
    public var next: UInt64
    /// First sequence numbers of its segments.
    public var segments: [UInt64]
    /// True when some of it lay in segments that retention removed.
    public var isRetired: Bool
}

/// A gap in what a log covers, and where.
public struct CoverageGap: Sendable, Equatable {
    /// File or event.
    public var place: String
    /// What is missing or wrong there.
    public var message: String
}

/// Which days a log covers, and whether that was proved.
public struct CoverageReport: Sendable {
    /// What the verification under the signed tree said.
    public let verification: VerificationReport
    /// Every day from the first to that of the newest checkpoint, in order.
    public private(set) var days: [CoveredDay] = []
    /// Gaps, and what else is amiss beyond the verification.
    public private(set) var findings: [CoverageGap] = []

    init(verification: VerificationReport) { self.verification = verification }

    /// 0 complete, 2 a gap or damage, 1 could not run, 3 inconsistent with the checkpoint given.
    public var exitCode: Int32 {
        verification.exitCode != 0 ? verification.exitCode : findings.isEmpty ? 0 : 2
    }

    mutating func find(_ place: String, _ message: String) {
        findings.append(CoverageGap(place: place, message: message))
    }

    mutating func add(_ day: CalendarDay, first: UInt64, next: UInt64, segment: UInt64) {
        if let last = days.last, last.date == day.text {
            days[days.count - 1].next = next
            if last.segments.last != segment { days[days.count - 1].segments.append(segment) }
            return
        }
        if let last = days.last.flatMap({ CalendarDay($0.date) }), last >= day {
            find("event \(first)", "is of \(day.text), earlier than what comes before it")
            return
        }
        fill(to: day, first)
        days.append(
            CoveredDay(
                date: day.text, first: first, next: next, segments: [segment], isRetired: false))
    }

    /// Days between two events that follow each other had none.
    private mutating func fill(to day: CalendarDay, _ sequence: UInt64) {
        guard let last = days.last.flatMap({ CalendarDay($0.date) }) else { return }
        var number = last.number + 1
        while number < day.number {
            days.append(
                CoveredDay(
                    date: CalendarDay(number: number).text, first: sequence, next: sequence,
                    segments: [], isRetired: false))
            number += 1
        }
    }

    /// Of what was removed, only the range and the times are known.
    mutating func addRetired(_ manifest: SegmentManifest) {
        guard let from = CalendarDay(manifest.firstTime), let to = CalendarDay(manifest.lastTime),
            from <= to
        else {
            find("segments/\(LogLayout.name(manifest.first)).retired", "its times are no days")
            return
        }
        for number in from.number...to.number {
            // Within one removed segment nothing tells the days apart: all stand for all of it.
            add(
                CalendarDay(number: number), first: manifest.first, next: manifest.next,
                segment: manifest.first)
            days[days.count - 1].isRetired = true
        }
    }

    mutating func finish() {
        if days.isEmpty, verification.isIntact {
            find("segments", "no event is under a checkpoint")
        }
    }

    /// The report as JSON.
    public var json: JSONValue {
        let list = days.map { day -> JSONValue in
            [
                "date": .string(day.date), "first": .number(String(day.first)),
                "next": .number(String(day.next)),
                "segments": .array(day.segments.map { .number(String($0)) }),
                "retired": .boolean(day.isRetired),
            ]
        }
        let found = findings.map { finding -> JSONValue in
            ["place": .string(finding.place), "message": .string(finding.message)]
        }
        return [
            "complete": .boolean(exitCode == 0), "exitCode": .number(String(exitCode)),
            "from": days.first.map { .string($0.date) } ?? .null,
            "to": days.last.map { .string($0.date) } ?? .null, "days": .array(list),
            "findings": .array(found), "verification": verification.json,
        ]
    }

    /// The report as lines for people: days of one kind side by side on one line.
    public var lines: [String] {
        if !verification.isIntact { return verification.lines }
        var lines: [String] = []
        var start = 0
        while start < days.count {
            var end = start + 1
            while end < days.count, kind(days[end]) == kind(days[start]) { end += 1 }
            lines.append(line(days[start], days[end - 1], end - start))
            start = end
        }
        lines += findings.map { "finding: \($0.place): \($0.message)" }
        lines += verification.proved.map { "proved: \($0)" }
        lines += verification.notProved.map { "not proved: \($0)" }
        return lines + [verdict]
    }

    private enum Kind { case events, none, retired }

    private func kind(_ day: CoveredDay) -> Kind {
        day.isRetired ? .retired : day.first == day.next ? .none : .events
    }

    private func line(_ first: CoveredDay, _ last: CoveredDay, _ count: Int) -> String {
        let span = count == 1 ? first.date : "\(first.date) to \(last.date), \(count) days"
        switch kind(first) {
        case .events:
            let segments = last.segments.last == first.segments.first ? "segment" : "segments"
            let names = Set([first.segments.first, last.segments.last].compactMap { $0 }).sorted()
                .map { LogLayout.name($0) }.joined(separator: " to ")
            return
                "\(span): events \(first.first) to \(last.next) (exclusive), \(segments) \(names)"
        case .none: return "\(span): no events; the numbers go on with \(first.first) without a gap"
        case .retired:
            return "\(span): events \(first.first) to \(last.next) (exclusive), "
                + "removed after their time to keep"
        }
    }

    private var verdict: String {
        guard exitCode == 0, let first = days.first, let last = days.last else {
            return "NOT COMPLETE"
        }
        let gone = days.filter(\.isRetired).count
        let none = days.filter { kind($0) == .none }.count
        return "complete: every day from \(first.date) to \(last.date): "
            + "\(days.count) day\(days.count == 1 ? "" : "s"), "
            + "\(none) without events, \(gone) removed"
    }
}
