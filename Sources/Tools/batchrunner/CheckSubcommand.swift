import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner check`
struct CheckSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate and plan files: no network, nothing written.",
        discussion: """
            Prints totals, the split over channels, every fault with its place, and the plan hash. \
            Exits 0, 10 or 30 as `run` would for these files; 20 for a good one where the ledger \
            cannot be read, so that nobody knows what was used before.

            EXAMPLES
              batchrunner check payouts.csv
              batchrunner check --json payouts.csv | jq -r '.faults[].message'
            """)

    @OptionGroup var site: SiteOptions

    @Argument(help: "Batch files; NAME.ctl beside a file is read with it.")
    var files: [String]

    @Option(help: "The sender they are meant for: its sub-folder of the inbox.")
    var sender = ""

    @Option(help: "Faults to print for each file.")
    var faults = 20

    func validate() throws {
        if faults < 0 { throw ValidationError("--faults: 0 or more") }
    }

    func run() async throws {
        try await reporting {
            let command = try CommandFailure.wrapping {
                try CheckCommand(
                    root: site.folder, sender: sender == "default" ? "" : sender,
                    environment: ProcessEnvironment.all)
            }
            for note in [command.assumption, command.unknown].compactMap(\.self) {
                Terminal.note("note: \(note)")
            }
            var statuses: [ExitStatus] = []
            for path in files {
                let report = try CommandFailure.wrapping { try command.check(path) }
                statuses.append(report.status)
                if site.json { Terminal.line(report.json.text()) } else { show(report) }
            }
            return ExitStatus.winning(statuses)
        }
    }

    private func show(_ report: CheckReport) {
        let batch = report.batch.isEmpty ? "" : " (batch \(report.batch))"
        Terminal.line("\(report.file)\(batch): \(report.verdict)")
        if let reason = report.reason { Terminal.line("  \(reason)") }
        let rows = (report.counts + report.channels).map {
            ["  " + $0.name, String($0.rows), $0.amount]
        }
        Terminal.table(rows, right: [1, 2])
        if !report.planHash.isEmpty { Terminal.line("  plan \(report.planHash)") }
        for fault in report.faults.prefix(faults) { Terminal.line("  " + text(of: fault)) }
        let hidden = report.faults.count - min(faults, report.faults.count) + report.faultsLeftOut
        if hidden > 0 { Terminal.line("  … and \(hidden) more; see --faults") }
    }

    private func text(of fault: JSONValue) -> String {
        let place = ["line", "column", "item"].compactMap { name in
            fault[name]?.scalarText.map { "\(name) \($0)" }
        }.joined(separator: ", ")
        let field = fault["field"]?.stringValue.map { " \($0):" } ?? ""
        return "\(place)\(field) \(fault["message"]?.stringValue ?? "")"
    }
}
