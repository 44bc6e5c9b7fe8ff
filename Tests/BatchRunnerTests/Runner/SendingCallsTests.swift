import Locks
import Testing

@testable import BatchRunner

@Suite("When a round of sending gives way to others")
struct SendingCallsTests {
    @Test("Not before it had its time, then at once, and no more when the word is taken")
    func givesWay() {
        let (calls, stop, time) = (SendingCalls(), StopRequest(), Locked(ContinuousClock.now))
        let round = calls.round(until: stop) { time.withLock { $0 } }
        #expect(!round.isRequested)
        time.withLock { $0 += .seconds(SendingCalls.leastSeconds + 1) }
        #expect(!round.isRequested, "nobody waits")
        calls.signalWord()
        #expect(round.isRequested)
        calls.takeWords()
        #expect(!round.isRequested)
        calls.signalWord()
        let next = calls.round(until: stop) { time.withLock { $0 } }
        #expect(!next.isRequested && round.isRequested, "each round has its time")
        #expect(!stop.isRequested)
    }

    @Test("After its time it gives way to questions, whoever waits, and the next has as much again")
    func hasAnEnd() {
        let (calls, stop, time) = (SendingCalls(), StopRequest(), Locked(ContinuousClock.now))
        let round = calls.round(until: stop) { time.withLock { $0 } }
        let share = Duration.seconds(SendingCalls.longestSeconds)
        time.withLock { $0 += share - .milliseconds(1) }
        #expect(!round.isRequested)
        time.withLock { $0 += .milliseconds(1) }
        #expect(round.isRequested)
        #expect(!calls.round(until: stop) { time.withLock { $0 } }.isRequested)
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
