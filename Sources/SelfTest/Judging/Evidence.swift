import AuditLog
import OrderedJSON

/// Everything a site is judged by. Nothing in it comes from the runner's ledger, and nothing was
/// read by the runner's code.
struct Evidence: Sendable {
    /// What was put into the inbox.
    var dropped: [DroppedFile] = []
    /// The audit log.
    var events: [RecordedEvent] = []
    /// Bytes by name below the outbox.
    var outbox: [String: [UInt8]] = [:]
    /// SHA-256 of every response when it was first seen in the outbox.
    var firstSeen: [String: String] = [:]
    /// SHA-256 of the private copies, by file id.
    var copies: [String: String] = [:]
    /// The provider's own ledger.
    var provider = ProviderBooks()
    /// False when this machine's clock was set meanwhile: moments of two programs say nothing then.
    var hasSteadyClock = true
}

/// An event of the audit log, as far as it is judged by.
struct RecordedEvent: Sendable {
    var sequence: UInt64
    /// Microseconds since 1970.
    var at: Int64
    var type: String
    /// The file it is about, or nothing.
    var file = ""
    /// The row it is about, from 1.
    var row: Int?
    var number: String?
    var data: JSONValue = [:]

    /// A text of its data.
    func text(_ name: String) -> String? { data[name]?.stringValue }
}

extension RecordedEvent {
    init(_ event: Event) {
        self.init(
            sequence: event.sequence, at: Moment.microseconds(event.time) ?? 0, type: event.type,
            file: event.subject["file"]?.stringValue ?? "",
            row: event.subject["row"]?.integerValue,
            number: event.subject["controlNumber"]?.stringValue, data: .object(event.data))
    }
}

/// What is wrong, in words, and under which promise of docs/ARCHITECTURE.md.
struct Finding: Sendable, Equatable {
    /// What it did to somebody's money.
    enum Harm: String, Sendable, CaseIterable {
        /// Money moved, or could move, twice.
        case doubled
        /// A file, a row or a payment that nobody tells of.
        case lost
        /// Something was reported that is not so.
        case false_ = "false"
        /// Another promise was broken.
        case broken
    }

    var harm: Harm
    /// `I1` to `I14`, or `log`.
    var invariant: String
    var text: String

    /// As a line.
    var line: String { "\(invariant): \(text)" }
}

/// Why the self-test could not be carried out.
public struct SelfTestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened, with the remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}
