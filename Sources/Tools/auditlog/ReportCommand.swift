import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "A day or a month as one page for people.",
        discussion: """
            Writes one self-contained HTML file: verdict, failures, figures, covered transactions,
            checkpoint, and how to verify. Times and days are Manila time (+08:00).
              auditlog report --day 2026-11-21 --key "$(cat root.vkey)"
              auditlog report --month 2026-11 --output november.html
              auditlog report --day 2026-11-21 --json | jq .covered
            The exit code is that of `verify`; an altered log still gives a report that says so.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var access: AccessOption
    @OptionGroup var format: FormatOption
    @Option(help: "One day, YYYY-MM-DD.") var day: String?
    @Option(help: "One month, YYYY-MM.") var month: String?
    @Option(help: "Where the page goes; - is standard output. Default: report-PERIOD.html here.")
    var output: String?
    @Option(help: "The root verification key, kept elsewhere.") var key: String?
    @Option(help: "A file with a signed checkpoint, kept elsewhere.") var since: String?
    @Flag(help: "Count without verifying first; the page then says that it is not verified.")
    var unverified = false

    func validate() throws {
        if (day == nil) == (month == nil) {
            throw ValidationError("give --day 2026-11-21 or --month 2026-11")
        }
        if unverified, key != nil || since != nil {
            throw ValidationError("--unverified leaves no use for --key and --since")
        }
        _ = try period
    }

    private var period: ReportPeriod {
        get throws {
            do throws(AuditLogError) {
                if let day { return try ReportPeriod(day: day) }
                return try ReportPeriod(month: month ?? "")
            } catch {
                throw ValidationError(error.message)
            }
        }
    }

    func run() async throws {
        try access.record("report", log, keys, [("day", day), ("month", month)])
        let checkpoint = try since.map { path throws(ValidationError) in
            guard let bytes = try? DurableFiles.read(path) else {
                throw ValidationError("--since: \(path) cannot be read")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let report = try AuditReport.make(
            directory: log.directory, period: try period,
            options: ReportOptions(
                key: key, since: checkpoint, verifies: !unverified, shownDirectory: log.directory)
        ) { Output.progress($0) }
        Output.progress("")
        try Output.verdict(report.exitCode) { try write(report) }
    }

    private func write(_ report: AuditReport) throws {
        if format.json { return try Output.line(report.json.bytes()) }
        if output == "-" { return try Output.text(report.html) }
        let path = output ?? "report-\(day ?? month ?? "").html"
        do throws(FileError) {
            try DurableFiles.replace(path, Array(report.html.utf8))
        } catch {
            throw AuditLogError(.file, "the report cannot be written", cause: error)
        }
        Output.error("\(path): \(report.summary)")
    }
}
