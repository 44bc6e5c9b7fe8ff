import AuditLog
import GRDB
import OrderedJSON
import SkyPay

/// A site that was put back to an older state may have sent what it does not know of. Until `until`,
/// nothing that could be such a payout is sent before SkyPay was asked about it (architecture: "a
/// restored older state folder is detected by asking before sending").
struct Restoration: Sendable, Equatable {
    /// When it was noticed (unix seconds): whatever the lost time sent, it sent before.
    var at: Int64
    /// Files that come until then (unix seconds) are asked about too: those of the lost time are
    /// dropped again.
    var until: Int64

    static let name = "restored"

    /// How long files are asked about at least, in seconds: seven days.
    static let leastCautionSeconds: Int64 = 7 * 86_400
    /// How long at most, in seconds: a year.
    static let mostCautionSeconds: Int64 = 365 * 86_400

    /// As long as the time that was lost, as far as that is known, within the two limits.
    /// - Parameter lastSeen: when the older state was last known to work (unix seconds).
    static func until(at now: Int64, lastSeen: Int64?) -> Int64 {
        let lost = lastSeen.map { now - $0 } ?? 0
        return now + min(max(lost, leastCautionSeconds), mostCautionSeconds)
    }

    /// Whether a batch that is accepted at this time (unix seconds), and after it in the log, is asked
    /// about first. Not compared with `at`: that is rounded up, and clocks go back.
    func concerns(_ time: Int64) -> Bool { time < until }

    /// Reads what the ledger keeps.
    init?(_ text: String) throws {
        let data = try JSONValue(parsing: Array(text.utf8))
        guard let at = data["at"]?.integerValue, let until = data["until"]?.integerValue else {
            return nil
        }
        self.init(at: Int64(at), until: Int64(until))
    }

    init(at: Int64, until: Int64) {
        self.at = at
        self.until = until
    }

    /// What the ledger keeps.
    var text: String {
        let object: JSONObject = [
            "at": .number(String(at)), "until": .number(String(until)),
        ]
        return JSONValue.object(object).text()
    }

    /// As `status` tells it.
    var json: JSONValue {
        [
            "at": .string(PhilippineTime.rfc3339(unixSeconds: at)),
            "askedFirstUntil": .string(PhilippineTime.rfc3339(unixSeconds: until)),
        ]
    }

    /// What a run tells while it is in force.
    var warning: String {
        "an older state of this site was put back at \(PhilippineTime.rfc3339(unixSeconds: at)): "
            + "SkyPay is asked about every payout before it is sent, for files that come before "
            + "\(PhilippineTime.rfc3339(unixSeconds: until)); `batchrunner run --moved` ends it if "
            + "the site was only moved"
    }
}

extension PayoutRecord {
    /// The record in a site that was put back to it at `time` (unix seconds): what looks unsent may have
    /// been sent in the time that was lost, and finding its number does not prove that it is ours,
    /// since nothing here says that it was sent. Nil where nothing changes. Pure.
    ///
    /// `unknownSince` stays: what was never sent as far as anybody knows is not given to a person
    /// because a day went by.
    func doubted(at time: Int64) -> PayoutRecord? {
        var next = self
        switch state {
        case .unsent, .suspended:
            next.state = .unknown
            next.possiblySent = true
            next.numberInUse = true
        case .unknown: break
        // A person may have had it sent again in the lost time. It stays his, and is asked about.
        case .held where !possiblySent:
            next.possiblySent = true
            next.numberInUse = true
        // Intended becomes unknown at every start; what else is accepted or held is asked about anyway.
        case .intended, .accepted, .refused, .held, .paid, .failed, .cancelled: return nil
        }
        next.timesNotFound = 0
        next.lastSentAt = max(lastSentAt ?? time, time)
        return next
    }
}

extension RequestRecord {
    /// As for payouts. A transfer has no number by which SkyPay could be asked, so a person decides; an
    /// amendment could undo a later one of the lost time. Questions, bar codes and cancellations may
    /// be repeated: they move nothing twice. Pure.
    /// - Parameter isNew: it came after the site was put back, and so in the order its sender wants.
    func doubted(_ action: String, isNew: Bool) -> RequestRecord? {
        guard state == .unsent || state == .suspended else { return nil }
        let isAmendment = action == SkyPayAction.amendTransactionV2.rawValue
        guard family == .transfer || isAmendment && !isNew else { return nil }
        var next = self
        next.state = .held
        next.possiblySent = true
        return next
    }
}

extension Ledger {
    /// When this site was last put back to an older state; nil when it never was, or when somebody
    /// said that it was only moved.
    func restoration() throws -> Restoration? {
        let text = try database.read { try KeyFold.value($0, Restoration.name) }
        return try text.flatMap { try Restoration($0) }
    }
}
