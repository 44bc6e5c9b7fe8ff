import Testing

@testable import BatchRunner

private let policy = PayoutPolicy(
    queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
    refuseOnInsufficientBalance: false)
private let sentAt: Int64 = 1_000_000

@Suite("The next step of a row")
struct NextStepTests {
    private func row(_ state: PayoutState) -> PayoutRecord {
        PayoutRecord(
            state: state, attempts: 1, possiblySent: state == .unknown, lastSentAt: sentAt,
            unknownSince: state == .unknown ? sentAt : nil)
    }

    private func step(_ record: PayoutRecord, after seconds: Int64) -> PayoutStep {
        record.nextStep(now: sentAt + seconds, policy: policy)
    }

    @Test(
        "States in which nothing happens by itself",
        arguments: [
            PayoutState.intended, .suspended, .refused, .held, .paid, .failed, .cancelled,
        ])
    func nothing(_ state: PayoutState) {
        #expect(step(row(state), after: 1_000_000) == .nothing)
    }

    @Test("What is held and may have been sent is asked about for ever, at a slow pace")
    func held() throws {
        var record = row(.held)
        record.possiblySent = true
        #expect(step(record, after: 7_199) == .wait(until: sentAt + 7_200))
        #expect(step(record, after: 7_200) == .query)
        record.unknownSince = sentAt
        record = try record.applying(.queried(found: false), at: sentAt + 200_000)
        #expect(step(record, after: 207_199) == .wait(until: sentAt + 207_200))
        #expect(step(record, after: 207_200) == .query)
        #expect(step(record, after: 900_000_000) == .query)
        record = try record.applying(.reported, at: sentAt + 200_001)
        #expect(step(record, after: 200_299) == .wait(until: sentAt + 200_300))
        #expect(step(record, after: 200_300) == .query)
    }

    @Test(
        "A final row is asked about when a callback disputes it, and then no more",
        arguments: [PayoutState.refused, .paid, .failed, .cancelled])
    func disputed(_ state: PayoutState) throws {
        let record = try row(state).applying(.disputed, at: sentAt + 5)
        #expect(step(record, after: 299) == .wait(until: sentAt + 300))
        #expect(step(record, after: 300) == .query)
        let asked = try record.applying(.queried(found: true), at: sentAt + 300)
        #expect(step(asked, after: 1_000_000) == .nothing)
    }

    @Test("An unsent row is sent")
    func unsent() { #expect(step(PayoutRecord(), after: 0) == .send) }

    @Test("The first query comes 300 s after the send, not a second sooner")
    func firstQuery() {
        for state in [PayoutState.unknown, .accepted] {
            #expect(step(row(state), after: 0) == .wait(until: sentAt + 300))
            #expect(step(row(state), after: 299) == .wait(until: sentAt + 300))
            #expect(step(row(state), after: 300) == .query)
        }
    }

    @Test("Later queries come 30 minutes after the one before")
    func laterQueries() {
        for state in [PayoutState.unknown, .accepted] {
            var record = row(state)
            record.lastQueriedAt = sentAt + 300
            #expect(step(record, after: 2_099) == .wait(until: sentAt + 2_100))
            #expect(step(record, after: 2_100) == .query)
        }
    }

    @Test("A callback brings a query forward, but never inside 300 s of the send or the last one")
    func callbackAsks() throws {
        for state in [PayoutState.unknown, .accepted] {
            var record = row(state)
            record.lastQueriedAt = sentAt + 300
            record = try record.applying(.reported, at: sentAt + 310)
            #expect(step(record, after: 599) == .wait(until: sentAt + 600))
            #expect(step(record, after: 600) == .query)
            record = try record.applying(.queried(found: true), at: sentAt + 600)
            #expect(step(record, after: 601) == .wait(until: sentAt + 2_400))
            let early = try row(state).applying(.reported, at: sentAt + 1)
            #expect(step(early, after: 299) == .wait(until: sentAt + 300))
        }
    }

    @Test("A row sent again waits anew, whatever was asked before")
    func queryAfterResend() {
        var record = row(.unknown)
        record.lastQueriedAt = sentAt - 10
        #expect(step(record, after: 300) == .wait(until: sentAt + 1_800))
        record.lastQueriedAt = sentAt - 1_790
        #expect(step(record, after: 1_799) == .wait(until: sentAt + 1_800))
        #expect(step(record, after: 1_800) == .query)
    }

    @Test("Not found once is asked again; not found twice is sent again")
    func resend() {
        var record = row(.unknown)
        record.lastQueriedAt = sentAt + 300
        record.timesNotFound = 1
        #expect(step(record, after: 301) == .wait(until: sentAt + 2_100))
        record.timesNotFound = 2
        #expect(step(record, after: 301) == .send)
    }

    @Test("Queries that a callback asked for do not stand in for 30 minutes of waiting")
    func notFoundTwiceIsApart() throws {
        var record = try row(.unknown).applying(.queried(found: false), at: sentAt + 300)
        record = try record.applying(.reported, at: sentAt + 305)
        #expect(step(record, after: 600) == .query)
        record = try record.applying(.queried(found: false), at: sentAt + 600)
        #expect(step(record, after: 601) != .send, "two queries 300 s apart prove nothing")
    }

    @Test("A report about a row that was not found twice is followed up before it is sent again")
    func reportBeforeResend() throws {
        var record = row(.unknown)
        record.lastQueriedAt = sentAt + 2_100
        record.timesNotFound = 2
        record = try record.applying(.reported, at: sentAt + 2_101)
        #expect(step(record, after: 2_102) == .wait(until: sentAt + 2_400))
        #expect(step(record, after: 2_400) == .query)
        let unanswered = try record.applying(.unanswered, at: sentAt + 2_400)
        #expect(step(unanswered, after: 2_401) == .wait(until: sentAt + 4_200))
        record = try record.applying(.queried(found: false), at: sentAt + 2_400)
        #expect(step(record, after: 2_401) == .send)
    }

    @Test("With resend never, not found twice goes to a person")
    func resendNever() {
        var never = policy
        never.resendAfterQuery = false
        var record = row(.unknown)
        record.timesNotFound = 2
        guard case .hold = record.nextStep(now: sentAt + 301, policy: never) else {
            Issue.record("a row that may not be sent again is held")
            return
        }
    }

    @Test("Unknown for a day goes to a person, not a second sooner")
    func dayLimit() {
        var record = row(.unknown)
        record.lastQueriedAt = sentAt + 86_000
        #expect(step(record, after: 86_399) == .wait(until: sentAt + 87_800))
        #expect(step(record, after: 86_400) == .hold(reason: "unknown for a day"))
    }

    @Test("An accepted row is asked about for ever, and never sent again", arguments: 1...40)
    func acceptedForEver(_ days: Int64) {
        var record = row(.accepted)
        record.timesNotFound = Int(days)
        #expect(step(record, after: days * 86_400) == .query)
    }
}
