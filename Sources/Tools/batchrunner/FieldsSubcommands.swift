import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner fields`
struct FieldsSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fields",
        abstract: "The fields of an action or callback: length, form, when required.",
        discussion: """
            EXAMPLES
              batchrunner fields                     every action and callback
              batchrunner fields payoutQueueV2       the fields of one
              batchrunner fields payoutQueue --json  the same for programs
            """)

    @Argument(help: "The action or callback; all are listed without one.")
    var action: String?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    @Flag(help: "Print all tables in Markdown, as in docs/skypay-protocol.md.")
    var markdown = false

    func run() async throws {
        try await reporting {
            if markdown {
                Terminal.text(FieldsCommand.markdown)
            } else if let action {
                try show(FieldsCommand(action: action))
            } else if json {
                Terminal.line(FieldsCommand.actionsJSON.text())
            } else {
                Terminal.table(FieldsCommand.actions.map { [$0.name, $0.summary] })
            }
            return .allDone
        }
    }

    private func show(_ fields: FieldsCommand) {
        if json { return Terminal.line(fields.json.text()) }
        Terminal.line(fields.heading)
        Terminal.line()
        Terminal.table(fields.cells)
    }
}

/// `batchrunner template`
struct TemplateSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "A batch of an action to fill in, as CSV.",
        discussion: """
            Every column and invented rows. The batch id is blank, so the file is refused until it
            is filled in.

            EXAMPLES
              batchrunner template payoutQueueV2 > stores.csv
            """)

    @Argument(help: "The action.")
    var action: String

    @Option(help: "What the batch says of itself: test or live.")
    var mode = "test"

    func validate() throws {
        guard mode == "test" || mode == "live" else {
            throw ValidationError("--mode is test or live")
        }
    }

    func run() async throws {
        try await reporting {
            Terminal.text(try FieldsCommand(action: action).template(mode: mode))
            return .allDone
        }
    }
}
