import ArgumentParser
import BatchRunner

/// `batchrunner init`
struct InitSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Prepare a site folder and its configuration.",
        discussion: """
            Makes the folders and a commented batchrunner.yaml; one that is there is kept.

            EXAMPLES
              batchrunner init --root /srv/payouts
            """)

    @OptionGroup var site: SiteOptions

    func run() async throws {
        try await reporting {
            let lines = try CommandFailure.wrapping { try InitCommand.prepare(root: site.folder) }
            for line in lines { Terminal.line(line) }
            return .allDone
        }
    }
}
