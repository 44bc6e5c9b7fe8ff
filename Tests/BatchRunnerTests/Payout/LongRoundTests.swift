import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// SkyPay so slow that every call takes ten minutes: every payout is pending, or not known.
private final class SlowProvider: Sendable {
    static let seconds: Int64 = 600
    /// More calls than any test needs: their answers are lost, so that a round without an end fails.
    private static let mostCalls = 20

    private let calls = Locked<[[String]]>([])
    private let clock: StandingClock
    private let knows: Bool

    init(_ stage: SendingStage, knows: Bool = true) {
        clock = stage.clock
        self.knows = knows
    }

    var seen: [[String]] { calls.withLock { $0 } }

    func answer(_ request: JSONObject) throws -> JSONValue {
        let numbers = request.askedNumbers
        let count = calls.withLock { calls in
            calls.append(numbers)
            return calls.count
        }
        if count > Self.mostCalls { throw InvariantViolation("the answer is lost") }
        clock.advance(Self.seconds)
        return ScriptedProvider.statuses(numbers.filter { _ in knows }.map { ($0, "0") })
    }
}

@Suite("A round of questions with more calls than a turn has time for")
struct LongRoundTests {
    /// Sent at the clock's time and due.
    private func stage(
        accepted: Int = 0, unknown: Int = 0, for seconds: Int64 = 300
    ) async throws -> SendingStage {
        let stage = try await SendingStage()
        let all = accepted + unknown
        try await stage.take(rows: all)
        for row in 1...all {
            try await stage.record(
                row, .intended(attempt: 1),
                row <= accepted ? .accepted : .unknown(numberInUse: false))
        }
        stage.clock.advance(seconds)
        return stage
    }

    @Test("It asks about each number once, and ends")
    func ends() async throws {
        let stage = try await stage(accepted: 200)
        let provider = SlowProvider(stage)
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        let asked = try await inquiry.ask(until: StopRequest())
        #expect(asked == StatusInquiry.Asked(answers: 4, obstacle: nil))
        #expect(Set(provider.seen.flatMap(\.self)).count == 200)
    }

