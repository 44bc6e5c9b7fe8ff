import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove what can be proved of the log, in plain words.",
        discussion: """
            Needs no private key and writes nothing; works on a live log and on a copy.
              auditlog verify --key "$(cat root.vkey)" --since kept.txt
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption
    @Option(help: "The root verification key, kept elsewhere.")
    var key: String?
    @Option(help: "A file with a signed checkpoint, kept elsewhere.")
    var since: String?

    func run() async throws {
        let checkpoint = try since.map { path throws(ValidationError) in
            guard let bytes = try? DurableFiles.read(path) else {
                throw ValidationError("--since: \(path) cannot be read")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let report = Verifier(directory: log.directory, key: key, since: checkpoint)
            .verify { Output.progress("\($0) events") }
        Output.progress("")
        // The exit code must be told even when nobody reads the words.
        let lines = format.json ? [report.json.text()] : report.lines
        try? Output.text(lines.map { $0 + "\n" }.joined())
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}
