import Testing

@testable import BatchRunner

@Suite("When a round of sending gives way to others")
struct SendingCallsTests {
    // Moved by the one test that reads it.
    private final class Time: @unchecked Sendable {
        var now = ContinuousClock.now
    }

    @Test("Not before it had its time, then at once, and no more when the word is taken")
    func givesWay() {
        let (calls, stop, time) = (SendingCalls(), StopRequest(), Time())
        let round = calls.round(until: stop) { time.now }
        #expect(!round.isRequested)
        time.now += .seconds(SendingCalls.leastSeconds + 1)
        #expect(!round.isRequested, "nobody waits")
        calls.signalWord()
        #expect(round.isRequested)
        calls.takeWords()
        #expect(!round.isRequested)
        calls.signalWord()
        let next = calls.round(until: stop) { time.now }
        #expect(!next.isRequested && round.isRequested, "each round has its time")
        #expect(!stop.isRequested)
    }

    @Test("After its time it gives way to questions, whoever waits, and the next has as much again")
    func hasAnEnd() {
        let (calls, stop, time) = (SendingCalls(), StopRequest(), Time())
        let round = calls.round(until: stop) { time.now }
        let share = Duration.seconds(SendingCalls.longestSeconds)
        time.now += share - .milliseconds(1)
        #expect(!round.isRequested)
        time.now += .milliseconds(1)
        #expect(round.isRequested)
        #expect(!calls.round(until: stop) { time.now }.isRequested)
        #expect(!stop.isRequested)
    }

    @Test("The daemon's stop ends it at once")
    func stops() {
        let stop = StopRequest()
        let round = SendingCalls().round(until: stop)
        stop.request()
        #expect(round.isRequested)
    }
}
