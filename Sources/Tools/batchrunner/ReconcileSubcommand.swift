import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner reconcile`
struct ReconcileSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Does everything add up? The ledger with itself, and with SkyPay's reports.",
        discussion: """
            Adds up rows and money of every file: what came in must be what was paid, failed, \
            cancelled, accepted, refused, rejected, held, unknown, unsent or withdrawn. With --day, \
            SkyPay's reports of that day (GMT+8) are read and compared with the ledger, number by \
            number: the payouts made on it, also at counters, and, where collections are \
            registered, what counters took in. The files shown are those that came on it. Changes \
            nothing, and works beside a daemon.

            EXAMPLES
              batchrunner reconcile --root /srv/payouts
              batchrunner reconcile --day 2026-11-21
              batchrunner reconcile --day 2026-11-21 --json | jq .differences

            EXIT CODES
              0   everything agrees
              20  SkyPay's reports and the ledger differ: each number is named; or one of the \
            reports was refused or has a row that cannot be read: the other is compared
              40  a report did not come, none could be read, or the configuration is wrong
              64  usage, or there is no ledger
              70  rows or money of a file do not add up: see `batchrunner rebuild`
            """)

    @OptionGroup var site: SiteOptions

    @Option(
        name: [.long, .customLong("date")],
        help: "Ask SkyPay for its reports of this day, yyyy-MM-dd.")
    var day: String?

    func run() async throws {
        try await reporting {
            let command = try ReconcileCommand(
                root: site.folder, environment: ProcessEnvironment.all, day: day)
            let report = try await command.reconcile()
            if site.json { Terminal.line(report.json.text()) } else { show(report) }
            return report.status
        }
    }

    private func show(_ report: ReconcileCommand.Report) {
        Terminal.table(report.standing.table, right: [1, 3, 4])
        for fault in report.standing.faults { Terminal.line("! " + fault) }
        Terminal.line()
        for subject in ReportSubject.allCases {
            guard let figures = report.compared[subject] else { continue }
            Terminal.table(
                [["report", subject.rawValue]]
                    + figures.members.map { [$0.name, $0.value.scalarText ?? ""] })
            Terminal.line()
        }
        if !report.differences.isEmpty {
            Terminal.table(
                [["NUMBER", "REPORT", "WHAT", "LEDGER", "SKYPAY"]]
                    + report.differences.map {
                        [
                            $0.controlNumber, $0.subject.rawValue, $0.kind.rawValue, $0.ledger,
                            $0.skypay,
                        ]
                    })
            let hidden = report.count - report.differences.count
            if hidden > 0 { Terminal.line("… and \(hidden) more") }
        }
        for subject in ReportSubject.allCases {
            if let reason = report.notCompared[subject] { Terminal.line("! " + reason) }
        }
        Terminal.line(report.conclusion)
    }
}
