import ArgumentParser
import BatchRunner
import DurableFiles

/// The command. Arguments in, text and an exit code out; everything else is in the library.
@main
struct BatchRunnerTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batchrunner",
        abstract: "Processes payout files dropped into a folder, against the SkyPay API.",
        discussion: """
            A site is a folder with batchrunner.yaml, inbox/, outbox/, audit/ and state/.

            EXAMPLES
              batchrunner init --root /srv/payouts     prepare a site and its configuration
              batchrunner check payouts.csv            what would run make of this file?
              batchrunner run --root /srv/payouts      do all there is, then exit
              batchrunner daemon --root /srv/payouts   watch the inbox until SIGTERM
              batchrunner status SKY9912345678         was this money sent?

            EXIT CODES
            \(exitCodes)
            """,
        version: BatchRunnerVersion.text,
        subcommands: [
            InitSubcommand.self, DaemonSubcommand.self, RunSubcommand.self, CheckSubcommand.self,
            StatusSubcommand.self, ResolveSubcommand.self, CallSubcommand.self,
            CatalogSubcommand.self, RotateKeySubcommand.self, RebuildSubcommand.self,
            RetentionSubcommand.self, ReconcileSubcommand.self, SelfTestSubcommand.self,
            FieldsSubcommand.self,
            TemplateSubcommand.self,
        ])

    static func main() async {
        // Before anything is opened: no file of a site may get the number of an output.
        StandardStreams.fill()
        await main(nil)
    }

    private static var exitCodes: String {
        ExitStatus.allCases.map { status in
            let code = String(status.rawValue)
            return "  " + code + String(repeating: " ", count: 4 - code.count) + status.summary
        }.joined(separator: "\n")
    }
}

/// What every subcommand takes.
struct SiteOptions: ParsableArguments {
    @Option(help: "The site folder (default: $BATCHRUNNER_ROOT, or the current folder).")
    var root: String?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    /// The site folder in force.
    var folder: String {
        root ?? ProcessEnvironment.all["BATCHRUNNER_ROOT"] ?? "."
    }
}
