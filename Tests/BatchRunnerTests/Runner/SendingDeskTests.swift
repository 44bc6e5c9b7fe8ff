import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// SkyPay with one answer for each action; counts what it is asked.
private final class Answers: Sendable {
    private let codes: [String: String]
    private let counts = Locked<[String: Int]>([:])

    /// 1000 to every action that has no code here.
    init(_ codes: [String: String]) { self.codes = codes }

    func count(_ action: String) -> Int { counts.withLock { $0[action] ?? 0 } }

    func answer(_ request: JSONObject) -> JSONValue {
        let action = request["action"]?.stringValue ?? ""
        counts.withLock { $0[action, default: 0] += 1 }
        return ScriptedProvider.coded(codes[action] ?? "1000", ["balance": "1.00"])
    }
}

@Suite("A round of sending where SkyPay turns an action away")
struct SendingDeskTests {
    private let temporary: TemporarySite

    init() throws { temporary = try TemporarySite() }

    /// More rows of an action than are in flight at once.
    private static let many = 70

    private static func number(_ index: Int) -> String { "SKY99\(20_000_000 + index)" }

    /// Typed CSV; every cell is quoted, and every amount is 1.00.
    private static func batch(_ action: String, _ rows: [JSONObject]) -> String {
        let columns = (rows.first?.members ?? []).map(\.name)
        let total = columns.contains("amount") ? ",amount=\(rows.count).00" : ""
        let lines = rows.map { row in
            "D," + row.members.map { "\"\($0.value.stringValue ?? "")\"" }.joined(separator: ",")
        }
        let head = [
            "H,batch=\(action)-1,action=\(action),mode=test",
            "C," + columns.joined(separator: ","),
        ]
        let all = head + lines + ["T,count=\(rows.count)\(total)"]
        return all.joined(separator: "\n") + "\n"
    }

    private static func particulars(_ number: String) -> JSONObject {
        [
            "controlNumber": .string(number), "name": "Bago,Uno", "birthday": "1990-01-31",
            "identificationId": "ID-7", "identificationTypeId": "1", "phone": "09171234567",
            "idcardPicType": "jpg", "idcardPicUrl": "https://example.test/1.jpg",
            "location": "Manila", "withdrawChannel": "1",
        ]
    }

    private static func pickUps(_ count: Int) -> String {
        batch(
            "payoutQueueV2",
            (0..<count).map { index in
                var row = particulars(number(index))
                row["amount"] = "1.00"
                return row
            })
    }

    private static func cancellations(_ count: Int) -> String {
        batch("cancelPayout", (0..<count).map { ["controlNumber": .string(number(1_000 + $0))] })
    }

    /// Files that one sender after the other dropped, on an open site.
    private func open(
        _ answers: Answers, _ files: [String], skypay: String = ""
    ) async throws -> Runner {
        let configuration =
            ConfigurationTests.least.replacing(
                "an-invented-key", with: ScriptedProvider.credentials.passwordKey)
            + skypay + "intake: {settleSeconds: 0, scanSeconds: 1}\n"
        try temporary.write("batchrunner.yaml", configuration)
        var surroundings = Surroundings()
        surroundings.transport = ScriptedProvider { answers.answer($0) }
        let runner = try await Runner.open(
            root: temporary.site.root, environment: [:], in: surroundings)
        for (place, text) in files.enumerated() {
            try temporary.drop("\(place).csv", text)
            let look = try await runner.intake.look(at: .zero)
            try #require(look.judged.count == 1)
        }
        return runner
    }

    /// Rows in a state, payouts and others.
    private func rows(_ runner: Runner, _ state: String) throws -> [Int] {
        let ledger = runner.site.journal.ledger
        return [
            try ledger.totals()[state]?.rows ?? 0, try ledger.requestTotals()[state]?.rows ?? 0,
        ]
    }

    @Test("It is left out of the round; the others of every sender go")
    func leftOut() async throws {
        let answers = Answers(["payoutQueueV2": "-1002"])
        let runner = try await open(
            answers,
            [Self.pickUps(Self.many), TypedBatch(rows: 3).text, Self.cancellations(1)])
        for round in 1...2 {
            let before = answers.count("payoutQueueV2")
            let outcome = try await runner.sending.work(until: StopRequest())
            #expect(outcome.statuses == [.providerUnavailable])
            #expect(outcome.problems.count == 1)
            #expect(outcome.problems.first?.contains("payoutQueueV2 paused") == true)
            #expect(outcome.problems.first?.contains("-1002") == true)
            #expect(Set(outcome.leftOut.keys) == [.payoutQueueV2])
            let sent = answers.count("payoutQueueV2") - before
            #expect((1...64).contains(sent), "what was in flight, in round \(round)")
        }
        #expect(try rows(runner, "accepted") == [3, 1])
        #expect(try rows(runner, "unsent") == [Self.many, 0])
        try await runner.close()
    }

