import GRDB
import Testing

@testable import BatchRunner

private let policy = PayoutPolicy(
    queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
    refuseOnInsufficientBalance: false)

@Suite("When a row may be asked about")
struct AskingTurnTests {
    /// Sent at 1,000.
    private func row(
        _ state: PayoutState, queriedAt: Int64? = nil, unanswered: Int = 0, asked: Bool = false
    ) -> PayoutRecord {
        PayoutRecord(
            state: state, attempts: 1, possiblySent: state == .unknown || state == .held,
            timesUnanswered: unanswered, lastSentAt: 1_000, lastQueriedAt: queriedAt,
            queryAsked: asked)
    }

    @Test(
        "The pace, by what was asked before and what callbacks want",
        arguments: [
            // queried at, unanswered, a callback asks, pace of what is open, due
            (nil, 0, false, AskingPace.first, 1_300),
            (nil, 0, true, .first, 1_300),
            (2_000, 0, false, .turn, 3_800),
            (2_000, 0, true, .forward, 2_300),
            (2_000, 1, false, .again, 3_800),
            (2_000, 1, true, .again, 3_800),
            (2_000, 9, true, .again, 3_800),
            (500, 0, false, .turn, 2_800),
            (500, 0, true, .forward, 1_300),
        ] as [(Int64?, Int, Bool, AskingPace, Int64)])
    func paces(
        _ queriedAt: Int64?, _ unanswered: Int, _ asked: Bool, _ pace: AskingPace, _ due: Int64
    ) {
        func turn(_ state: PayoutState) -> AskingTurn? {
            row(state, queriedAt: queriedAt, unanswered: unanswered, asked: asked).askingTurn
        }
        for state in [PayoutState.unknown, .accepted] {
            #expect(turn(state)?.pace == pace)
            #expect(turn(state)?.due(policy) == due)
        }
        for state in [PayoutState.refused, .paid, .failed, .cancelled] {
            #expect(turn(state)?.pace == (asked ? pace : nil))
        }
        #expect(turn(.held)?.pace == (asked || unanswered > 0 ? pace : .slow))
        for state in [PayoutState.unsent, .intended, .suspended] { #expect(turn(state) == nil) }
    }

    @Test("What is held and was never sent, and what was not found twice, is not asked about")
    func closed() {
        var held = row(.held)
        held.possiblySent = false
        #expect(held.askingTurn == nil)
        var gone = row(.unknown, queriedAt: 2_000)
        gone.timesNotFound = 2
        #expect(gone.askingTurn == nil)
        gone.queryAsked = true
        #expect(gone.askingTurn?.pace == .forward)
    }

    @Test("Calls shrink with every question in vain, to a single number")
    func callSizes() {
        let sizes = (0...8).map { PayoutPolicy.numbersPerCall(timesUnanswered: $0) }
        #expect(sizes == [50, 25, 12, 6, 3, 1, 1, 1, 1])
    }

    @Test("A question without an answer is no answer that found nothing")
    func unansweredCounts() throws {
        var record = try row(.unknown).applying(.queried(found: false), at: 1_300)
        record = try record.applying(.unanswered, at: 3_100)
        #expect(record.timesNotFound == 1 && record.timesUnanswered == 1)
        #expect(record.lastQueriedAt == 3_100)
        // A callback's wish outlives it, and the next question is in its turn, so that it counts.
        record = try record.applying(.reported, at: 3_200)
        #expect(record.nextStep(now: 4_899, policy: policy) == .wait(until: 4_900))
        record = try record.applying(.unanswered, at: 4_900)
        #expect(record.queryAsked && record.timesUnanswered == 2)
        record = try record.applying(.queried(found: false), at: 6_700)
        #expect(record.timesNotFound == 2 && record.timesUnanswered == 0 && !record.queryAsked)
        #expect(record.nextStep(now: 6_700, policy: policy) == .send)
    }

    @Test("Times of events are rounded up where somebody has to wait from then on")
    func roundedUp() {
        #expect(EventTime.unixSecondsRoundedUp("1970-01-01T08:00:07.000000+08:00") == 7)
        #expect(EventTime.unixSecondsRoundedUp("1970-01-01T08:00:07.000001+08:00") == 8)
        #expect(EventTime.unixSecondsRoundedUp("1970-01-01T08:00:07+08:00") == 7)
        #expect(EventTime.unixSecondsRoundedUp("1970-01-01") == nil)
    }

    @Test("Finding what is due is a seek in an index, without a scan and without a sort")
    func queryPlan() throws {
        let stage = try LedgerStage()
        func plan(_ sql: String, _ arguments: StatementArguments) throws -> [String] {
            try stage.ledger.database.read {
                try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
                    .map { $0["detail"] }
            }
        }
        let due = try plan(AskingRange.sql, [3, 1_000, 0, 50])
        #expect(due.count == 1, "no temporary tree for an order: \(due)")
        #expect(due.first?.hasPrefix("SEARCH rows USING INDEX rowsToAsk (askPace=?") == true)
        let earliest = try plan(AskingRange.earliestSQL, [3])
        #expect(earliest.allSatisfy { $0.contains("rowsToAsk (askPace=?)") }, "\(earliest)")
    }
}
