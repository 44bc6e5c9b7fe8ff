import AuditLog
import OrderedJSON
import SkyPay

/// What an operator says about the site a start finds. The raw value is the option's name.
public enum PlaceWord: String, Sendable, CaseIterable {
    /// An older state was put back in a way that leaves no trace, such as a snapshot of the disk.
    case restored
    /// It was only moved or copied as a whole: it is the newest there is.
    case moved
    /// SkyPay calls the same account otherwise now (`SiteAccount`); nothing is said of the place.
    case sameAccount = "same-account"
}

/// Whether this start is the one after the last: decided before anything is sent, and recorded before
/// anything follows from it. A crash in between decides again.
struct RestorationDesk: Sendable {
    let journal: Journal
    let mark: SiteMark
    let clock: any RunnerClock

    /// - Parameters:
    ///   - found: what the marks say; nil for a site whose log this start made.
    ///   - word: what the operator says, who is believed.
    func settle(_ found: SiteMark.Finding?, _ word: PlaceWord?, by person: String) async throws {
        switch (word == .sameAccount ? nil : word, found) {
        case (.moved?, _):
            try await journal.record(.ledgerMoved, data: ["by": .string(person)])
        case (.restored?, _):
            // The mark of a snapshot of the disk is its own, and tells of when the snapshot is.
            try await record("said at the start", by: person, lastSeen: found?.lastSeen)
        case (nil, .foreign(let lastSeen)?):
            try await record(
                "the site's files are not those it worked with", by: nil, lastSeen: lastSeen)
        case (nil, .missing?):
            try await record("the site has no mark", by: nil, lastSeen: nil)
        case (nil, .own?), (nil, nil), (.sameAccount?, _): break
        }
        try mark.renew()
    }

    private func record(_ reason: String, by person: String?, lastSeen: Int64?) async throws {
        let now = clock.unixSeconds()
        // Of several times the last to end: a day that is lost again does not find what was lost before.
        let until = max(
            Restoration.until(at: now, lastSeen: lastSeen),
            try journal.ledger.restoration()?.until ?? .min)
        let totals = try journal.ledger.totals()
        let doubted = [PayoutState.unsent, .suspended].compactMap { totals[$0.rawValue] }
        var data: JSONObject = [
            "reason": .string(reason), "source": .string(person == nil ? "found" : "operator"),
            "until": .string(PhilippineTime.rfc3339(unixSeconds: until)),
            "rows": .number(String(doubted.reduce(0) { $0 + $1.rows })),
            "amount": .string(doubted.reduce(AmountSum.zero) { $0 + $1.amount }.text),
        ]
        data["by"] = person.map { .string($0) }
        data["lastSeen"] = lastSeen.map { .string(PhilippineTime.rfc3339(unixSeconds: $0)) }
        try await journal.record(.ledgerRestored, data: data)
    }
}
