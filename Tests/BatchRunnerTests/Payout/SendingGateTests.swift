import SkyPay
import Testing

@testable import BatchRunner

extension SendingGate {
    /// An answer to payoutQueue.
    fileprivate func note(_ meaning: Classification) { note(meaning, to: .payoutQueue) }
}

@Suite("The gate of sending")
struct SendingGateTests {
    private static func answered(
        _ code: String?, _ consequence: RunConsequence = .none
    ) -> Classification {
        Classification(
            fact: .suspended, code: code, description: "", consequence: consequence)
    }

    @Test("Nine -1001 in a row keep it open, the tenth closes it for a probe")
    func tenInARow() async {
        let gate = SendingGate(stop: StopRequest())
        for _ in 0..<9 { await gate.note(Self.answered("-1001")) }
        #expect(await gate.isOpen)
        await gate.note(Self.answered("-1001"))
        #expect(await !gate.isOpen)
        #expect(await gate.report.consequence == .probe(.invalidAccountOrVerification))
        #expect(await gate.report.sent == 10)
    }

    @Test("Another answer in between begins the count anew; a missing answer does not")
    func interrupted() async {
        let gate = SendingGate(stop: StopRequest())
        for _ in 0..<9 { await gate.note(Self.answered("-1001")) }
        await gate.note(Self.answered("1000"))
        for _ in 0..<9 { await gate.note(Self.answered("-1001")) }
        await gate.note(Self.answered(nil))
        #expect(await gate.isOpen)
        await gate.note(Self.answered("-1001"))
        #expect(await !gate.isOpen)
    }

    @Test(
        "One answer is enough, and the first reason stays",
        arguments: [
            RunConsequence.probe(.contextNotValid), .unreachable("refused"), .insufficientBalance,
        ])
    func closesAtOnce(_ consequence: RunConsequence) async {
        let gate = SendingGate(stop: StopRequest())
        await gate.note(Self.answered("1000"))
        #expect(await gate.isOpen)
        await gate.note(Self.answered("-1000", consequence))
        #expect(await !gate.isOpen)
        await gate.note(Self.answered("1000"))
        await gate.note(Self.answered("-1016", .insufficientBalance))
        #expect(await gate.report.consequence == consequence)
        #expect(await gate.report.sent == 4, "what was in flight is counted")
    }

    @Test("Every action that is turned away while it closes is named, and none for other codes")
    func turnedAway() async {
        let gate = SendingGate(stop: StopRequest())
        for (code, action) in [
            (ReturnCode.functionIncorrect, SkyPayAction.payoutQueueV2),
            (.addressNotListed, .payoutQueue), (.contextNotValid, .cancelPayout),
        ] {
            await gate.note(Self.answered(code.rawValue, .probe(code)), to: action)
        }
        let report = await gate.report
        #expect(report.consequence == .probe(.functionIncorrect))
        #expect(
            report.turnedAway
                == [.payoutQueueV2: .functionIncorrect, .payoutQueue: .addressNotListed])
    }

    private static func unknown(inUse: Bool = false) -> Classification {
        Classification(
            fact: .unknown(numberInUse: inUse), code: inUse ? "-1008" : nil,
            description: "no answer in 30 s", consequence: .none)
    }

    @Test("Nineteen unknown outcomes in a row keep it open, the twentieth closes it")
    func silent() async {
        let gate = SendingGate(stop: StopRequest())
        for _ in 0..<19 { await gate.note(Self.unknown()) }
        #expect(await gate.isOpen)
        await gate.note(Self.unknown())
        #expect(await !gate.isOpen)
        #expect(await gate.report.consequence == .silent("no answer in 30 s"))
    }

    @Test("An answer begins the count of unknown outcomes anew, also one that the number is in use")
    func answeredBetween() async {
        for between in [Self.answered("1000"), Self.unknown(inUse: true)] {
            let gate = SendingGate(stop: StopRequest())
            for _ in 0..<19 { await gate.note(Self.unknown()) }
            await gate.note(between)
            for _ in 0..<19 { await gate.note(Self.unknown()) }
            #expect(await gate.isOpen)
        }
    }

    @Test("A request to stop closes it and is no consequence")
    func stop() async {
        let stop = StopRequest()
        let gate = SendingGate(stop: stop)
        #expect(await gate.isOpen)
        stop.request()
        #expect(await !gate.isOpen)
        #expect(await gate.report.consequence == .none)
    }
}
