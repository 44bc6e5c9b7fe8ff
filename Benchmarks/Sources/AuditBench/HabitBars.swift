/// What people use today, for the same lines: a plain file, rsyslog with gzip, logrotate with gzip.
/// None of them proves anything, and only the first is durable before it answers; no bar is set.
extension Bench {
    mutating func habits(_ events: Int, _ lines: String) throws {
        let plain = try run("rm -f '\(work)/limit' && '\(limits)' plain '\(lines)' '\(work)/limit'")
        try habit(
            "plain append, synced every 64 lines", seconds: plain.words[0],
            bytes: plain.words[2], events)
        try remove("\(work)/limit")
        for robust in [false, true] { try rsyslog(events, lines, robust: robust) }
        try logrotate(events, lines)
    }

    private mutating func habit(
        _ what: String, seconds: Double, bytes: Double, _ events: Int
    ) throws {
        let rate = Samples(values: [Double(events) / seconds]).text(.eventsPerSecond)
        let size = Samples(values: [bytes / Double(events)]).text(.bytesPerEvent)
        add(BarRow("today's habit: \(what)", ours: "–", peer: "\(rate), \(size)", bar: .none))
    }

    /// rsyslog reads the lines from a file and writes them with zipLevel 6, as one gzip stream or
    /// (veryRobustZip) flushed after each batch; synced.
    private mutating func rsyslog(_ events: Int, _ lines: String, robust: Bool) throws {
        guard Shell.has("rsyslogd", in: work) else { return }
        let folder = try folder("rsyslog")
        let output = "\(folder)/out.gz"
        let configuration = """
            global(workDirectory="\(folder)" net.enableDNS="off")
            module(load="imfile" mode="inotify")
            template(name="line" type="string" string="%msg:::drop-last-lf%\\n")
            ruleset(name="out") { action(type="omfile" file="\(output)" template="line" zipLevel="6" \
            veryRobustZip="\(robust ? "on" : "off")" sync="on" ioBufferSize="64k") }
            input(type="imfile" file="\(lines)" tag="x" ruleset="out")
            """
        try run("cat > '\(folder)/conf' << 'END'\n\(configuration)\nEND")
        let daemon = "rsyslogd -n -f '\(folder)/conf' -i '\(folder)/pid'"
        // Without veryRobustZip the stream is whole only when rsyslog ends.
        let wait =
            "n=0; until [ \"$(zcat '\(output)' 2> /dev/null | wc -l)\" -ge \(events) ]; do "
            + "sleep 0.2; n=$((n + 1)); [ $n -lt 300 ] || exit 9; "
            + "[ $n -lt 10 ] || kill -HUP $daemon 2> /dev/null || true; done"
        let result = try run(
            "\(daemon) > /dev/null 2>&1 & daemon=$!; \(wait); kill $daemon; wait $daemon || true",
            exits: [0, 9])
        let mode = robust ? "veryRobustZip" : "one stream"
        guard result.exit == 0 else {
            note("rsyslog (\(mode)) did not write all lines within a minute: no row")
            return
        }
        try habit(
            "rsyslog, zipLevel 6, \(mode), synced", seconds: result.seconds,
            bytes: try Shell.bytes("'\(output)'", in: work), events)
        try remove(folder)
    }

    /// The rotation alone: what lies there until then is not compressed at all.
    private mutating func logrotate(_ events: Int, _ lines: String) throws {
        guard Shell.has("logrotate", in: work) else { return }
        let folder = try folder("logrotate")
        try run("cp '\(lines)' '\(folder)/log' && chmod 700 '\(folder)'")
        try run("printf '%s' '\(folder)/log { rotate 1\ncompress\n}' > '\(folder)/conf'")
        let result = try run("logrotate -f -s '\(folder)/state' '\(folder)/conf'")
        try habit(
            "logrotate with gzip, at the rotation", seconds: result.seconds,
            bytes: try Shell.bytes("'\(folder)'/log.1.gz", in: work), events)
        try remove(folder)
    }
}
