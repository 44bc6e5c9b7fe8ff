/// Durable appends: fdatasync is on everywhere, ours and the limits'.
extension Bench {
    static let callers = 64

    /// 64 callers, then one; leaves the lines and the open segment for the size bars.
    mutating func appendBars(_ events: Int) throws {
        let lines = "\(work)/lines"
        try measuredLog(events, lines: lines)
        try groupCommit(events, lines)
        try habits(events, lines)
        try oneCaller(min(events, max(500, events / 40)))
        try removeAll(["measured", "lines"])
    }

    /// A log written by 64 callers: the open segment as it stands, and its lines for the peers.
    private mutating func measuredLog(_ events: Int, lines: String) throws {
        let folder = try folder("measured")
        try run("'\(ours)' work callers '\(folder)' \(events) \(Self.callers) open")
        try run("zcat '\(folder)'/audit/segments/*.gz > '\(lines)' 2> /dev/null", exits: [0, 1, 2])
        try openSize(folder, lines, events)
    }

    private mutating func openSize(_ folder: String, _ lines: String, _ events: Int) throws {
        let size = try Shell.bytes("'\(folder)'/audit/segments/*.gz", in: work) / Double(events)
        let gzip = try run("gzip -6 -n -c '\(lines)' | wc -c").words[0] / Double(events)
        let raw = try Shell.bytes("'\(lines)'", in: work) / Double(events)
        add(
            BarRow(
                "open segment, \(Self.callers) callers (\(grouped(events)) events, "
                    + "\(Unit.bytesPerEvent.text(raw)) B a line)",
                ours: Samples(values: [size]).text(.bytesPerEvent),
                peer: "gzip -6: " + Samples(values: [gzip]).text(.bytesPerEvent),
                ratio: Samples(values: [size / gzip]), bar: bar(.atMost(1.1, .times), events)))
    }

    private mutating func groupCommit(_ events: Int, _ lines: String) throws {
        var peak = Samples()
        let pairs = try PairedSamples(pairs: pairs(events)) {
            let folder = try folder("callers")
            let result = try run(
                "'\(ours)' work callers '\(folder)' \(events) \(Self.callers) close")
            peak.values.append(result.words[1] / 1_048_576)
            return Double(events) / result.words[0]
        } peer: {
            let result = try run(
                "rm -f '\(work)/limit' && '\(limits)' group '\(lines)' '\(work)/limit'")
            return Double(events) / result.words[0]
        }
        add(
            BarRow(
                "durable append, \(Self.callers) callers", ours: pairs.ours.text(.eventsPerSecond),
                peer: "deflate -6 + write + fdatasync: \(pairs.peer.text(.eventsPerSecond))",
                ratio: pairs.ratios, bar: bar(.atLeast(0.7), events)))
        add(memoryRow("memory, appending by \(Self.callers) callers", peak, events))
        try removeAll(["callers", "limit"])
    }

    private mutating func oneCaller(_ events: Int) throws {
        var bytes = 0
        let judged = events * 40
        let pairs = try PairedSamples(pairs: pairs(judged)) {
            let folder = try folder("single")
            let result = try run("'\(ours)' work callers '\(folder)' \(events) 1 open")
            bytes = Int(try Shell.bytes("'\(folder)'/audit/segments/*.gz", in: work)) / events
            return Double(events) / result.words[0]
        } peer: {
            let result = try run(
                "rm -f '\(work)/limit' && '\(limits)' single '\(work)/limit' \(events) \(max(bytes, 64))"
            )
            return Double(events) / result.words[0]
        }
        add(
            BarRow(
                "durable append, one caller at a time (\(grouped(events)) events)",
                ours: pairs.ours.text(.eventsPerSecond),
                peer: "write of \(bytes) B + fdatasync: \(pairs.peer.text(.eventsPerSecond))",
                ratio: pairs.ratios, bar: bar(.atLeast(0.6), judged)))
        try removeAll(["single", "limit"])
    }

    func memoryRow(_ what: String, _ peak: Samples, _ events: Int) -> BarRow {
        BarRow(
            what, ours: peak.text(.mebibytes), bar: bar(.atMost(64, .mebibytes), events),
            judged: peak.values.max())
    }

    func removeAll(_ names: [String]) throws {
        for name in names { try remove("\(work)/\(name)") }
    }
}
