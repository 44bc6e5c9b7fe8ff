/// What a sealed segment takes on disk, with everything made for it, whatever the commits were.
extension Bench {
    mutating func archiveBars(_ events: Int) throws {
        try archive(events, commit: Work.groupDrafts, "commits of \(Work.groupDrafts)")
        try archive(max(500, events / 20), commit: 1, "one event a commit")
    }

    private mutating func archive(_ events: Int, commit: Int, _ pattern: String) throws {
        let folder = try folder("sealed")
        let sealing = try run("'\(ours)' work sealed '\(folder)' \(events) \(commit)").words
        // The first segment; what follows it holds only the log's own events.
        let first = "'\(folder)'/audit/segments/000000000000"
        let ours = try Shell.bytes(
            "\(first).jsonl.gz \(first).index \(first).manifest '\(folder)'/audit/tree/*", in: work)
        let index = try Shell.bytes("\(first).index", in: work) / Double(events)
        let gzip = try run("zcat \(first).jsonl.gz | gzip -9 -n | wc -c").words[0]
        let judged = events * (commit == 1 ? 20 : 1)
        add(
            BarRow(
                "sealed archive, index, manifest, tree; \(pattern) (\(grouped(events)) events)",
                ours: Samples(values: [ours / Double(events)]).text(.bytesPerEvent)
                    + ", index \(Unit.fixed(index, 2))",
                peer: "gzip -9: " + Samples(values: [gzip / Double(events)]).text(.bytesPerEvent),
                ratio: Samples(values: [ours / gzip]), bar: bar(.atMost(1.08, .times), judged)))
        if commit > 1 {
            let rate = Samples(values: [Double(events) / sealing[0]])
            add(
                BarRow(
                    "sealing \(grouped(events)) events", ours: rate.text(.eventsPerSecond),
                    bar: .none))
        }
        try remove(folder)
    }
}
