import OrderedJSON
import SkyPay

/// What the log knows of the password key in force: never the key, only keyed pseudonyms that tell
/// one key from another.
struct KeyRecord: Sendable, Equatable {
    /// The key in force.
    var key: String
    /// The key before it, while it is accepted.
    var previous: String?
    /// Until when the key before it is accepted, in unix seconds.
    var previousUntil: Int64?
    /// The day it expires, `yyyy-MM-dd`, as told when it was changed.
    var expires: String?
    /// What `skypay.passwordKeyExpires` said then.
    var configuredExpires: String?

    /// The form in events and in the ledger.
    var json: JSONObject {
        var object: JSONObject = ["key": .string(key)]
        object["previous"] = previous.map { .string($0) }
        object["previousUntil"] = previousUntil.map { .number(String($0)) }
        object["expires"] = expires.map { .string($0) }
        object["configuredExpires"] = configuredExpires.map { .string($0) }
        return object
    }

    /// Reads it back; nil when it is none.
    init?(_ object: JSONObject) {
        guard let key = object["key"]?.stringValue else { return nil }
        self.init(
            key: key, previous: object["previous"]?.stringValue,
            previousUntil: object["previousUntil"]?.integerValue.map(Int64.init),
            expires: object["expires"]?.stringValue,
            configuredExpires: object["configuredExpires"]?.stringValue)
    }

    init(
        key: String, previous: String? = nil, previousUntil: Int64? = nil, expires: String? = nil,
        configuredExpires: String? = nil
    ) {
        self.key = key
        self.previous = previous
        self.previousUntil = previousUntil
        self.expires = expires
        self.configuredExpires = configuredExpires
    }
}

/// When the password key expires, and how near that is. Keys live 30, 60 or 90 days
/// (`skypay-api.md §1`).
struct KeyExpiry: Sendable, Equatable {
    /// How near.
    enum Stage: String, Sendable, CaseIterable {
        case sevenDays = "7-days"
        case oneDay = "1-day"
        case expired
    }

    /// The day it expires, `yyyy-MM-dd` in GMT+8: it is not counted on from that midnight on.
    var day: String
    private var unixSeconds: Int64

    private static let daySeconds: Int64 = 86_400

    /// Nil when the text is no day.
    init?(day: String) {
        guard let micros = PhilippineTime.unixMicroseconds(wire: day + " 00:00:00") else {
            return nil
        }
        self.day = day
        unixSeconds = micros / 1_000_000
    }

    /// The expiry in force: what was told with the last change, unless the configuration was edited
    /// since; nil when nobody said.
    init?(configured: String?, recorded: KeyRecord?) {
        let told = recorded.flatMap { record in
            record.configuredExpires == configured ? record.expires : nil
        }
        guard let day = told ?? configured else { return nil }
        self.init(day: day)
    }

    /// Unix seconds, for the metrics.
    var timestamp: Int64 { unixSeconds }

    /// Whole days left at `now`; negative afterwards.
    func daysLeft(at now: Int64) -> Int64 {
        let seconds = unixSeconds - now
        return seconds >= 0 ? seconds / Self.daySeconds : -((-seconds) / Self.daySeconds) - 1
    }

    /// The stage at `now` (unix seconds); nil while it is more than 7 days away.
    func stage(at now: Int64) -> Stage? {
        let seconds = unixSeconds - now
        if seconds <= 0 { return .expired }
        if seconds <= Self.daySeconds { return .oneDay }
        return seconds <= 7 * Self.daySeconds ? .sevenDays : nil
    }

    /// The warning in words, with the remedy; nil while there is nothing to warn of.
    func warning(at now: Int64) -> String? {
        let remedy = "get a new one from SkyPay and run `batchrunner rotate-key`"
        switch stage(at: now) {
        case nil: return nil
        case .expired: return "the password key expired on \(day): \(remedy)"
        case .oneDay, .sevenDays:
            let days = daysLeft(at: now)
            let left = days == 0 ? "in less than a day" : "in \(days) day\(days == 1 ? "" : "s")"
            return "the password key expires on \(day), \(left): \(remedy)"
        }
    }
}
