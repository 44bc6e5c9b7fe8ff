import AuditLog
import OrderedJSON
import Synchronization

/// A log of years ago, which the tool itself cannot make: 40 events on each of three days, a segment
/// a day, sealed values in it. Everything else is done by the tool.
enum OldSite {
    static let days = ["2020-01-10", "2020-01-11", "2020-01-12"]
    static let month = "2020-01"
    static let eventsADay = 40
    /// Account number in every event of the log.
    static let account = "09171234567"

    static func made() async throws -> Site {
        let site = try Site()
        let clock = OldClock()
        _ = try AuditLog.create(
            at: site.log, keys: site.keys,
            options: CreationOptions(
                origin: Site.origin, reportProfile: profile, actor: "tester",
                sealedFields: ["account"]),
            clock: clock)
        for day in days.indices {
            if day > 0 { clock.advanceOneDay() }
            let log = try await AuditLog.open(
                at: site.log, keys: site.keys,
                options: OpenOptions(actor: "tester", origin: "gate"), clock: clock)
            let first = day * eventsADay
            _ = try await log.append((first..<first + eventsADay).map(draft))
            try await log.close()
        }
        return site
    }

    private static let profile: JSONObject = [
        "amount": "data.amount", "currency": "PHP", "transaction": "subject.reference",
        "countTypes": ["payout.paid"],
    ]

    private static func draft(_ number: Int) -> EventDraft {
        EventDraft(
            type: "payout.paid", actor: "runner", outcome: .success, origin: "gate",
            subject: ["reference": .string("R\(number)")],
            data: [
                "n": .number(String(number)), "amount": .string("100.25"),
                "account": .string(account),
            ])
    }
}

/// Starts on 2020-01-10 at 08:00 +08:00; a millisecond passes each time it is read.
private final class OldClock: AuditClock {
    private let microseconds = Mutex<Int64>(1_578_614_400_000_000)

    func advanceOneDay() { microseconds.withLock { $0 += 86_400_000_000 } }

    func now() -> (seconds: Int64, microseconds: Int32) {
        microseconds.withLock { time in
            time += 1_000
            return (time / 1_000_000, Int32(time % 1_000_000))
        }
    }
}
