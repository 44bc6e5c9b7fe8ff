import AuditLog
import GRDB
import OrderedJSON

/// With whom a site works. What was accepted for one account, or in one mode, is never sent in another:
/// a batch of a trial would pay real money, and what the new account does not know says nothing about
/// the old one.
struct SiteAccount: Sendable, Equatable {
    /// `test` or `live`.
    var mode: String
    /// Whose service: this machine's, the provider's test service, or the one where money moves.
    var service: String
    var callerName: String

    /// In the ledger's table `meta`.
    static let name = "account"

    init(_ configuration: RunnerConfiguration) {
        mode = configuration.mode.rawValue
        service =
            switch configuration.skypay.url.owner {
            case .loopback: "loopback"
            case .providerTest: "provider-test"
            case .live: "live"
            }
        // As the log keeps it: a name that reads like a card number would never be found the same.
        callerName = PersonalData.safe(configuration.skypay.callerName)
    }

    init?(_ data: JSONObject) {
        guard let mode = data["mode"]?.stringValue, let service = data["service"]?.stringValue,
            let callerName = data["callerName"]?.stringValue
        else { return nil }
        self.mode = mode
        self.service = service
        self.callerName = callerName
    }

    var json: JSONObject {
        ["mode": .string(mode), "service": .string(service), "callerName": .string(callerName)]
    }

    /// In words.
    var text: String { "callerName \(callerName), mode \(mode), \(service)" }
}

/// Sees at each start that the account is the one the open batches were accepted for.
struct AccountDesk: Sendable {
    let journal: Journal

    /// Records a new account; refuses it while a batch of another is open.
    /// - Parameter isSame: the operator says that SkyPay only calls the same account otherwise now.
    /// - Throws: `CommandFailure` 40; no account was recorded then.
    func settle(_ account: SiteAccount, isSame: Bool, by person: String) async throws {
        let ledger = journal.ledger
        let known = try ledger.account()
        if known == account { return }
        let isRenamed =
            isSame && known?.mode == account.mode && known?.service == account.service
        if !isRenamed, let open = try ledger.openBatch(notOfMode: known == nil ? account.mode : nil)
        {
            let other = known?.text ?? "mode \(open.mode ?? "")"
            throw CommandFailure(
                .providerUnavailable,
                "batch \(open.batch ?? open.fileID) was accepted for \(other) and is still open, and the "
                    + "configuration says \(account.text): nothing of it may be sent there. Let it come "
                    + "to its end under its own configuration, or make a site of its own for the new one"
                    + (known?.mode == account.mode && known?.service == account.service
                        ? "; if SkyPay only gave the same account another name, start once with "
                            + "--same-account" : ""))
        }
        var data = account.json
        if isRenamed { data["by"] = .string(person) }
        try await journal.record(.accountNamed, data: data)
    }
}

extension LedgerFold {
    func nameAccount(_ event: Event) throws {
        guard let account = SiteAccount(event.data) else { throw unreadable(event) }
        try database.execute(
            kept: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            arguments: [SiteAccount.name, JSONValue.object(account.json).text()])
    }
}

extension Ledger {
    /// The account the site works with; nil before the first is recorded.
    func account() throws -> SiteAccount? {
        guard let text = try lookUp({ try KeyFold.value($0, SiteAccount.name) }) else { return nil }
        return try JSONValue(parsing: Array(text.utf8)).objectValue.flatMap(SiteAccount.init)
    }

    /// The oldest accepted batch whose final response is not promised; with a mode, only one of another.
    func openBatch(notOfMode mode: String?) throws -> StoredFile? {
        let condition = "verdict IN ('accepted', 'partial') AND finalPrepared = 0"
        let order = "ORDER BY claimSequence LIMIT 1"
        guard let mode else { return try files(where: "\(condition) \(order)", []).first }
        return try files(where: "\(condition) AND mode IS NOT ? \(order)", [mode]).first
    }
}
