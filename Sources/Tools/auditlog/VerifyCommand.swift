import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove what can be proved of the log, in plain words.",
        discussion: """
            Needs no private key and writes nothing but the record of the access; works on a live
            log and on a copy.
              auditlog verify --key "$(cat root.vkey)" --since kept.txt
            Exit code 0: intact; 1: could not run; 2: damaged or altered; 3: not consistent with the
            checkpoint given.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var access: AccessOption
    @OptionGroup var format: FormatOption
    @Option(help: "The root verification key, kept elsewhere.")
    var key: String?
    @Option(help: "A file with a signed checkpoint, kept elsewhere.")
    var since: String?
    @Option(help: "Threads that read; one a processor unless told.")
    var workers: Int?

    func validate() throws {
        if let workers, !(1...256).contains(workers) {
            throw ValidationError("--workers: 1 to 256")
        }
    }

    func run() async throws {
        try access.record("verify", log, keys, [("since", since)])
        let checkpoint = try since.map { path throws(ValidationError) in
            guard let bytes = try? DurableFiles.read(path) else {
                throw ValidationError("--since: \(path) cannot be read")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let start = ContinuousClock.now
        let report = Verifier(
            directory: log.directory, key: key, since: checkpoint, workers: workers
        ).verify { Output.progress(Self.text($0, start.duration(to: .now))) }
        Output.progress("")
        let lines = format.json ? [report.json.text()] : report.lines
        try Output.verdict(report.exitCode) {
            try Output.text(lines.map { $0 + "\n" }.joined())
        }
    }

    /// "42 % · 1234567 events · 900000 a second"
    private static func text(_ progress: VerificationProgress, _ elapsed: Duration) -> String {
        let share = progress.totalBytes > 0 ? progress.bytes * 100 / progress.totalBytes : 0
        let milliseconds = max(1, elapsed / .milliseconds(1))
        let rate = UInt64(Double(progress.events) * 1_000 / milliseconds)
        return "\(min(100, share)) % · \(progress.events) events · \(rate) a second"
    }
}
