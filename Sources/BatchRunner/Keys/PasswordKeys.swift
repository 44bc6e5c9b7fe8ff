import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay

/// Looks after the password key: what the log knows of it, how long the one before it is accepted,
/// and when it expires.
struct PasswordKeys: Sendable {
    let journal: Journal
    let pseudonyms: PseudonymKey

    /// What `rotate-key` calls the file of the previous key, beside that of the present one.
    static let previousSuffix = ".previous"

    /// The keyed pseudonym of a key. Hashed first: pseudonyms pass over letter case and hyphens.
    func name(of key: Secret) -> String {
        pseudonyms.pseudonym(of: SHA256Text.of(key.reveal()))
    }

    /// At the opening of a site: records a key that was changed by hand after a recorded change, and
    /// ends the time of the previous one. A previous key is accepted only as long as the log says;
    /// then its file is destroyed. A crash between event and file: the next opening finds a file that
    /// no record covers, and destroys it.
    /// - Parameter isUnread: whether callbacks that came before may lie unread. Where nobody ran to the end of
    ///   the previous key's time, what was sealed with it is read first; a week at most.
    func settle(
        _ settings: inout SkyPaySettings, at now: Int64, isUnread: () throws -> Bool = { false }
    ) async throws {
        guard var record = try journal.ledger.keyRecord() else { return }
        let present = name(of: settings.passwordKey)
        if record.key != present {
            record = KeyRecord(
                key: present, previous: record.previous, previousUntil: record.previousUntil,
                configuredExpires: settings.passwordKeyExpires)
            if record.previous == present {
                record.previous = nil
                record.previousUntil = nil
            }
            try await self.record(record, source: "found")
        }
        guard let kept = settings.keptPreviousKeyFile, let previous = settings.previousPasswordKey
        else { return }
        let isRecorded = record.previous == name(of: previous)
        if isRecorded, let end = record.previousUntil {
            if now < end { return }
            if now < end + ExpiryTurn.mostPostponedSeconds, try isUnread() { return }
        }
        if isRecorded {
            try await journal.record(
                .keyRetired,
                data: ["key": .string(present), "previous": .string(name(of: previous))])
        }
        try DurableFiles.destroy(kept)
        settings.previousPasswordKey = nil
        settings.keptPreviousKeyFile = nil
    }

    /// Makes a change of the key durable.
    func record(_ record: KeyRecord, source: String) async throws {
        var data = record.json
        data["source"] = .string(source)
        try await journal.record(.keyChanged, data: data)
    }

    /// The expiry in force; nil when nobody said.
    func expiry(_ settings: SkyPaySettings) throws -> KeyExpiry? {
        KeyExpiry(
            configured: settings.passwordKeyExpires, recorded: try journal.ledger.keyRecord())
    }

    /// The warning that applies at `now`, nil for none. Each stage of each key is recorded once.
    func warn(_ settings: SkyPaySettings, at now: Int64) async throws -> String? {
        guard let expiry = try expiry(settings), let stage = expiry.stage(at: now) else {
            return nil
        }
        let data: JSONObject = [
            "key": .string(name(of: settings.passwordKey)), "expires": .string(expiry.day),
            "stage": .string(stage.rawValue),
        ]
        if try journal.ledger.lastKeyWarning() != JSONValue.object(data).text() {
            try await journal.record(.keyExpiring, outcome: .failure, data: data)
        }
        return expiry.warning(at: now)
    }
}
