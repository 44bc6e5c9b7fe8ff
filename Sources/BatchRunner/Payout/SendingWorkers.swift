/// Takes rows from a feed and has them sent, at most `limits.requestsInFlight` at a time, until
/// nothing is left, the gate closes, or a stop is asked for. What is in flight is always finished.
struct SendingWorkers: Sendable {
    private let limits: SendingLimits
    /// One for all dispatches: what was sent a moment ago counts in the next.
    private let pacer: Pacer

    init(_ limits: SendingLimits) {
        self.limits = limits
        pacer = Pacer(perSecond: limits.requestsPerSecond)
    }

    func run<Row: Sendable>(
        until stop: StopRequest, next: @escaping @Sendable () async throws -> Row?,
        send: @escaping @Sendable (Row, SendingGate) async throws -> Void
    ) async throws -> SendingReport {
        let gate = SendingGate(stop: stop)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<limits.requestsInFlight {
                group.addTask {
                    while await gate.isOpen, let row = try await next() {
                        // The gate may close while this one waits; its row is left for later.
                        let mayGo = await pacer.waitForTurn(at: gate, by: ContinuousClock())
                        guard mayGo else { return }
                        try await send(row, gate)
                    }
                }
            }
            try await group.waitForAll()
        }
        return await gate.report
    }
}
