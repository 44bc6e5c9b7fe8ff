import AuditLog
import OrderedJSON

/// Who and where: what every event of one process has in common (PCI DSS 10.2.2).
struct EventAuthor: Sendable {
    /// Who acts: `batchrunner`, or a person's login name for commands.
    var actor: String
    /// Where: the host's name.
    var origin: String

    /// A draft of one event.
    func draft(
        _ type: EventType, outcome: Outcome = .success, subject: JSONObject = [:],
        data: JSONObject = [:]
    ) -> EventDraft {
        EventDraft(
            type: type.rawValue, actor: actor, outcome: outcome, origin: origin, subject: subject,
            data: data)
    }
}
