import Locks
import OrderedJSON

@testable import AuditLog

/// A clock that stands where it is put.
final class SetClock: AuditClock {
    private let microseconds: Locked<Int64>

    init(_ time: String) { microseconds = Locked(Self.microseconds(time)) }

    func now() -> (seconds: Int64, microseconds: Int32) {
        microseconds.withLock { ($0 / 1_000_000, Int32($0 % 1_000_000)) }
    }

    /// `2026-11-21T10:00:00` in Manila.
    func set(_ time: String) { microseconds.withLock { $0 = Self.microseconds(time) } }

    private static func microseconds(_ time: String) -> Int64 {
        let parts = time.split { !$0.isNumber }.compactMap { Int64($0) }
        let day = days(parts[0], parts[1], parts[2])
        let seconds = day * 86_400 + parts[3] * 3_600 + parts[4] * 60 + parts[5] - 8 * 3_600
        return seconds * 1_000_000 + (parts.count > 6 ? parts[6] : 0)
    }

    /// Days since 1970, counted the long way.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        var days: Int64 = 0
        for past in 1970..<year { days += isLeap(past) ? 366 : 365 }
        let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for past in 0..<Int(month - 1) { days += lengths[past] }
        return days + (month > 2 && isLeap(year) ? 1 : 0) + day - 1
    }

    private static func isLeap(_ year: Int64) -> Bool {
        (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    }
}

/// A log with a report profile whose events stand at chosen times.
final class ReportFixture: Sendable {
    let base: LogFixture
    let clock: SetClock
    let audit: AuditLog
    let rootKey: String

    static let profile: JSONObject = [
        "title": "Payouts", "currency": "PHP", "amount": "data.amount",
        "currencyField": "data.currency", "transaction": "subject.controlNumber",
        "countTypes": ["payout.accepted"], "reverseTypes": ["payout.failed", "payout.cancelled"],
        "party": "data.party", "partyLabel": ["data.account.masked", "data.channel"],
        "threshold": "500000.00",
    ]

    init(
        at time: String, profile: JSONObject? = ReportFixture.profile,
        origin: String = "log.example/t"
    ) async throws {
        base = try LogFixture()
        clock = SetClock(time)
        rootKey = try AuditLog.create(
            at: base.log, keys: base.keys,
            options: CreationOptions(origin: origin, reportProfile: profile, actor: "tester"),
            clock: clock)
        audit = try await AuditLog.open(
            at: base.log, keys: base.keys,
            options: OpenOptions(actor: "tester", origin: "node-1"), clock: clock)
    }

    /// One payout event at a time.
    func add(
        _ time: String, _ type: String, _ number: String? = nil, amount: JSONValue? = nil,
        party: String? = nil, outcome: Outcome = .success, data: JSONObject = [:]
    ) async throws {
        clock.set(time)
        var all = data
        all["amount"] = amount
        all["party"] = party.map { .string($0) }
        var subject: JSONObject = [:]
        subject["controlNumber"] = number.map { .string($0) }
        _ = try await audit.append([
            EventDraft(
                type: type, actor: "batchrunner", outcome: outcome, origin: "node-1",
                subject: subject, data: all)
        ])
    }

    /// An accepted payment.
    func accept(
        _ time: String, _ number: String, _ amount: String, _ party: String
    ) async throws {
        try await add(time, "payout.accepted", number, amount: .string(amount), party: party)
    }

    func report(
        day: String? = nil, month: String? = nil, options: ReportOptions = ReportOptions()
    ) throws -> AuditReport {
        let period = try day.map { try ReportPeriod(day: $0) } ?? ReportPeriod(month: month ?? "")
        return try AuditReport.make(
            directory: base.log, period: period, options: options, clock: clock)
    }
}
