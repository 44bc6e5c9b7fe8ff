/// One log of `events`: written in groups, verified, searched, killed, opened, removed.
extension Bench {
    mutating func largeLogBars(_ events: Int) throws {
        let folder = try folder("large")
        note("writing \(grouped(events)) events …")
        let filled = try run("'\(ours)' work fill '\(folder)' \(events)")
        let number = filled.text.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        let rate = Samples(values: [Double(events) / filled.words[0]])
        add(
            BarRow(
                "\(grouped(events)) events appended in groups of \(Work.groupDrafts), seals included",
                ours: rate.text(.eventsPerSecond), bar: .none))
        let peak = Samples(values: [filled.words[1] / 1_048_576])
        add(memoryRow("memory, appending \(grouped(events))", peak, events))
        try verify(folder, events)
        try find(number, folder, events)
        try openAfterKill(folder, events)
        try remove(folder)
    }

    private mutating func verify(_ folder: String, _ events: Int) throws {
        let segments = "'\(folder)'/audit/segments"
        var peak = Samples()
        try run("cat \(segments)/* > /dev/null")
        let pairs = try PairedSamples(pairs: events > Self.largeEvents / 2 ? 3 : pairs(events)) {
            let result = try run("exec '\(auditlog)' verify --log '\(folder)/audit'")
            peak.values.append(Double(result.peakBytes) / 1_048_576)
            return result.seconds
        } peer: {
            try run("zcat \(segments)/*.jsonl.gz | sha256sum").seconds
        }
        // Speed: the peer's time by ours.
        let ratios = PairedSamples(ours: pairs.peer, peer: pairs.ours).ratios
        add(
            BarRow(
                "full verify, \(grouped(events)) events", ours: pairs.ours.text(.seconds),
                peer: "zcat \\| sha256sum: \(pairs.peer.text(.seconds))", ratio: ratios,
                bar: bar(.atLeast(1.5), events)))
        add(memoryRow("memory, verifying \(grouped(events))", peak, events))
    }

    /// First with the open segment as it stands, which every search must scan; then sealed, as each
    /// day ends.
    private mutating func find(_ number: String, _ folder: String, _ events: Int) throws {
        try find(number, folder, events, "open segment and all", isJudged: false)
        try run("'\(auditlog)' seal --log '\(folder)/audit' --keys '\(folder)/keys'")
        try find(number, folder, events, "after the seal", isJudged: events >= Self.largeEvents)
    }

    private mutating func find(
        _ number: String, _ folder: String, _ events: Int, _ state: String, isJudged: Bool
    ) throws {
        let segments = "'\(folder)'/audit/segments/*.jsonl.gz"
        var peak = Samples()
        let search = "'\(auditlog)' search --log '\(folder)/audit' --control-number \(number)"
        let expected = try run("zgrep -hF \(number) \(segments)").text
        let pairs = try PairedSamples(pairs: events > Self.largeEvents / 2 ? 3 : pairs(events)) {
            let result = try run("exec \(search) 2> /dev/null")
            peak.values.append(Double(result.peakBytes) / 1_048_576)
            guard result.text == expected else {
                throw BenchFailure(description: "search and zgrep differ on \(number)")
            }
            return result.seconds
        } peer: {
            try run("zgrep -hF \(number) \(segments)").seconds
        }
        add(
            BarRow(
                "find a control number in \(grouped(events)), \(state)",
                ours: pairs.ours.text(.seconds), peer: "zgrep -F: \(pairs.peer.text(.seconds))",
                ratio: PairedSamples(ours: pairs.peer, peer: pairs.ours).ratios,
                bar: isJudged ? .atLeast(200) : .none))
        if Shell.has("rg", in: work) {
            let ripgrep = try run("rg -z -I -F \(number) \(segments)").seconds
            add(
                BarRow(
                    "the same", ours: pairs.ours.text(.seconds),
                    peer: "rg -z -F: " + Samples(values: [ripgrep]).text(.seconds),
                    ratio: pairs.ours.map { ripgrep / $0 }, bar: .none))
        }
        add(memoryRow("memory, searching \(grouped(events)), \(state)", peak, events))
    }

    /// The tool is killed while it appends, then a new one opens: mends the tail, records, signs.
    private mutating func openAfterKill(_ folder: String, _ events: Int) throws {
        var whole = Samples()
        var call = Samples()
        let log = "--log '\(folder)/audit' --keys '\(folder)/keys'"
        let drafts = "\(work)/drafts"
        try run("'\(ours)' work drafts 400000 > '\(drafts)'")
        for round in 0..<(pairs(events) * 2) {
            let appending = try Shell.start(
                "exec '\(auditlog)' append \(log) < '\(drafts)'", in: work)
            try run("sleep 0.7")
            appending.killNow()
            guard try appending.wait().exit == 128 + 9 else {
                throw BenchFailure(description: "the tool ended before it could be killed")
            }
            if round % 2 == 0 {
                whole.values.append(
                    try run("exec '\(auditlog)' append \(log) < /dev/null").seconds)
            } else {
                call.values.append(try run("'\(ours)' work reopen '\(folder)'").words[0])
            }
        }
        let isLarge = events >= Self.largeEvents
        let bar: Bar = isLarge ? .atMost(0.2, .seconds) : .none
        add(
            BarRow(
                "open after kill -9, \(grouped(events)) events (library call)",
                ours: call.text(.seconds), bar: bar, judged: call.median))
        add(
            BarRow(
                "the same, `auditlog append < /dev/null` from start to end",
                ours: whole.text(.seconds), bar: .none))
        try remove(drafts)
    }
}
