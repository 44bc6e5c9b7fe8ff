import ArgumentParser
import AuditLog
import OrderedJSON

/// The record every reading command leaves before it reads.
struct AccessOption: ParsableArguments {
    @Flag(help: "Read without a record of it, where the spool cannot be written; says so.")
    var unrecorded = false

    /// Leaves the record of an access to the log of a site, beside its keys folder (which is not
    /// read): where the log's own is, else beside the one that was given. Where there is no site none
    /// is left, and that is said. Values of `account` and `text` are withheld.
    func record(
        _ command: String, _ log: LogOption, _ keys: KeysOption,
        _ arguments: [(String, String?)] = []
    ) throws {
        if unrecorded {
            Output.error("auditlog: this access is not recorded (--unrecorded)")
            return
        }
        let given =
            [("log", log.directory)]
            + arguments.compactMap { name, value in value.map { (name, $0) } }
        let record = AccessRecord(
            command: command, arguments: JSONObject(given.map { ($0.0, .string($0.1)) }),
            actor: Person.name, origin: Person.host)
        // Keys that lie elsewhere are no way around the record, and another site's is not the place for it.
        for folder in [log.keysBeside, keys.given].compactMap(\.self) {
            if try record.write(keys: folder) { return }
        }
        Output.error(
            "auditlog: no record of this access is left: \(log.directory) is not the log of a site")
    }
}
