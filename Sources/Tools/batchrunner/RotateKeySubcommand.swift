import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner rotate-key`
struct RotateKeySubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Put a new SkyPay password key in place of the present one.",
        discussion: """
            Enable the new key at SkyPay, then give it to this command: one line on standard input, \
            or a file. Never on the command line, which every user of this machine can read. The \
            present key is accepted for the overlap; before anything is sent, a balance query finds \
            out which of the two SkyPay opens. Stop a daemon first: it reads its key when it starts. \
            After a wrong key give the right one in the same way: SkyPay is asked which of the two \
            keys here it opens, and that one is kept beside the new one.

            EXAMPLES
              batchrunner rotate-key --expires 2027-02-20 < new.key
              batchrunner rotate-key --key-file new.key --overlap-hours 48 --root /srv/payouts

            EXIT CODES
              0   the key was changed
              40  the same, but SkyPay opens neither key; or nothing was changed, since nobody \
            knows which key to keep, or the configuration is wrong
              64  usage, or the new key is the present one
              75  a daemon or a run holds this site
            """)

    @OptionGroup var site: SiteOptions

    @Option(help: "The file with the new key (default: standard input).")
    var keyFile: String?

    @Option(help: "The day the new key expires, yyyy-MM-dd: warned of 7 days and 1 day before.")
    var expires: String?

    @Option(help: "Hours for which the present key is still accepted.")
    var overlapHours = RotateKeyCommand.standardOverlapHours

    func run() async throws {
        try await reporting {
            let command = RotateKeyCommand(
                root: site.folder, environment: ProcessEnvironment.all)
            let report = try await command.rotate(
                to: try RotateKeyCommand.newKey(file: keyFile), expires: expires,
                overlapHours: overlapHours, announce: Terminal.note)
            if site.json {
                Terminal.line(report.json.text())
            } else {
                Terminal.line("The password key was changed; \(report.finding).")
                if let end = report.previousAcceptedUntil {
                    Terminal.line("The key before is accepted until \(end).")
                }
                if keyFile != nil { Terminal.line("Destroy the file the new key came from.") }
            }
            return report.status
        }
    }
}
