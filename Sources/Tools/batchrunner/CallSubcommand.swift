import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner call`
struct CallSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "One action by hand.",
        discussion: """
            What moves money, changes a payout or has rules of time is journalled as a batch of one \
            row, sent, and answered in the outbox too; beside a daemon the daemon does it, and this \
            waits for it. balanceQuery, reports, notifications and catalogs are asked directly. \
            `batchrunner fields ACTION` lists the fields.

            A transfer that is open, or was made within a day, is refused unless --again says that \
            another one is meant: nothing at SkyPay tells two of them apart.

            EXAMPLES
              batchrunner call balanceQuery
              batchrunner call getReportPayout --field startDate=2026-11-01 \\
                --field endDate=2026-11-21 --field dateType=PayTime
              batchrunner call cancelPayout --field controlNumber=SKY9912345678
              batchrunner call balanceTransfer --field transferFrom=SKY99 \\
                --field transferTo=SKY98 --field amount=1000.00

            EXIT CODES
              0 done, 10 refused, 20 unknown or held, 30 rejected, 40 not reachable, 50 no funds, \
            or a transfer to be confirmed with --again, 64 usage, 75 a run holds the site
            """)

    @OptionGroup var site: SiteOptions

    @Argument(help: "The action, by its name on the wire.")
    var action: String

    @Option(name: .long, help: "A field and its value, NAME=VALUE; repeat for each.")
    var field: [String] = []

    @Flag(name: .long, help: "Make a transfer that is open, or was made within a day, once more.")
    var again = false

    func run() async throws {
        try await reporting {
            let command = try CallCommand(action: action, fields: field, isRepetition: again)
            guard command.isJournalled else {
                return try await command.ask(
                    root: site.folder, environment: ProcessEnvironment.all
                ) { show($0) }
            }
            let report = try await SiteService.running { [root = site.folder] stop in
                try await command.perform(
                    root: root, environment: ProcessEnvironment.all, stop: stop,
                    announce: Terminal.note)
            }
            if site.json { Terminal.line(report.json.text()) } else { show(report) }
            return report.status
        }
    }

    private func show(_ report: CallReport) {
        Terminal.line("\(report.file.file) (file \(report.file.fileID)): \(report.file.verdict)")
        for fault in report.faults {
            Terminal.line("  " + (fault["message"]?.stringValue ?? fault.text()))
        }
        if let row = report.row { show(row) }
        for problem in report.problems { Terminal.line("! " + problem) }
    }

    private func show(_ value: JSONValue) {
        if site.json { return Terminal.line(value.text()) }
        let members = value.objectValue?.members ?? []
        Terminal.table(
            members.flatMap { member -> [[String]] in
                guard let inner = member.value.objectValue else {
                    return [[member.name, member.value.scalarText ?? member.value.text()]]
                }
                return inner.members.map { [$0.name, $0.value.scalarText ?? $0.value.text()] }
            })
        Terminal.line()
    }
}

/// `batchrunner catalog`
struct CatalogSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "Fetch SkyPay's lists of banks, provinces, towns and ids.",
        discussion: """
            Values in batches are checked against them from then on; a list that cannot be fetched \
            stays as it was. Works beside a daemon.

            EXAMPLES
              batchrunner catalog                  every list
              batchrunner catalog getBankCode      one
            """)

    @OptionGroup var site: SiteOptions

    @Argument(help: "The lists, by their names on the wire; all without any.")
    var lists: [String] = []

    func run() async throws {
        try await reporting {
            let command = try CatalogCommand(
                root: site.folder, environment: ProcessEnvironment.all, names: lists)
            return try await command.fetch { show($0) }
        }
    }

    private func show(_ fetched: CatalogCommand.Fetched) {
        guard !site.json else {
            var object: JSONObject = ["catalog": .string(fetched.catalog)]
            object["entries"] = fetched.entries.map { .number(String($0)) }
            object["problem"] = fetched.problem.map { .string($0) }
            return Terminal.line(JSONValue.object(object).text())
        }
        let words = fetched.entries.map { "\($0) entries" } ?? fetched.problem ?? ""
        Terminal.line("\(fetched.catalog): \(words)")
    }
}
