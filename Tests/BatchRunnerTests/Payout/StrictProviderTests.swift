import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// SkyPay at its strictest: a question sooner than `after` from the send or `every` from the last one
/// about any of its numbers refuses the whole call, and counts as a question about each of them.
private final class StrictProvider: Sendable {
    struct Counts {
        var askedAt: [String: Int64] = [:]
        var calls: [[String]] = []
        var refused = 0
    }

    private let counts = Locked(Counts())
    private let clock: StandingClock
    private let sentAt: Int64
    /// Rows are pending before this time, and paid from then on.
    let paidAt: Int64
    /// A number whose every call is refused.
    let poison: String?
    /// The answers of so many first calls are lost.
    let lost: Int

    init(_ stage: SendingStage, paidAfter: Int64, poison: String? = nil, lost: Int = 0) {
        clock = stage.clock
        sentAt = stage.clock.unixSeconds()
        paidAt = sentAt + paidAfter
        self.poison = poison
        self.lost = lost
    }

    var seen: Counts { counts.withLock { $0 } }

    func answer(_ request: JSONObject) throws -> JSONValue {
        let (now, numbers) = (clock.unixSeconds(), request.askedNumbers)
        let (isHasty, call) = counts.withLock { counts in
            var isHasty = now < sentAt + 300
            for number in numbers {
                if let asked = counts.askedAt[number], now < asked + 1_800 { isHasty = true }
                counts.askedAt[number] = now
            }
            counts.calls.append(numbers)
            if isHasty { counts.refused += 1 }
            return (isHasty, counts.calls.count)
        }
        if call <= lost { throw InvariantViolation("the answer is lost") }
        if isHasty || numbers.contains(where: { $0 == poison }) {
            return ScriptedProvider.coded("-1009")
        }
        let status = now < paidAt ? "0" : "1"
        return ScriptedProvider.statuses(numbers.map { ($0, status) })
    }
}

@Suite("A provider that refuses hasty questions")
struct StrictProviderTests {
    private static let rows = 60
    private static let step: Int64 = 60

    private func stage(rows: Int = StrictProviderTests.rows) async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: rows)
        for row in 1...rows { try await stage.record(row, .intended(attempt: 1), .accepted) }
        return stage
    }

    /// Asks every minute, as a daemon does, with a callback about every open row before each round
    /// where asked for, until so many rows are paid. Returns the seconds this took.
    private func askUntilPaid(
        _ stage: SendingStage, _ provider: StrictProvider, rows: Int, callbacks: Bool,
        limit: Int64
    ) async throws -> Int64 {
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        for seconds in stride(from: Self.step, through: limit, by: Int(Self.step)) {
            stage.clock.advance(Self.step)
            if callbacks {
                let open = try stage.ledger.rows(in: .accepted, limit: Self.rows)
                try await stage.journal.record(
                    open.map { $0.note(.reported, batch: "B-1").draft(LedgerStage.author) })
            }
            _ = try await inquiry.ask(until: StopRequest())
            if try stage.ledger.totals()["paid"]?.rows == rows { return seconds }
        }
        return .max
    }

    @Test("Nothing goes wrong: every question is answered, and none comes too soon")
    func plain() async throws {
        let stage = try await stage()
        let provider = StrictProvider(stage, paidAfter: 1_000)
        let took = try await askUntilPaid(
            stage, provider, rows: Self.rows, callbacks: false, limit: 6_000)
        #expect(took <= 300 + 1_800 + Self.step)
        #expect(provider.seen.refused == 0)
        #expect(provider.seen.calls.map(\.count) == [50, 10, 50, 10])
    }

    @Test("A lost answer costs a turn, and no question comes too soon after it", arguments: 1...3)
    func lostAnswers(_ lost: Int) async throws {
        let stage = try await stage()
        let provider = StrictProvider(stage, paidAfter: 100, lost: lost)
        let took = try await askUntilPaid(
            stage, provider, rows: Self.rows, callbacks: false, limit: 12_000)
        #expect(took <= 300 + 2 * 1_800 + Self.step * 4)
        #expect(provider.seen.refused == 0)
    }

    @Test("However thick callbacks come, every row is learned about within two turns")
    func thickCallbacks() async throws {
        let stage = try await stage()
        let provider = StrictProvider(stage, paidAfter: 9_000, lost: 1)
        let took = try await askUntilPaid(
            stage, provider, rows: Self.rows, callbacks: true, limit: 20_000)
        #expect(took <= 9_000 + 2 * 1_800 + Self.step * 2)
        #expect(provider.seen.refused > 0, "callbacks bring questions forward")
        let folded = try stage.foldedAnew()
        #expect(try folded == stage.ledgerStage.dump)
    }

    @Test("A number whose every call is refused ends up alone, and keeps nobody waiting")
    func poison() async throws {
        let stage = try await stage()
        let poison = "SKY9900000007"
        let provider = StrictProvider(stage, paidAfter: 100, poison: poison)
        let took = try await askUntilPaid(
            stage, provider, rows: Self.rows - 1, callbacks: false, limit: 40_000)
        #expect(took <= 300 + 7 * (1_800 + 4 * Self.step))
        #expect(provider.seen.refused == 0)
        let calls = provider.seen.calls.filter { $0.contains(poison) }
        #expect(calls.first?.count == 50)
        #expect(calls.map(\.count) == calls.map(\.count).sorted(by: >), "never larger again")
        stage.clock.advance(1_800)
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        #expect(try await inquiry.ask(until: StopRequest()).isInVain)
        #expect(provider.seen.calls.last == [poison])
    }

    @Test("A number that has to be alone is joined by nobody, though it is due first")
    func alone() async throws {
        let stage = try await stage(rows: 6)
        let poison = "SKY9900000001"
        let provider = StrictProvider(stage, paidAfter: 0, poison: poison)
        for _ in 1...6 { try await stage.record(1, .unanswered) }
        stage.clock.advance(1)
        for row in 2...6 { try await stage.record(row, .unanswered) }
        stage.clock.advance(1_800)
        let inquiry = stage.inquiry(stage.client { try provider.answer($0) })
        for _ in 1...2 { _ = try await inquiry.ask(until: StopRequest()) }
        #expect(provider.seen.calls == [[poison], (2...6).map { "SKY990000000\($0)" }])
        #expect(try stage.ledger.totals()["paid"]?.rows == 5)
    }

    @Test("A provider that was never reached was not asked")
    func unreachable() async throws {
        struct Unreachable: Transport {
            func post(
                _ body: String, to url: String, connectTimeoutSeconds: Int,
                answerTimeoutSeconds: Int
            ) async -> TransportOutcome { .certainlyNotSent(reason: "refused") }
        }
        let stage = try await stage()
        stage.clock.advance(300)
        let before = try stage.ledgerStage.dump
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: Unreachable())
        let asked = try await stage.inquiry(client).ask(until: StopRequest())
        #expect(asked == StatusInquiry.Asked(answers: 0, obstacle: "refused"))
        #expect(try stage.ledgerStage.dump == before)
    }
}
