import BatchRunner

/// A run's report as a person reads it.
enum Summary {
    static func print(_ report: RunReport) {
        if !report.files.isEmpty {
            var rows = [
                [
                    "FILE", "VERDICT", "ROWS", "ACCEPTED", "REJECTED", "REFUSED", "OPEN",
                    "AMOUNT SENT",
                ]
            ]
            rows += report.files.map(cells)
            Terminal.table(rows, right: [2, 3, 4, 5, 6, 7])
            for file in report.files where file.reason != nil {
                Terminal.line("  \(file.file): \(file.reason ?? "")")
            }
            Terminal.line()
        }
        let parts = report.rows.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
            "\($0.value) \($0.key) (PHP \(report.amounts[$0.key] ?? "0.00"))"
        }
        if !parts.isEmpty {
            Terminal.line("All rows of this site: " + parts.joined(separator: ", "))
        }
        let requests = report.requests.filter { $0.value > 0 }.sorted { $0.key < $1.key }
            .map { "\($0.value) \($0.key)" }
        if !requests.isEmpty {
            Terminal.line("Orders, transfers and questions: " + requests.joined(separator: ", "))
        }
        if let line = report.conservation?.line { Terminal.line(line) }
        if let line = report.balance?.line { Terminal.line(line) }
        for problem in report.problems + report.warnings { Terminal.line("! " + problem) }
        Terminal.line(
            "\(report.sent) requests sent; exit \(report.status.rawValue): \(report.status.summary)"
        )
    }

    /// One line of the daemon.
    static func line(_ file: FileReport) -> String {
        let total = file.rows["total"].map { " rows=\($0)" } ?? ""
        let amount = file.amounts["total"].map { " amount=\($0)" } ?? ""
        let reason = file.reason.map { " reason=\"\($0)\"" } ?? ""
        return "\(file.fileID) \(file.file) \(file.verdict)\(total)\(amount)\(reason)"
    }

    private static func cells(_ file: FileReport) -> [String] {
        guard let total = file.rows["total"] else {
            return [file.file, file.verdict, "", "", "", "", "", ""]
        }
        let sent = [
            "accepted", "paid", "failed", "cancelled", "answered", "amended", "transferred",
            "registered", "settled", "expired",
        ]
        let open = ["unsent", "intended", "suspended", "unknown", "held"]
        func count(_ names: [String]) -> String {
            String(names.reduce(0) { $0 + (file.rows[$1] ?? 0) })
        }
        return [
            file.file, file.verdict, String(total), count(sent), count(["rejected"]),
            count(["refused"]), count(open), file.sentAmount,
        ]
    }
}
