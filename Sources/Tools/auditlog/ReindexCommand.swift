import ArgumentParser
import AuditLog
import OrderedJSON

struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Make missing or damaged indexes anew, and record it; also the hashes in tree/.",
        discussion: """
            Both are derived from the events; verify names those that are not what the events give.
            Needs the keys folder and that nobody else writes. An archive that does not hold the
            events that were sealed is not indexed: exit code 2.
              auditlog reindex
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption

    func run() async throws {
        let audit = try await AuditLog.open(
            at: log.directory, keys: keys.directory(of: log),
            options: OpenOptions(actor: Person.name, origin: Person.host))
        let result: Result<(segments: [ReindexedSegment], tree: Bool?), AuditLogError>
        do throws(AuditLogError) {
            result = .success((try await audit.reindex(), try await audit.rebuildTree()))
        } catch {
            result = .failure(error)
        }
        try await audit.close()
        let (segments, tree) = try result.get()
        if format.json {
            let list = segments.map { segment -> JSONValue in
                [
                    "first": .number(String(segment.first)), "next": .number(String(segment.next)),
                    "indexSha256": .string(segment.indexSha256),
                ]
            }
            try Output.line(
                JSONValue.object([
                    "reindexed": .array(list), "tree": tree.map { .boolean($0) } ?? .null,
                ]).bytes())
            return
        }
        for segment in segments {
            try Output.line("events \(segment.first) to \(segment.next) (exclusive): indexed anew")
        }
        if segments.isEmpty { try Output.line("every index is there and as its archive gives it") }
        switch tree {
        case true: try Output.line("tree/: made anew from the events")
        case false: try Output.line("tree/ is what the events give")
        case nil: try Output.line("tree/: not checked; hashes of removed segments are in it")
        }
    }
}
