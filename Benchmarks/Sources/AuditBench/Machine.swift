/// What the figures depend on.
extension Bench {
    func machine(_ sizes: [Int]) throws -> String {
        func ask(_ script: String) -> String {
            let text = (try? run(script).text) ?? ""
            return text.split(separator: "\n").first.map(String.init) ?? "unknown"
        }
        let synced = try run("'\(limits)' single '\(work)/limit' 200 4096").words[0] / 200
        try remove("\(work)/limit")
        let facts = [
            ("date", ask("date -u +%Y-%m-%dT%H:%MZ")),
            (
                "machine",
                ask("sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1") + ", "
                    + ask("nproc") + " cores, " + ask("free -g | awk '/Mem/{print $2\" GiB\"}'")
            ),
            ("load at the end", "\(ask("cut -d' ' -f1-3 /proc/loadavg"))"),
            ("kernel", ask("uname -sr")),
            ("file system", ask("df --output=fstype,source '\(work)' | tail -1")),
            ("zlib", ask("'\(limits)' zlib") + ", the same library for ours and the limit"),
            (
                "fdatasync",
                "on everywhere; write of 4 KiB and fdatasync: \(Unit.fixed(synced * 1e6, 0)) µs"
            ),
            ("gzip, rg", ask("gzip --version") + ", " + ask("rg --version || echo no rg")),
            ("events", sizes.map(grouped).joined(separator: "; ")),
        ]
        let lines = facts.map { "- \($0.0): \($0.1)" }.joined(separator: "\n")
        return "# AuditLog: the bars\n\n\(lines)\n- figures: medians, least and most behind them, "
            + "paired runs in turn; ratios pair by pair"
    }
}
