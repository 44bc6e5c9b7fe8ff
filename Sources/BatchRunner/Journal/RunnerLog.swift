import AuditLog
import OrderedJSON

/// How the runner's audit log is made. All of it stands in log.json for good, bound by event 0.
enum RunnerLog {
    /// Members of `subject` that people search by (docs/events.md).
    static let indexedFields = ["file", "batch", "controlNumber", "reference"]

    /// Values under these names never enter in plain.
    static let personalFields =
        CreationOptions.standardPersonalFields
        + ["accountNo", "sourceAccountNo", "beneficiaryAccountNo", "identificationId"]

    /// What `auditlog report` reads as money, party and transaction. A payout counts once SkyPay has
    /// accepted it; covered are parties with more than PHP 500,000.00 in one banking day
    /// (Republic Act 9160, section 3(b)).
    static let reportProfile: JSONObject = [
        "title": "Payouts", "currency": "PHP", "amount": "data.amount",
        "transaction": "subject.controlNumber",
        "countTypes": [
            .string(EventType.payoutAccepted.rawValue), .string(EventType.callbackPaid.rawValue),
        ],
        "reverseTypes": [
            .string(EventType.payoutFailed.rawValue), .string(EventType.payoutCancelled.rawValue),
        ],
        "party": "data.party",
        "partyLabel": [
            .string("data.\(Payee.accountField).masked"), "data.channel", "data.bank",
        ],
        "threshold": "500000.00",
        "reason": ["data.reason", "data.code", "data.description"],
    ]

    /// The options of a new log.
    static func options(origin: String, actor: String, host: String) -> CreationOptions {
        CreationOptions(
            origin: origin, reservedPrefixes: EventType.reservedPrefixes,
            reportProfile: reportProfile, actor: actor, eventOrigin: host,
            indexedFields: indexedFields, personalFields: personalFields)
    }
}
