import ArgumentParser
import AuditLog
import OrderedJSON

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print the newest signed checkpoint, to be kept elsewhere.",
        discussion: "Example: auditlog checkpoint > kept.txt; auditlog verify --since kept.txt")

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption

    func run() async throws {
        let checkpoint = try AuditReader(directory: log.directory).publishedCheckpoint()
        if format.json {
            let json: JSONValue = [
                "origin": .string(checkpoint.origin), "size": .number(String(checkpoint.size)),
                "checkpoint": .string(checkpoint.text),
            ]
            try Output.line(json.bytes())
        } else {
            try Output.text(checkpoint.text)
        }
    }
}
