import CSimulation
import SkyPay
import SkyPaySandbox

/// The way to SkyPay: requests take time, answers may come too late or not at all. What left before
/// the process ended arrives nevertheless.
struct SimulatedNetwork: Transport {
    let provider: Sandbox

    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome {
        let fate = Self.fate()
        if fate == .unreachable { return .certainlyNotSent(reason: "connection refused") }
        if SimulatedMachine.current?.isDead ?? true { return .certainlyNotSent(reason: "ended") }
        try? await Task.sleep(for: Self.delay())
        let reply = await provider.handle(Array(body.utf8))
        try? await Task.sleep(for: Self.delay())
        if fate == .cut { return .unknown(reason: "connection reset") }
        return await outcome(of: reply, within: Int64(answerTimeoutSeconds))
    }

    private func outcome(of reply: SandboxReply, within limit: Int64) async -> TransportOutcome {
        switch reply {
        case .answer(let body, let after), .drip(let body, let after):
            try? await Task.sleep(for: .seconds(min(after, limit)))
            return after < limit
                ? .response(status: 200, body: body) : .unknown(reason: "no answer in time")
        case .status(let status): return .response(status: status, body: Array("<html>".utf8))
        case .truncated, .drop: return .unknown(reason: "connection closed")
        case .hang(let seconds):
            try? await Task.sleep(for: .seconds(min(seconds, limit)))
            return .unknown(reason: "no answer in time")
        }
    }

    private enum Fate { case well, unreachable, cut }

    private static func fate() -> Fate {
        guard let machine = SimulatedMachine.current, machine.hasBadNetwork else { return .well }
        if machine.chance.oneIn(50) { return .unreachable }
        return machine.chance.oneIn(30) ? .cut : .well
    }

    private static func delay() -> Duration {
        .milliseconds(SimulatedMachine.current?.chance.spread(to: 2_000) ?? 1)
    }
}
