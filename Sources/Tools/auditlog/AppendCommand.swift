import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Append events: JSON Lines on standard input.",
        discussion: """
            A line is an event without seq and time:
              {"type":"door.opened","actor":"badge 7","outcome":"success","origin":"gate","data":{}}
            Example: producer | auditlog append --ack
            A refused line is reported with its number and skipped; the exit code is then 1. A last \
            line without a newline counts when it is whole. With --json, standard output has one \
            object for each acknowledgement (--ack) and refusal, and one at the end. Where these \
            cannot be written (a full disk, not a reader that goes away) no further line is taken.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Flag(help: "Print each event's number once it is durable.")
    var ack = false
    @Option(help: "Seal the open segment when it has this many bytes.")
    var sealBytes = OpenOptions.standardSealBytes
    @OptionGroup var archives: ArchiveOption

    /// Lines of one commit at most.
    private static let groupLimit = 1_024

    func validate() throws {
        if sealBytes < 1 { throw ValidationError("--seal-bytes: at least 1") }
    }

    func run() async throws {
        let audit = try await AuditLog.open(
            at: log.directory, keys: keys.directory(of: log),
            options: OpenOptions(
                actor: Person.name, origin: Person.host, sealBytes: sealBytes,
                immutableSeals: archives.immutable))
        var input = InputLines()
        var answers = Answers(asJSON: format.json, ack: ack)
        var number = 0
        let broken = try await readAll(&input) { (group) async throws(AuditLogError) -> Bool in
            try await append(group, startingAt: number + 1, to: audit, &answers)
            number += group.count
            return answers.failure == nil
        }
        try await audit.close()
        answers.end(size: await audit.size)
        if let failure = answers.failure { throw failure }
        if let broken { throw AuditLogError(.file, "the input ended early", cause: broken) }
        if answers.refused > 0 { throw ExitCode(1) }
    }

    /// Hands over what has come, in groups, to the end or until `take` wants no more; returns what
    /// broke the input off, after everything before it was handed over.
    private func readAll(
        _ input: inout InputLines,
        _ take: ([InputLines.Line]) async throws(AuditLogError) -> Bool
    ) async throws(AuditLogError) -> FileError? {
        while true {
            var group: [InputLines.Line] = []
            do throws(FileError) {
                guard let line = try input.next() else { return nil }
                group.append(line)
                while group.count < Self.groupLimit, input.hasLine, let line = try input.next() {
                    group.append(line)
                }
            } catch {
                if !group.isEmpty { _ = try await take(group) }
                return error
            }
            guard try await take(group) else { return nil }
        }
    }

    /// Appends the group at once; when one line is refused, each by itself.
    private func append(
        _ group: [InputLines.Line], startingAt number: Int, to audit: AuditLog,
        _ answers: inout Answers
    ) async throws(AuditLogError) {
        if case .success(let events) = await attempt(group, audit) {
            return answers.acknowledge(events)
        }
        for (place, line) in group.enumerated() where answers.failure == nil {
            switch await attempt([line], audit) {
            case .success(let events): answers.acknowledge(events)
            case .failure(let error) where error.isRefusal:
                answers.refuse(line: number + place, error)
            case .failure(let error): throw error
            }
        }
    }

    private func attempt(
        _ lines: [InputLines.Line], _ audit: AuditLog
    ) async -> Result<[Event], AuditLogError> {
        do throws(AuditLogError) {
            var drafts: [EventDraft] = []
            for line in lines { drafts.append(try draft(line)) }
            return .success(try await audit.append(drafts))
        } catch {
            return .failure(error)
        }
    }

    private func draft(_ line: InputLines.Line) throws(AuditLogError) -> EventDraft {
        switch line {
        case .text(let bytes): try EventDraft(json: bytes)
        case .tooLong:
            throw AuditLogError(
                .refused, "longer than \(InputLines.limitBytes) bytes: no event is so long")
        }
    }
}

/// What the producer is told. Nobody need read it: the events are recorded all the same. Where it cannot
/// be written no more is taken, since what has no number will be sent again.
private struct Answers {
    let asJSON: Bool
    let ack: Bool
    private(set) var appended = 0
    private(set) var refused = 0
    /// Why it cannot be written, and what was recorded by then.
    private(set) var failure: AuditLogError?
    private var last: UInt64?
    private var isRead = true

    init(asJSON: Bool, ack: Bool) {
        self.asJSON = asJSON
        self.ack = ack
    }

    mutating func acknowledge(_ events: [Event]) {
        appended += events.count
        last = events.last?.sequence ?? last
        guard ack else { return }
        tell(
            events.map {
                asJSON ? #"{"acknowledged":\#($0.sequence)}"# : String($0.sequence)
            })
    }

    mutating func refuse(line number: Int, _ error: AuditLogError) {
        refused += 1
        Output.error("line \(number): \(error)")
        guard asJSON else { return }
        let json: JSONValue = [
            "line": .number(String(number)), "refused": .string(error.description),
        ]
        tell([json.text()])
    }

    mutating func end(size: UInt64) {
        guard asJSON else { return }
        tell([#"{"appended":\#(appended),"refused":\#(refused),"size":\#(size)}"#])
    }

    private mutating func tell(_ lines: [String]) {
        guard isRead, !lines.isEmpty else { return }
        do {
            try Output.text(lines.map { $0 + "\n" }.joined())
        } catch {
            isRead = false
            guard let error = error as? AuditLogError else { return }
            let recorded = last.map { "\(appended) events were recorded, the last as number \($0)" }
            failure = AuditLogError(
                error.code, "\(error.message); \(recorded ?? "no event was recorded")")
        }
    }
}
