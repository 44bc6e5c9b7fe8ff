import ArgumentParser
import AuditLog
import OrderedJSON

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find events; every condition given must hold.",
        discussion: """
            Prints one event a line, and on standard error what was read, what was left out and why.
              auditlog search --control-number SKY9912345678
              auditlog search --type payout. --from 2026-11-21 --to 2026-11-21 "Dela Cruz"
              echo 09171234567 | auditlog search --account - --complete --key "$(cat root.vkey)"
            Nothing found: exit code 1. That is proved only with --complete, which verifies the
            whole log first (exit code 2 or 3 when that fails).
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @OptionGroup var access: AccessOption
    @OptionGroup var conditions: SearchConditions
    @Option(help: "The root verification key, kept elsewhere.") var key: String?
    @Flag(help: "First verify the log, so that \"not found\" is proved.") var complete = false

    func run() async throws {
        let query = try conditions.query(keys: keys.directory(of: log))
        try access.record(
            "search", log, keys,
            conditions.recorded(pseudonym: query.pseudonym) + [
                ("complete", complete ? "true" : nil)
            ])
        let verified = try complete ? verify() : nil
        let account = try AuditReader(directory: log.directory)
            .search(query, key: key.map { try VerificationKey($0) }) { event in
                try Output.line(event.bytes)
            }
        report(account, verified)
        if account.found == 0 { throw ExitCode(1) }
    }

    /// Ends with the verifier's exit code unless the log is intact.
    private func verify() throws -> VerificationReport {
        let report = Verifier(directory: log.directory, key: key)
            .verify { Output.progress("verifying: \($0) events") }
        Output.progress("")
        if !report.isIntact {
            for line in report.lines { Output.error(line) }
            throw ExitCode(report.exitCode)
        }
        return report
    }

    private func report(_ account: SearchAccount, _ verified: VerificationReport?) {
        if format.json {
            var json = account.json.objectValue ?? [:]
            json["verified"] = verified?.json ?? .null
            Output.error(JSONValue.object(json).text())
            return
        }
        for line in account.lines + account.verdict(verified) { Output.error(line) }
    }
}

/// The conditions of a search as options.
struct SearchConditions: ParsableArguments {
    @Option(help: "Value of subject.controlNumber.") var controlNumber: String?
    @Option(help: "Value of subject.batch.") var batch: String?
    @Option(help: "Value of subject.file.") var file: String?
    @Option(help: "Value of subject.reference.") var reference: String?
    @Option(help: "Any member of subject: NAME=VALUE; may be repeated.") var subject: [String] = []
    @Option(
        help:
            "A full account or identity number; needs the keys. With - it is read from standard input, so that it does not stand among the processes' arguments."
    ) var account: String?
    @Option(help: "The type, or its beginning up to a dot.") var type: String?
    @Option(help: "Who did it.") var actor: String?
    @Option(help: "success or failure.") var outcome: String?
    @Option(help: "Earliest time, +08:00: 2026-11-21 or longer.") var from: String?
    @Option(help: "Latest time, likewise.") var to: String?
    @Option(help: "The most events to print.") var limit: Int?
    @Flag(help: "The newest first.") var reverse = false
    @Argument(help: "Text that must stand in the line, as JSON writes it; no index knows it.")
    var text: String?

    func validate() throws {
        if let outcome, Outcome(rawValue: outcome) == nil {
            throw ValidationError("--outcome: success or failure")
        }
        for pair in subject where !pair.dropFirst().contains("=") {
            throw ValidationError("--subject: NAME=VALUE is needed")
        }
        for time in [from, to].compactMap({ $0 }) where !AuditQuery.isTime(time) {
            throw ValidationError(
                "a time is a beginning of 2026-11-21T08:00:00.000000+08:00, at least the year")
        }
        if let limit, limit < 1 { throw ValidationError("--limit: at least 1") }
    }

    /// The query; an account becomes its pseudonym.
    func query(keys: String) throws -> AuditQuery {
        var query = AuditQuery()
        let named = [
            ("controlNumber", controlNumber), ("batch", batch), ("file", file),
            ("reference", reference),
        ]
        query.subject = named.compactMap { name, value in value.map { (name, $0) } }
        query.subject += subject.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        query.type = type
        query.actor = actor
        query.outcome = outcome.flatMap(Outcome.init(rawValue:))
        (query.from, query.to, query.text) = (from, to, text)
        (query.limit, query.isNewestFirst) = (limit, reverse)
        query.pseudonym = try account.map { try Self.pseudonym(of: $0, keys: keys) }
        return query
    }

    private static func pseudonym(of account: String, keys: String) throws -> String {
        if PseudonymKey.isOne(account) { return account }
        let value = account == "-" ? try lineOfInput() : account
        if PseudonymKey.normalized(value).isEmpty {
            throw ValidationError("--account: no number was given")
        }
        return try PseudonymKey(keys: keys).pseudonym(of: value)
    }

    private static func lineOfInput() throws -> String {
        var input = InputLines()
        guard case .text(let bytes) = try input.next() else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What the record of this access says.
    func recorded(pseudonym: String?) -> [(String, String?)] {
        [
            ("controlNumber", controlNumber), ("batch", batch), ("file", file),
            ("reference", reference), ("account", pseudonym), ("type", type), ("actor", actor),
            ("outcome", outcome), ("from", from), ("to", to), ("text", text),
        ]
            + subject.map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
    }
}
