import ArgumentParser
import AuditLog
import OrderedJSON

struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "What the log is made of, in numbers.",
        discussion: """
            Reads manifests, indexes and the ends of members only; proves nothing (`verify` does).
              auditlog stats
              auditlog stats --full --json | jq .types
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var access: AccessOption
    @OptionGroup var format: FormatOption
    @Flag(help: "Read every event: exact counts and sizes, events by day and by type.")
    var full = false

    func run() async throws {
        try access.record("stats", log, keys)
        let statistics = try LogStatistics.read(directory: log.directory, full: full) {
            Output.progress("\($0) events")
        }
        Output.progress("")
        if format.json { return try Output.line(statistics.json.bytes()) }
        for line in statistics.lines { try Output.line(line) }
    }
}
