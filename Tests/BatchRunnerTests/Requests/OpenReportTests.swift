import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("A sender's report whose reading is cut")
struct OpenReportTests {
    /// A report of four pages with a row on each.
    private final class Pages: Sendable {
        private let numbers = Locked<[Int]>([])

        /// What was asked for, in order.
        var asked: [Int] { numbers.withLock { $0 } }

        func answer(_ request: JSONObject) throws -> JSONValue {
            let page = try #require(request["pagination"]?.integerValue)
            numbers.withLock { $0.append(page) }
            return [
                "totalTransaction": 4, "lastPage": 4,
                "result": .array([["controlNo": .string("SKY990000000\(page)")]]),
            ]
        }
    }

    private func stage() async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.takeReport()
        return stage
    }

    @Test("It goes on where it was, as one attempt, and has every page once")
    func goesOn() async throws {
        let (stage, pages) = (try await stage(), Pages())
        let dispatcher = stage.requestDispatcher(stage.client { try pages.answer($0) })
        for count in 1...3 {
            let turn = StopRequest { pages.asked.count >= count }
            #expect(try await dispatcher.dispatch(until: turn).sent == 0)
            #expect(pages.asked == Array(1...count))
            #expect(try stage.request().record.state == .intended)
            #expect(try await dispatcher.hasWork())
        }
        #expect(try await dispatcher.dispatch(until: StopRequest()).sent == 1)
        #expect(pages.asked == [1, 2, 3, 4])
        let request = try stage.request()
        #expect(request.record.state == .answered)
        #expect(request.record.attempts == 1)
        let answer = try #require(request.answer)
        var numbers: [String] = []
        try AnswerReader(folder: stage.ledgerStage.temporary.site.answers).forEach(answer) {
            numbers.append($0["controlNo"]?.stringValue ?? "")
        }
        #expect(numbers == (1...4).map { "SKY990000000\($0)" })
        #expect(try await !dispatcher.hasWork())
    }

    @Test("A stop leaves it unsent, however often, and it is read from its first page again")
    func stopped() async throws {
        let stage = try await stage()
        let stops = PayoutPolicy.maxAttempts + 1
        for attempt in 1...stops {
            let pages = Pages()
            let dispatcher = stage.requestDispatcher(stage.client { try pages.answer($0) })
            _ = try await dispatcher.dispatch(until: StopRequest { !pages.asked.isEmpty })
            try await dispatcher.leaveReports()
            #expect(pages.asked == [1])
            let record = try stage.request().record
            #expect(record.state == .unsent && record.attempts == attempt)
            #expect(try await dispatcher.hasWork())
        }
        let pages = Pages()
        let dispatcher = stage.requestDispatcher(stage.client { try pages.answer($0) })
        _ = try await dispatcher.dispatch(until: StopRequest())
        #expect(pages.asked == [1, 2, 3, 4])
        #expect(try stage.request().record.state == .answered)
    }

    @Test("A page without an answer is asked for three times, in as many parts as it may be")
    func noAnswer() async throws {
        let (stage, asked) = (try await stage(), Locked(0))
        let dispatcher = stage.requestDispatcher(
            stage.client { _ in
                asked.withLock { $0 += 1 }
                throw InvariantViolation("the answer is lost")
            })
        for count in 1...ReportLimits.attemptsPerPage {
            let turn = StopRequest { asked.withLock { $0 } >= count }
            _ = try await dispatcher.dispatch(until: turn)
        }
        #expect(asked.withLock { $0 } == ReportLimits.attemptsPerPage)
        let record = try stage.request().record
        #expect(record.state == .unknown && record.attempts == 1)
    }
}
