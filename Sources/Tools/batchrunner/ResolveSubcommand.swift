import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner resolve`
struct ResolveSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Settle by a person's word what is held.",
        discussion: """
            SkyPay is asked first, and a word that its answer contradicts is refused. Who says so, and \
            why, is recorded before anything else; the files that said "held" get a correction. \
            --as resend sends a payout again that certainly never reached SkyPay; whatever may have \
            been sent is never sent again. Orders, transfers and questions, which `batchrunner status` \
            lists while they are held, are named by file and row, and are done or failed; nothing \
            of them is sent again. Beside a daemon the daemon does it, and this waits for it.

            EXAMPLES
              batchrunner resolve SKY9912345678 --as paid --reason "SkyPay ticket 4711, receipt seen"
              batchrunner resolve SKY9912345678 --as failed --reason "SkyPay wrote: never queued"
              batchrunner resolve 20261121-000001/3 --as done --reason "statement of 21 November"

            EXIT CODES
              0 resolved, 20 refused or too early: still held, 40 SkyPay did not answer, 64 there is no \
            such thing, or it is not held, 75 a run holds the site
            """)

    @OptionGroup var site: SiteOptions

    @Argument(help: "The control number of a held payout; FILE-ID/ROW of what is none.")
    var what: String

    @Option(
        name: .customLong("as"),
        help: "What became of it: paid, failed or resend; done or failed of what is no payout.")
    var outcome: String

    @Option(help: "Why: the evidence, for those who read the log in years.")
    var reason: String

    @Option(help: "Who says so (default: the user who runs this).")
    var by: String?

    func run() async throws {
        try await reporting {
            let command = try ResolveCommand(
                what: what, as: outcome, reason: reason, by: by ?? ResolveCommand.userName)
            let report = try await SiteService.running { [root = site.folder] stop in
                try await command.perform(
                    root: root, environment: ProcessEnvironment.all, stop: stop,
                    announce: Terminal.note)
            }
            if site.json {
                Terminal.line(JSONValue.object(report.json).text())
            } else {
                Terminal.line("\(what): \(report.message)")
            }
            return report.status
        }
    }
}
