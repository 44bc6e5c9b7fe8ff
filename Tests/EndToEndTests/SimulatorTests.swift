import Testing

/// The short form of `make simulate`.
@Suite(.fewAtATime)
struct SimulatorTests {
    @Test("A few histories break no invariant, and each goes the same way twice")
    func histories() async throws {
        try await Scratch.with { scratch in
            let child = try scratch.start(
                Binaries.simulator, ["--seed", "1", "--seeds", "4", "--replay"])
            let ended = try await child.end(within: 600)
            #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
        }
    }
}
