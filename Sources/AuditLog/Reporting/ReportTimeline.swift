import OrderedJSON

/// The log's own history within a period: what it recorded of itself, and where it was silent.
struct ReportTimeline {
    private let period: ReportPeriod
    private var notable: [TimelineFigure] = []
    private var routine: [TimelineFigure] = []
    private(set) var entryCount: UInt64 = 0
    private var last: (time: String, type: String)?

    init(_ period: ReportPeriod) { self.period = period }

    /// In order.
    var entries: [TimelineFigure] {
        (notable + routine).sorted {
            $0.sequence != $1.sequence ? $0.sequence < $1.sequence : $0.kind == .gap
        }
    }

    /// Entries not listed.
    var left: UInt64 { entryCount - UInt64(notable.count + routine.count) }

    mutating func add(_ event: ReportEvent) {
        addGap(before: event)
        last = (event.time, event.type)
        guard event.type.begins(with: DraftRules.ownPrefix) else { return }
        let name = String(event.type.dropFirst(DraftRules.ownPrefix.count))
        let kind = Self.kind(name, event.isFailure)
        keep(
            TimelineFigure(
                sequence: event.sequence, time: event.time, kind: kind, type: event.type,
                text: ReportCounting.cut(Self.text(name, event.json))))
    }

    private mutating func keep(_ entry: TimelineFigure) {
        entryCount += 1
        if entry.kind == .routine {
            if routine.count < ReportLimits.routineEntries { routine.append(entry) }
        } else if notable.count < ReportLimits.notableEntries {
            notable.append(entry)
        }
    }

    private static func kind(_ name: String, _ isFailure: Bool) -> TimelineFigure.Kind {
        switch name {
        case "recovered", "stopped": .trouble
        case "opened", "closed", "accessed": isFailure ? .trouble : .routine
        default: isFailure ? .trouble : .notable
        }
    }

    private static func text(_ name: String, _ json: JSONValue) -> String {
        let meanings = [
            "created": "the log was made", "opened": "opened for writing", "closed": "closed",
            "recovered": "not closed properly before; mended",
            "sealed": "a segment was sealed", "reindexed": "an index was made anew",
            "epoch": "a new key signs from here on", "stopped": "the writer had to stop",
            "retired": "events past their retention time were removed",
            "hold": "put on hold", "released": "released from hold",
            "shredded": "personal values were shredded", "accessed": "the log was read",
        ]
        let actor = json["actor"]?.stringValue ?? ""
        let details = (json["data"]?.objectValue?.members ?? []).compactMap { member -> String? in
            guard let text = member.value.scalarText else { return nil }
            return "\(member.name) \(isLongHash(text) ? text.prefix(12) + "…" : text[...])"
        }
        let meaning = meanings[name] ?? name
        return ([meaning, "by \(actor)"] + details).joined(separator: " · ")
    }

    private static func isLongHash(_ text: String) -> Bool {
        text.utf8.count >= 40 && !text.utf8.contains(0x20)
    }

    /// Nothing recorded for an hour or more is told, and what stands before and behind the silence.
    private mutating func addGap(before event: ReportEvent) {
        guard let last else { return }
        let seconds = secondInPeriod(event.time) - secondInPeriod(last.time)
        guard seconds >= ReportLimits.gapSeconds else { return }
        let why: String
        if last.type == OwnEvent.closed {
            why = "the log was closed"
        } else if event.type == OwnEvent.recovered || event.type == OwnEvent.opened {
            why = "the log was not closed properly"
        } else {
            why = "the log was open and nothing was recorded"
        }
        keep(
            TimelineFigure(
                sequence: event.sequence, time: last.time, kind: .gap, type: "",
                text: "\(Self.duration(seconds)) without an event: \(why)"))
    }

    private func secondInPeriod(_ time: String) -> Int {
        func two(_ start: Int) -> Int {
            time.utf8.dropFirst(start).prefix(2).reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }
        return ((period.dayIndex(time) * 24 + two(11)) * 60 + two(14)) * 60 + two(17)
    }

    static func duration(_ seconds: Int) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        let parts = [(days, "d"), (hours, "h"), (minutes, "min")].filter { $0.0 > 0 }
        return parts.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
