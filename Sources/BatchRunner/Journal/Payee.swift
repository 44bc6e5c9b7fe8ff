import AuditLog
import OrderedJSON

/// Who a payout goes to, as far as the audit log may know: for the report's party totals
/// (docs/decisions/0012-party.md).
struct Payee: Sendable, Equatable {
    /// SkyPay's withdraw channel.
    var channel: String
    /// SkyPay's bank number; banks only.
    var bank: String?
    /// The account or wallet number, plain: it goes into drafts alone, and the log replaces it by
    /// mask and pseudonym before anything is recorded (`RunnerLog.personalFields`). Nil for a pick-up.
    var account: String?
    /// Keyed pseudonym of the party, the same in every month.
    var party: String

    /// Member of `data` for the account: a name the log protects.
    static let accountField = "account"
    /// Between the parts of a party; no field of a batch can hold it.
    private static let separator = "\u{1F}"

    /// The payee of a row's own fields. Nil when they name none.
    init?(fields: JSONObject, pseudonyms: PseudonymKey) {
        guard let channel = fields["withdrawChannel"]?.scalarText else { return nil }
        self.channel = channel
        bank = fields["bankNo"]?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
        account = fields["accountNo"]?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
        let parts: [String]
        if let account {
            parts = ["account", channel, bank ?? "", account]
        } else if let name = fields["name"]?.scalarText, let phone = fields["phone"]?.scalarText {
            // A pick-up is paid to whoever shows this name; it has no account.
            parts = ["person", name, phone]
        } else {
            return nil
        }
        party = pseudonyms.pseudonym(of: parts.joined(separator: Self.separator))
    }

    /// What an event says of the payee.
    func add(to data: inout JSONObject) {
        data["party"] = .string(party)
        data["channel"] = .string(channel)
        data["bank"] = bank.map { .string($0) }
        data[Self.accountField] = account.map { .string($0) }
    }
}
