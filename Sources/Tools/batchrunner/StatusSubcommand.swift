import ArgumentParser
import BatchRunner
import OrderedJSON

/// `batchrunner status`
struct StatusSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Was money sent, what did SkyPay say, what happens next.",
        discussion: """
            EXAMPLES
              batchrunner status                     the whole site
              batchrunner status payouts.csv         a file, by name or id
              batchrunner status PAY-20261121-001    a batch
              batchrunner status SKY9912345678       one payout

            EXIT CODES
              0   told, or nothing was ever run here
              20  nobody can tell just now: the ledger has to be made anew first; ask again then
              64  usage; there is no such thing; or this user may not read the site
            """)

    @OptionGroup var site: SiteOptions

    @Argument(help: "A file's name or id, a batch id, or a control number.")
    var subject: String?

    func run() async throws {
        try await reporting {
            let opened = try CommandFailure.wrapping {
                try StatusCommand(root: site.folder, environment: ProcessEnvironment.all)
            }
            guard let status = opened else { throw Self.nothing(subject) }
            let facts = try CommandFailure.wrapping { try look(status) }
            guard let facts else {
                Terminal.note(
                    "batchrunner: \"\(subject ?? "")\" is no file, batch or control number of this "
                        + "site")
                return .usage
            }
            for fact in facts { show(fact) }
            return .allDone
        }
    }

    private static func nothing(_ subject: String?) -> CommandFailure {
        let nothing = "nothing was ever run here"
        guard let subject else {
            return CommandFailure(.allDone, nothing + "; begin with `batchrunner init`")
        }
        return CommandFailure(
            .usage, nothing + ": \"\(subject)\" is no file, batch or control number of this site")
    }

    private func look(_ status: StatusCommand) throws -> [JSONValue]? {
        guard let subject else { return [try status.site()] }
        let rows =
            [try status.row(subject)].compactMap(\.self) + (try status.registrations(subject))
        if !rows.isEmpty { return rows }
        let files = try status.files(subject)
        return files.isEmpty ? nil : files.map(\.json)
    }

    private func show(_ fact: JSONValue) {
        if site.json { return Terminal.line(fact.text()) }
        Terminal.table((fact.objectValue?.members ?? []).flatMap(cells))
        Terminal.line()
    }

    /// A table of its own for what holds more than one value.
    private func cells(_ member: JSONObject.Member) -> [[String]] {
        guard let inner = member.value.objectValue else {
            return [[member.name, member.value.scalarText ?? member.value.text()]]
        }
        return inner.members.map { part in
            ["\(member.name) \(part.name)", part.value.scalarText ?? part.value.text()]
        }
    }
}
