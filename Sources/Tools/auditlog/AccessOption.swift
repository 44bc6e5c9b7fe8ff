import ArgumentParser
import AuditLog
import OrderedJSON

/// The record every reading command leaves before it reads.
struct AccessOption: ParsableArguments {
    @Flag(help: "Read without a record of it, where the spool cannot be written; says so.")
    var unrecorded = false

    /// Leaves the record of an access to the log of a site, beside its keys folder (which is not
    /// read); does nothing where there is no site. Values of `account` and `text` are withheld.
    func record(
        _ command: String, log: String, keys: String, _ arguments: [(String, String?)] = []
    ) throws {
        if unrecorded {
            Output.error("auditlog: this access is not recorded (--unrecorded)")
            return
        }
        let given =
            [("log", log)] + arguments.compactMap { name, value in value.map { (name, $0) } }
        let record = AccessRecord(
            command: command, arguments: JSONObject(given.map { ($0.0, .string($0.1)) }),
            actor: Person.name, origin: Person.host)
        try record.write(keys: keys)
    }
}
