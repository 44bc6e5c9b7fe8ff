/// One after the other, in the order they came. For decisions that rest on what is recorded and
/// count once they are recorded themselves: between the two nobody else may decide.
actor Turn {
    private var isTaken = false
    private var line: [CheckedContinuation<Void, Never>] = []

    /// Runs `body` when everybody before has finished.
    nonisolated func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        await take()
        do {
            let value = try await body()
            await give()
            return value
        } catch {
            await give()
            throw error
        }
    }

    private func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { line.append($0) }
    }

    private func give() {
        if line.isEmpty { isTaken = false } else { line.removeFirst().resume() }
    }
}
