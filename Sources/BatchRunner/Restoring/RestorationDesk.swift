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
    /// The audit log's folder.
    let audit: String
    let mark: SiteMark
    let clock: any RunnerClock

    /// - Parameters:
    ///   - found: what the marks say; nil for a site whose log this start made.
    ///   - word: what the operator says, who is believed.
    func settle(_ found: SiteMark.Finding?, _ word: PlaceWord?, by person: String) async throws {
        switch (word == .sameAccount ? nil : word, found) {
        // Proof goes before a word.
        case (nil, .further(let lastSeen)?), (.moved?, .further(let lastSeen)?):
            try await record(
                "the audit log lacks events that the site had seen", by: nil, lastSeen: lastSeen)
        case (.moved?, _):
            try await recordMoved(found, by: person)
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
        try mark.renew(following: journal.ledger.place())
    }

    /// A site that was put back and is moved since: the word explains the place that the marks show, and
    /// what was put back stays so. Said of a site in its place it ends that.
    private func recordMoved(_ found: SiteMark.Finding?, by person: String) async throws {
        var data: JSONObject = ["by": .string(person)]
        let now = await now()
        let isInForce = try journal.ledger.restoration()?.concerns(now) == true
        if isInForce, !isInPlace(found) { data["keeps"] = .boolean(true) }
        try await journal.record(.ledgerMoved, data: data)
    }

    private func isInPlace(_ found: SiteMark.Finding?) -> Bool {
        if case .own? = found { true } else { false }
    }

    /// Not by a clock that is behind the log: files of the lost time are held against it by the times of
    /// events, and these never go back.
    private func now() async -> Int64 {
        max(clock.unixSeconds(), await journal.newestTime.flatMap(EventTime.unixSeconds) ?? .min)
    }

    /// When the log that was put back last tells of work (unix seconds): starts that are refused add events
    /// of its own to it. Of more than that many the earliest, which makes for more caution.
    private func lastWork() throws -> Int64? {
        let reader = try AuditReader(directory: audit)
        var sequence = try journal.ledger.nextSequence()
        let last = sequence > Self.mostLookedAt ? sequence - Self.mostLookedAt : 0
        let end = max(reader.firstRetained, last)
        var time: Int64?
        while sequence > end {
            sequence -= 1
            guard let event = try reader.event(sequence) else { return time }
            time = EventTime.unixSeconds(event.time)
            if !event.type.hasPrefix("auditlog.") { return time }
        }
        return time
    }

    /// Events looked through from the end of the log: a start every five minutes, for three days.
    private static let mostLookedAt: UInt64 = 2_000

    private func record(_ reason: String, by person: String?, lastSeen marked: Int64?) async throws
    {
        let now = await now()
        // A mark that was left in its place is newer than what was put back beside it.
        let lastSeen = try [marked, lastWork()].compactMap(\.self).min()
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
        data["heldRows"] = .number(String(totals[PayoutState.held.rawValue]?.rows ?? 0))
        data["by"] = person.map { .string($0) }
        data["lastSeen"] = lastSeen.map { .string(PhilippineTime.rfc3339(unixSeconds: $0)) }
        try await journal.record(.ledgerRestored, data: data)
    }
}