    @Test("What was turned away a moment ago is left out from the start, and told again")
    func stillLeftOut() async throws {
        let answers = Answers(["payoutQueueV2": "-1002"])
        let runner = try await open(answers, [Self.pickUps(2), TypedBatch(rows: 3).text])
        let outcome = try await runner.sending.work(
            until: StopRequest(), leavingOut: [.payoutQueueV2: ReturnCode(rawValue: "-1002")])
        #expect(outcome.statuses == [.providerUnavailable] && !outcome.isUnavailable)
        #expect(outcome.problems.count == 1)
        #expect(answers.count("payoutQueueV2") == 0)
        #expect(try rows(runner, "accepted") == [3, 0])
        try await runner.close()
    }

    @Test("Where payouts use up a round's turn, what is no payout has some time of its own")
    func ordersBesidePayouts() async throws {
        let answers = Answers([:])
        let runner = try await open(
            answers, [TypedBatch(rows: 100).text, Self.cancellations(1)],
            skypay: "  requestsInFlight: 1\n")
        let turn = StopRequest { answers.count("payoutQueue") >= 5 }
        _ = try await runner.sending.work(
            until: StopRequest(), sendingUntil: turn, asking: false)
        #expect(answers.count("payoutQueue") == 5)
        #expect(answers.count("cancelPayout") == 1)
        let stop = StopRequest { answers.count("payoutQueue") >= 10 }
        _ = try await runner.sending.work(until: stop, asking: false)
        #expect(answers.count("payoutQueue") == 10 && answers.count("cancelPayout") == 1)
        try await runner.close()
    }

    @Test("Every action that is turned away is left out, also where payouts lack funds")
    func several() async throws {
        let answers = Answers([
            "payoutQueue": "-1016", "cancelPayout": "-1002", "getCatalog": "-1032",
        ])
        let catalogs = (0..<Self.many).map { _ -> JSONObject in ["catalogType": "getBankCode"] }
        let runner = try await open(
            answers,
            [
                TypedBatch(rows: 2).text, Self.cancellations(Self.many),
                Self.batch("getCatalog", catalogs),
                Self.batch("amendTransactionV2", [Self.particulars(Self.number(2_000))]),
            ])
        let outcome = try await runner.sending.work(until: StopRequest())
        #expect(Set(outcome.statuses) == [.stoppedByLimit, .providerUnavailable])
        #expect(Set(outcome.leftOut.keys) == [.cancelPayout, .getCatalog])
        #expect(outcome.problems.count == 3)
        #expect(try rows(runner, "accepted") == [0, 1])
        #expect(try rows(runner, "unsent") == [2, 2 * Self.many])
        try await runner.close()
    }

    @Test("Where the balance query is refused too, nothing more goes than was in flight")
    func misconfigured() async throws {
        let answers = Answers(["payoutQueueV2": "-1032", "balanceQuery": "-1032"])
        let runner = try await open(
            answers, [Self.pickUps(Self.many), TypedBatch(rows: 3).text])
        let outcome = try await runner.sending.work(until: StopRequest())
        #expect(Set(outcome.statuses) == [.providerUnavailable])
        #expect(outcome.leftOut.isEmpty)
        #expect(answers.count("payoutQueue") == 0)
        #expect(try rows(runner, "unsent") == [Self.many + 3, 0])
        try await runner.close()
    }

    @Test("A repeat that is turned away asks for the balance too, though it suspends nothing")
    func repeated() async throws {
        let answers = Answers(["payoutQueueV2": "-1002"])
        let runner = try await open(
            answers, [Self.pickUps(1), TypedBatch(rows: 2).text], skypay: "  requestsInFlight: 1\n")
        let journal = runner.site.journal
        let row = try #require(try journal.ledger.row(controlNumber: Self.number(0)))
        let facts: [PayoutFact] = [
            .intended(attempt: 1), .unknown(numberInUse: false), .queried(found: false),
            .queried(found: false),
        ]
        try await journal.record(
            facts.map { row.note($0, batch: "payoutQueueV2-1").draft(journal.author) })
        let outcome = try await runner.sending.work(until: StopRequest())
        #expect(Set(outcome.leftOut.keys) == [.payoutQueueV2])
        #expect(answers.count("balanceQuery") == 1)
        #expect(try rows(runner, "unknown") == [1, 0])
        #expect(try rows(runner, "accepted") == [2, 0])
        try await runner.close()
    }
}
