import OrderedJSON
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
        if fate != .well { SimulatedMachine.current?.networkFaults += 1 }
        if fate == .unreachable { return .certainlyNotSent(reason: "connection refused") }
        if SimulatedMachine.current?.isDead ?? true { return .certainlyNotSent(reason: "ended") }
        try? await Task.sleep(for: Self.delay())
        Self.arrive(body)
        let request = SimulatedMachine.current?.requests ?? 0
        let reply = TalkativeAnswers.told(
            await provider.handle(Array(body.utf8)), request: request, Self.envelope)
        try? await Task.sleep(for: Self.delay())
        if fate == .cut { return .unknown(reason: "connection reset") }
        return await outcome(of: reply, within: Int64(answerTimeoutSeconds))
    }

    /// What leaves is looked at where it arrives: its intent must be durable by then.
    private static func arrive(_ body: String) {
        guard let machine = SimulatedMachine.current,
            let json = try? envelope.open(Array(body.utf8)),
            let fields = try? JSONValue(parsing: json),
            let action = fields["action"]?.stringValue
        else { return }
        machine.requests += 1
        let number = fields["controlNumber"]?.stringValue ?? ""
        machine.tell?("\(action) \(number) reaches SkyPay")
        guard moving.contains(action) else { return }
        machine.witness?.requestArrived(action, number, sha256: Witness.sha256(json))
    }

    /// What moves or changes something, and is never sent without an intent.
    private static let moving: Set<String> = [
        "payoutQueue", "payoutQueueV2", "amendTransactionV2", "cancelPayout", "balanceTransfer",
    ]
    private static let envelope = Envelope(
        passwordKey: SandboxSettings.demoCredentials.passwordKey)

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