    @Test("A daemon's is cut for others, and goes on with what is left until all was asked once")
    func cut() async throws {
        let stage = try await stage(accepted: 200)
        let provider = SlowProvider(stage)
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        let began = stage.clock.unixSeconds()
        var round = AskingRound(cutAfterSeconds: SlowProvider.seconds + 1)
        for calls in [2, 4] {
            let asked = try await inquiry.ask(until: StopRequest(), in: round)
            #expect(
                asked == StatusInquiry.Asked(answers: 2, obstacle: nil, unfinished: began))
            #expect(Set(provider.seen.flatMap(\.self)).count == calls * 50)
            let left = try stage.ledger.rowsToAsk(
                .inTurn, now: began, policy: stage.policy, limit: 200)
            #expect(left.count == 200 - calls * 50)
            round.began = asked.unfinished
        }
        let last = try await inquiry.ask(until: StopRequest(), in: round)
        #expect(last == StatusInquiry.Asked())
        #expect(provider.seen.count == 4)
    }

    @Test("Unknown rows go first, also those that became due after it began")
    func unknownFirst() async throws {
        let stage = try await stage(accepted: 120, unknown: 2, for: 290)
        let provider = SlowProvider(stage)
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        try await stage.record(122, .queried(found: false))
        stage.clock.advance(10)
        var round = AskingRound(cutAfterSeconds: 1)
        round.began = try await inquiry.ask(until: StopRequest(), in: round).unfinished
        #expect(provider.seen.first?.first == "SKY9900000121")
        #expect(provider.seen.first?.contains("SKY9900000122") == false, "asked just now")
        #expect(round.began != nil)
        stage.clock.advance(1_800)
        _ = try await inquiry.ask(until: StopRequest(), in: round)
        #expect(provider.seen.last?.first == "SKY9900000122")
        #expect(provider.seen.count == 2)
    }

    @Test("What is unknown for a day and was not asked about when it was cut keeps its turn")
    func nothingIsHeldUnasked() async throws {
        let stage = try await stage(unknown: 60, for: 86_400)
        let provider = SlowProvider(stage, knows: false)
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        var round = AskingRound(cutAfterSeconds: 1)
        round.began = try await inquiry.ask(until: StopRequest(), in: round).unfinished
        #expect(try stage.ledger.totals()["held"]?.rows == 50)
        #expect(try stage.ledger.totals()["unknown"]?.rows == 10)
        _ = try await inquiry.ask(until: StopRequest(), in: round)
        #expect(provider.seen.map(\.count) == [50, 10])
        #expect(try stage.ledger.totals()["held"]?.rows == 60)
    }

    /// As `TypedBatch` numbers its rows.
    private static func number(_ row: Int) -> String {
        "SKY99" + String(repeating: "0", count: 8 - String(row).count) + String(row)
    }

    @Test("A day's report is read once for all parts of a round, and again for what is not in it")
    func reports() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 120)
        for row in 1...120 {
            try await stage.record(row, .intended(attempt: 1), .unknown(numberInUse: true))
        }
        stage.clock.advance(300)
        let reports = Locked(0)
        let client = stage.client { request in
            stage.clock.advance(SlowProvider.seconds)
            guard request["startDate"] == nil else {
                let count = reports.withLock { count in
                    count += 1
                    return count
                }
                // Taken while the first report was read: the last number is in the second alone.
                let rows = (1...(count == 1 ? 119 : 120)).map { row in
                    [
                        "createDate": "2026-11-20 10:00:00",
                        "controlNo": .string(Self.number(row)), "amount": .number("\(row).00"),
                        "payTime": "", "phone": "09170000000", "receiptNo": "R1",
                    ] as JSONValue
                }
                return [
                    "totalTransaction": .number(String(rows.count)), "lastPage": true,
                    "result": .array(rows),
                ]
            }
            return ScriptedProvider.statuses(
                request.askedNumbers.map { ($0, "0") }, takenAt: "2026-11-20 10:00:00")
        }
        let inquiry = stage.inquiry(client)
        var round = AskingRound(
            amounts: ReportedAmounts(client: client), cutAfterSeconds: 1)
        repeat {
            round.began = try await inquiry.ask(until: StopRequest(), in: round).unfinished
        } while round.began != nil
        #expect(try stage.ledger.totals()["accepted"]?.rows == 120)
        #expect(reports.withLock { $0 } == 2)
    }

    @Test("Calls in vain end a part that has lasted long enough, and the next goes on elsewhere")
    func inVain() async throws {
        let stage = try await stage(accepted: 60, unknown: 60)
        let calls = Locked(0)
        let inquiry = stage.inquiry(
            stage.client { _ in
                calls.withLock { $0 += 1 }
                stage.clock.advance(60)
                throw InvariantViolation("the answer is lost")
            })
        var round = AskingRound.ofDaemon
        var parts = 0
        repeat {
            round.began = try await inquiry.ask(until: StopRequest(), in: round).unfinished
            parts += 1
            #expect(calls.withLock { $0 } <= parts)
        } while round.began != nil && parts < 10
        #expect(parts > 1 && parts < 10)
    }

    @Test("A clock that goes back makes nothing due that was just asked about")
    func clockGoesBack() async throws {
        let stage = try await stage(accepted: 60, for: 10_000)
        let calls = Locked(0)
        let inquiry = stage.inquiry(
            stage.client { request in
                let count = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                if count == 1 { stage.clock.advance(-7_200) }
                if count > 2 { throw InvariantViolation("the answer is lost") }
                return ScriptedProvider.statuses(request.askedNumbers.map { ($0, "0") })
            })
        let asked = try await inquiry.ask(until: StopRequest())
        // The ten that were not asked about yet are due by the clock as it is now.
        #expect(asked == StatusInquiry.Asked(answers: 2, obstacle: nil))
        #expect(!AskingRound.ofDaemon.isCut(since: 1_000, at: 1_039))
        #expect(AskingRound.ofDaemon.isCut(since: 1_000, at: 1_040))
        #expect(AskingRound.ofDaemon.isCut(since: 1_000, at: 999))
        #expect(!AskingRound().isCut(since: 1_000, at: 0))
    }
}
