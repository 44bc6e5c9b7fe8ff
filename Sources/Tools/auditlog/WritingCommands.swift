import ArgumentParser
import AuditLog
import OrderedJSON

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a log and print its root key, to be kept elsewhere.",
        discussion: "Example: auditlog init --origin example.com/payouts > root.vkey")

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Option(help: "Name of the log: no white space, no +.")
    var origin: String
    @Option(help: "Type prefix only an owner may append; may be repeated.")
    var reserve: [String] = []

    func validate() throws {
        if origin.isEmpty || origin.contains(where: { $0.isWhitespace || $0 == "+" }) {
            throw ValidationError("--origin: no white space and no + in a log's name")
        }
    }

    func run() async throws {
        let key = try AuditLog.create(
            at: log.directory, keys: keys.directory,
            options: CreationOptions(
                origin: origin, reservedPrefixes: reserve, actor: Person.name,
                eventOrigin: Person.host))
        if format.json {
            let json: JSONValue = ["origin": .string(origin), "rootKey": .string(key)]
            try Output.line(json.bytes())
        } else {
            try Output.line(key)
        }
    }
}

struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Append events: JSON Lines on standard input.",
        discussion: """
            A line is an event without seq and time:
              {"type":"door.opened","actor":"badge 7","outcome":"success","origin":"gate","data":{}}
            A refused line is reported and skipped; the exit code is then 1.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @Flag(help: "Print each event's number once it is durable.")
    var ack = false

    /// Lines of one commit at most.
    private static let groupLimit = 1_024

    func run() async throws {
        let audit = try await AuditLog.open(
            at: log.directory, keys: keys.directory,
            options: OpenOptions(actor: Person.name, origin: Person.host))
        var input = InputLines()
        var number = 0
        var refused = 0
        var isRead = true
        while let line = input.next() {
            var group = [(number: number + 1, line: line)]
            while group.count < Self.groupLimit, input.hasLine, let line = input.next() {
                group.append((number + group.count + 1, line))
            }
            number += group.count
            let (events, bad) = try await append(group, to: audit)
            refused += bad
            if ack, isRead { isRead = acknowledge(events) }
        }
        try await audit.close()
        if refused > 0 { throw ExitCode(1) }
    }

    /// Appends the group at once; when one is refused, each by itself.
    private func append(
        _ group: [(number: Int, line: [UInt8])], to audit: AuditLog
    ) async throws -> (events: [Event], refused: Int) {
        if case .success(let events) = await attempt(group.map(\.line), audit) {
            return (events, 0)
        }
        var events: [Event] = []
        var refused = 0
        for (number, line) in group {
            switch await attempt([line], audit) {
            case .success(let appended): events += appended
            case .failure(let error) where error.isRefusal:
                refused += 1
                Output.error("line \(number): \(error)")
            case .failure(let error): throw error
            }
        }
        return (events, refused)
    }

    private func attempt(
        _ lines: [[UInt8]], _ audit: AuditLog
    ) async -> Result<[Event], AuditLogError> {
        do throws(AuditLogError) {
            var drafts: [EventDraft] = []
            for line in lines { drafts.append(try EventDraft(json: line)) }
            return .success(try await audit.append(drafts))
        } catch {
            return .failure(error)
        }
    }

    /// False when nobody reads the numbers; the events go on being recorded.
    private func acknowledge(_ events: [Event]) -> Bool {
        let lines = events.map { "\($0.sequence)\n" }.joined()
        return (try? Output.text(lines)) != nil
    }
}
