import Synchronization
import Testing

@testable import BatchRunner

/// A clock that only sleeping moves: to the deadline, or not at all.
private final class SleepClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private struct State: Sendable {
        var passed: Swift.Duration = .zero
        /// How far away each deadline was.
        var sleeps: [Swift.Duration] = []
    }

    private let origin = ContinuousClock.now
    private let state = Mutex(State())
    private let moves: Bool
    private let onSleep: @Sendable (_ count: Int) throws -> Void

    init(moves: Bool, onSleep: @escaping @Sendable (_ count: Int) throws -> Void = { _ in }) {
        self.moves = moves
        self.onSleep = onSleep
    }

    var now: Instant { origin + passed }
    var minimumResolution: Swift.Duration { .zero }
    /// Since the clock was made.
    var passed: Swift.Duration { state.withLock { $0.passed } }
    var sleeps: [Swift.Duration] { state.withLock { $0.sleeps } }

    func advance(_ more: Swift.Duration) { state.withLock { $0.passed += more } }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        let wanted = deadline - origin
        let count = state.withLock { state in
            state.sleeps.append(wanted - state.passed)
            if moves { state.passed = max(state.passed, wanted) }
            return state.sleeps.count
        }
        try onSleep(count)
        await Task.yield()
    }
}

@Suite("The pacer")
struct PacerTests {
    @Test("Requests begin evenly spaced, and a pause is not made up for")
    func spacing() async {
        let clock = SleepClock(moves: true)
        let gate = SendingGate(stop: StopRequest())
        let pacer = Pacer(perSecond: 2)
        var begun: [Duration] = []
        for number in 0..<6 {
            if number == 4 { clock.advance(.seconds(10)) }
            #expect(await pacer.waitForTurn(at: gate, by: clock))
            begun.append(clock.passed)
        }
        let expected = [0, 500, 1_000, 1_500, 11_500, 12_000].map { Duration.milliseconds($0) }
        #expect(begun == expected)
    }

    @Test("Whoever waits for a turn far away does not go before it")
    func farTurns() async {
        let clock = SleepClock(moves: true)
        let gate = SendingGate(stop: StopRequest())
        let pacer = Pacer(perSecond: 1)
        let begun = await withTaskGroup(of: Duration?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    await pacer.waitForTurn(at: gate, by: clock) ? clock.passed : nil
                }
            }
            var times: [Duration] = []
            for await case let time? in group { times.append(time) }
            return times.sorted()
        }
        #expect(begun.count == 8)
        for (number, time) in begun.enumerated() { #expect(time >= .seconds(number)) }
    }

    @Test("A stop is heard while 63 wait for turns up to a minute away, and none of them goes")
    func stop() async {
        let stop = StopRequest()
        let clock = SleepClock(moves: false) { if $0 == 200 { stop.request() } }
        let gate = SendingGate(stop: stop)
        let pacer = Pacer(perSecond: 1)
        #expect(await pacer.waitForTurn(at: gate, by: clock))
        let gone = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<63 {
                group.addTask { await pacer.waitForTurn(at: gate, by: clock) }
            }
            var gone = 0
            for await mayGo in group where mayGo { gone += 1 }
            return gone
        }
        #expect(gone == 0)
        #expect(clock.sleeps.allSatisfy { $0 <= .seconds(1) }, "longer would be deaf meanwhile")
        let looks = clock.sleeps.count
        #expect(await !pacer.waitForTurn(at: gate, by: clock))
        #expect(clock.sleeps.count == looks, "a closed gate is not waited for")
    }

    @Test("What one dispatch sent counts in the next")
    func severalDispatches() async {
        let clock = SleepClock(moves: true)
        let pacer = Pacer(perSecond: 1)
        for second in 0..<3 {
            let gate = SendingGate(stop: StopRequest())
            #expect(await pacer.waitForTurn(at: gate, by: clock))
            #expect(clock.passed == .seconds(second))
        }
    }

    @Test("The turns of those whom a stop sent home are free for the next dispatch")
    func turnsGivenBack() async {
        let stop = StopRequest()
        let clock = SleepClock(moves: false) { if $0 == 200 { stop.request() } }
        let pacer = Pacer(perSecond: 1)
        let gate = SendingGate(stop: stop)
        #expect(await pacer.waitForTurn(at: gate, by: clock))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<63 {
                group.addTask { _ = await pacer.waitForTurn(at: gate, by: clock) }
            }
        }
        // Whoever waited longer than this would wait for ever: time stands.
        let most = clock.sleeps.count + 100
        let next = SendingGate(stop: StopRequest { clock.sleeps.count > most })
        clock.advance(.seconds(1))
        #expect(await pacer.waitForTurn(at: next, by: clock))
        #expect(await !pacer.waitForTurn(at: next, by: clock), "no turn comes twice")
    }

    @Test("Cancelled while it waits for its turn, nothing goes")
    func cancelled() async {
        let clock = SleepClock(moves: false) { _ in throw CancellationError() }
        let gate = SendingGate(stop: StopRequest())
        let pacer = Pacer(perSecond: 1)
        #expect(await pacer.waitForTurn(at: gate, by: clock))
        #expect(await !pacer.waitForTurn(at: gate, by: clock))
    }

    @Test("Without a limit nobody waits, and a closed gate still lets nobody go")
    func unlimited() async {
        let (clock, stop) = (SleepClock(moves: false), StopRequest())
        let gate = SendingGate(stop: stop)
        let pacer = Pacer(perSecond: 0)
        for _ in 0..<3 { #expect(await pacer.waitForTurn(at: gate, by: clock)) }
        stop.request()
        #expect(await !pacer.waitForTurn(at: gate, by: clock))
        #expect(clock.sleeps.isEmpty)
    }
}
