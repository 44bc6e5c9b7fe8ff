import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner retention`
struct RetentionSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract:
            "Remove what is past its time from the audit log, and keep what the ledger needs of it.",
        discussion: """
            Compares the ledger with the audit log, records the ledger in the log (`ledger.snapshot`), \
            so that control numbers, batch ids and files of removed days stay known and a ledger can \
            still be made from what is left, and then removes the oldest sealed segments whose events \
            are all older than --keep and on no hold. What remains is proved as before. Stop the daemon \
            first, and copy what --dry-run names to the archive. Safe to stop at any moment and to give \
            again. Private copies of files (state/files/) are not removed; it tells from which day on \
            they are needed.

            EXAMPLES
              batchrunner retention --keep 5y --dry-run --root /srv/payouts
              batchrunner retention --keep 5y --root /srv/payouts
              auditlog retention hold --from 2026-11-01 --to 2026-11-30 --reason "case 17"

            EXIT CODES
              0   done, also when nothing is past its time
              40  the configuration is wrong
              64  usage, or there is no audit log
              70  the log is damaged, or the ledger differs from it: nothing was removed
              75  a daemon, a run or a check is at work on this site
            """)

    @OptionGroup var site: SiteOptions

    @Option(
        help: "How long events are kept: 5y, 18m (months) or 400d; not shorter than audit.keep.")
    var keep: String

    @Flag(help: "Only tell what would be removed; writes nothing.")
    var dryRun = false

    func run() async throws {
        try await reporting {
            let command = try RetentionCommand(
                root: site.folder, environment: ProcessEnvironment.all, keep: keep)
            let isTerminal = Terminal.errorIsTerminal
            let report =
                dryRun
                ? try command.plan()
                : try await command.apply { if isTerminal { Terminal.note($0) } }
            let lines = site.json ? [report.json.text()] : report.lines
            for line in lines { Terminal.line(line) }
            return .allDone
        }
    }
}
