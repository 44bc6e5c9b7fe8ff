import DurableFiles

/// What monitoring reads of a site: a text file in Prometheus' exposition format, replaced whole
/// (node_exporter's textfile collector takes it as it is). No personal data, no secrets.
struct SiteMetrics: Sendable {
    /// Rows by state, over the whole site.
    var rows: [String: Int]
    /// When the password key expires; nil when nobody said.
    var expiry: KeyExpiry?
    /// Whether the key before it is accepted.
    var acceptsPreviousKey: Bool
    /// Unix seconds.
    var now: Int64
    /// The last check of the ledger against the audit log; nil before the first.
    var check: CheckRecord?

    /// The text.
    var text: String {
        var text = ""
        func metric(_ name: String, _ help: String, _ samples: [(labels: String, value: Int64)]) {
            guard !samples.isEmpty else { return }
            text += "# HELP batchrunner_\(name) \(help)\n# TYPE batchrunner_\(name) gauge\n"
            for sample in samples {
                text += "batchrunner_\(name)\(sample.labels) \(sample.value)\n"
            }
        }
        metric(
            "rows", "Rows of this site by state.",
            rows.sorted { $0.key < $1.key }.map { ("{state=\"\($0.key)\"}", Int64($0.value)) })
        if let expiry {
            metric(
                "password_key_expiry_timestamp_seconds",
                "When the password key expires, in unix seconds.", [("", expiry.timestamp)])
            metric(
                "password_key_warning", "1 at the stage of expiry that is reached.",
                KeyExpiry.Stage.allCases.map { stage in
                    let isReached = expiry.stage(at: now) == stage
                    return ("{stage=\"\(stage.rawValue)\"}", isReached ? 1 : 0)
                })
        }
        metric(
            "password_key_previous_accepted", "1 while the previous password key is accepted.",
            [("", acceptsPreviousKey ? 1 : 0)])
        if let check {
            metric(
                "ledger_check_timestamp_seconds",
                "When the ledger was last compared with the audit log, in unix seconds.",
                check.unixSeconds.map { [("", $0)] } ?? [])
            metric(
                "ledger_agrees", "1 while the ledger is what the audit log makes it.",
                [("", check.agrees ? 1 : 0)])
        }
        metric("written_timestamp_seconds", "When this file was written.", [("", now)])
        return text
    }

    /// Replaces the file: a reader sees one text or the other, never a mixture.
    func write(to path: String) throws(FileError) {
        try DurableFiles.replace(path, Array(text.utf8), mode: 0o644)
    }
}
