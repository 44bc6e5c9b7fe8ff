import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner rebuild`
struct RebuildSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make a ledger from the audit log and the private copies, and compare.",
        discussion: """
            Folds the whole audit log into a new ledger beside the one in use and compares the two, \
            table by table, row by row, column by column. Changes nothing without --replace, and \
            works beside a daemon, whose ledger it reads as it stands at one event. With --replace a \
            ledger that differs, is damaged or is missing is replaced; the old one is kept in state/ \
            as ledger.sqlite.before-TIME. Safe to stop at any moment and to give again.

            EXAMPLES
              batchrunner rebuild --root /srv/payouts
              batchrunner rebuild --json | jq .differences
              batchrunner rebuild --replace --root /srv/payouts

            EXIT CODES
              0   the ledger in place is what the audit log makes it
              40  the configuration is wrong
              64  usage, or there is no audit log
              70  the ledger differs, or none can be made: see what is printed
              75  another check is at work; with --replace: a daemon or a run holds this site
            """)

    @OptionGroup var site: SiteOptions

    @Flag(help: "Put the new ledger in the place of one that differs.")
    var replace = false

    func run() async throws {
        try await reporting {
            let command = try RebuildCommand(
                root: site.folder, environment: ProcessEnvironment.all)
            let isTerminal = Terminal.errorIsTerminal
            let progress: @Sendable (UInt64) -> Void = { events in
                if isTerminal { Terminal.note("\(events) events folded") }
            }
            let report =
                replace
                ? try await command.replace(progress: progress)
                : try command.compare(progress: progress)
            if site.json { Terminal.line(report.json.text()) } else { show(report) }
            return report.status
        }
    }

    private func show(_ report: RebuildCommand.Report) {
        if let comparison = report.comparison, !comparison.tables.isEmpty {
            Terminal.table(
                [["TABLE", "ROWS", "DIFFERING"]]
                    + comparison.tables.map {
                        [$0.name, String($0.rows), String($0.differences)]
                    }, right: [1, 2])
            Terminal.line()
            for difference in comparison.differences { Terminal.line(difference.line) }
            let hidden = comparison.count - comparison.differences.count
            if hidden > 0 { Terminal.line("… and \(hidden) more") }
        }
        Terminal.line(report.summary + ".")
        if let kept = report.kept { Terminal.line("The old one is kept as state/\(kept).") }
        if report.status == .invariantBroken, report.comparison != nil {
            Terminal.line("Put a new one in its place with `batchrunner rebuild --replace`.")
        }
    }
}
