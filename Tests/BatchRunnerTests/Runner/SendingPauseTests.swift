import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("The pause of sending")
struct SendingPauseTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int64) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func pause(queryAfterSeconds: Int64 = 300) -> SendingPause {
        SendingPause(
            PayoutPolicy(
                queryAfterSeconds: queryAfterSeconds, queryEverySeconds: 1_800,
                resendAfterQuery: true, refuseOnInsufficientBalance: false))
    }

    private func outcome(
        _ status: BatchRunner.ExitStatus, withoutFunds: Set<ActionFamily> = []
    ) -> SendingDesk.Outcome {
        var outcome = SendingDesk.Outcome()
        outcome.note(status, "told")
        outcome.withoutFunds = withoutFunds
        return outcome
    }

    @Test("Where SkyPay is away nothing goes for a minute; then a balance query decides, and so on")
    func unavailable() {
        var pause = pause()
        var step = pause.step(at: at(0))
        #expect(step == .work(without: []))
        #expect(pause.remaining(at: at(0)) == nil)
        pause.note(outcome(.providerUnavailable), at: at(0))
        #expect(pause.isForEverything)
        step = pause.step(at: at(59))
        #expect(step == .wait, "whoever signals")
        #expect(pause.remaining(at: at(59)) == Duration.seconds(1))
        step = pause.step(at: at(60))
        #expect(step == .probe)
        pause.noteProbe(isReachable: false, at: at(70))
        step = pause.step(at: at(129))
        #expect(step == .wait)
        step = pause.step(at: at(130))
        #expect(step == .probe)
        pause.noteProbe(isReachable: true, at: at(131))
        step = pause.step(at: at(131))
        #expect(step == .work(without: []))
        #expect(!pause.isForEverything && pause.remaining(at: at(131)) == nil)
    }

    @Test("An action that is turned away is left out for a minute, and nothing else waits")
    func turnedAway() {
        var pause = pause()
        var first = SendingDesk.Outcome()
        first.leaveOut([.payoutQueueV2: ReturnCode(rawValue: "-1002")])
        #expect(first.statuses == [.providerUnavailable] && !first.isUnavailable)
        pause.note(first, at: at(0))
        #expect(!pause.isForEverything && pause.remaining(at: at(20)) == Duration.seconds(40))
        // A round that leaves it out says so, and the minute does not begin anew.
        pause.note(first, at: at(30))
        let step = pause.step(at: at(59))
        #expect(step == .work(without: []))
        var actions = pause.actions(at: at(59))
        #expect(actions.map(\.key) == [.payoutQueueV2])
        actions = pause.actions(at: at(60))
        #expect(actions.isEmpty && pause.remaining(at: at(60)) == nil)
    }

    @Test("What lacks funds is left out for a minute, whatever rounds come meanwhile")
    func withoutFunds() {
        var pause = pause()
        pause.note(outcome(.stoppedByLimit, withoutFunds: [.payout]), at: at(0))
        // Rounds that leave them out say so too.
        pause.note(outcome(.stoppedByLimit), at: at(30))
        var step = pause.step(at: at(30))
        #expect(step == .work(without: [.payout]))
        #expect(!pause.isForEverything)
        #expect(pause.remaining(at: at(30)) == Duration.seconds(30))
        pause.note(outcome(.stoppedByLimit, withoutFunds: [.transfer]), at: at(40))
        step = pause.step(at: at(59))
        #expect(step == .work(without: [.payout, .transfer]))
        #expect(pause.remaining(at: at(61)) == Duration.zero, "it ended during a round: on at once")
        step = pause.step(at: at(61))
        #expect(step == .work(without: [.transfer]))
        #expect(pause.remaining(at: at(61)) == Duration.seconds(39))
        step = pause.step(at: at(100))
        #expect(step == .work(without: []))
        #expect(pause.remaining(at: at(100)) == nil)
    }

    @Test("On a machine of tests it is as short as the wait for a query")
    func short() {
        var pause = pause(queryAfterSeconds: 2)
        pause.note(outcome(.providerUnavailable), at: at(0))
        #expect(pause.remaining(at: at(0)) == Duration.seconds(2))
    }

    /// SkyPay without a centavo.
    private final class PoorProvider: Sendable {
        private let actions = Locked<[String]>([])

        func answer(_ request: JSONObject) -> JSONValue {
            let action = request["action"]?.stringValue ?? ""
            actions.withLock { $0.append(action) }
            return action == "balanceQuery"
                ? ScriptedProvider.coded("1000", ["balance": "0.00"])
                : ScriptedProvider.coded("-1016")
        }

        /// How many payouts, transfers and questions came so far.
        var came: [Int] {
            let all = actions.withLock { $0 }
            return ["payoutQueue", "balanceTransfer", "balanceQuery"].map { action in
                all.count { $0 == action }
            }
        }
    }

    private static let transfer = """
        H,batch=T-1,action=balanceTransfer,mode=test
        C,transferFrom,transferTo,amount
        D,SKY99,SKY98,10.00
        T,count=1,amount=10.00

        """
    private static let question = """
        H,batch=Q-1,action=balanceQuery,mode=test
        C
        D
        T,count=1

        """

    @Test("A round leaves out what lacked funds, says so, and sends everything else")
    func leftOut() async throws {
        let (temporary, provider) = (try TemporarySite(), PoorProvider())
        let yaml = ConfigurationTests.least.replacing(
            "an-invented-key", with: ScriptedProvider.credentials.passwordKey)
        try temporary.write("batchrunner.yaml", yaml + "intake: {settleSeconds: 0}\n")
        var surroundings = Surroundings()
        surroundings.transport = ScriptedProvider { provider.answer($0) }
        let runner = try await Runner.open(
            root: temporary.site.root, environment: [:], in: surroundings)
        try temporary.drop("pay.csv", TypedBatch(rows: 1).text)
        try temporary.drop("move.csv", Self.transfer)
        #expect(try await runner.intake.look(at: .zero).judged.count == 2)
        let first = try await runner.sending.work(until: StopRequest())
        #expect(first.withoutFunds == [.payout, .transfer])
        #expect(first.problems.count == 1)
        #expect(provider.came == [1, 1, 0])
        try temporary.drop("ask.csv", Self.question)
        #expect(try await runner.intake.look(at: .zero).judged.count == 1)
        let second = try await runner.sending.work(
            until: StopRequest(), without: first.withoutFunds)
        #expect(second.withoutFunds.isEmpty)
        #expect(second.problems == first.problems && second.statuses == [.stoppedByLimit])
        #expect(provider.came == [1, 1, 1])
        let third = try await runner.sending.work(until: StopRequest())
        #expect(third.withoutFunds == [.payout, .transfer])
        #expect(provider.came == [2, 2, 1])
        try await runner.close()
    }
}
