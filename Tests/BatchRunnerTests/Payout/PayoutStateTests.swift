import Testing

@testable import BatchRunner

/// Facts in the order of the table's columns.
private let facts: [(name: String, fact: PayoutFact)] = [
    ("intended", .intended(attempt: 2)), ("accepted", .accepted), ("refused", .refused),
    ("unsent", .unsent), ("unknown", .unknown(numberInUse: false)), ("suspended", .suspended),
    ("held", .held(possiblySent: true)), ("queried", .queried(found: false)),
    ("reported", .reported), ("paid", .paid), ("failed", .failed), ("cancelled", .cancelled),
    ("disputed", .disputed), ("unanswered", .unanswered),
    ("resolved", .resolved(.failed)),
]

@Suite("Payout states")
struct PayoutStateTests {
    /// One line a state, one letter a fact, in the order above. `!` is a broken invariant, `=` the
    /// same state, a letter the first of the next state's name (Suspended, uNknown, uNsent: T).
    @Test(
        "Every pair of state and fact has one next state, or is a broken invariant",
        arguments: [
            (PayoutState.unsent, "I!!!!!!!=!!!==!"),
            (.intended, "!ARTNSH!=!!!==!"),
            (.suspended, "!ARTN!H!=!!!==!"),
            (.unknown, "IA!!!!H==!!!==!"),
            (.accepted, "!========PFC==="),
            (.refused, "!=============="),
            (.held, "!=============F"),
            (.paid, "!=============="),
            (.failed, "!=============="),
            (.cancelled, "!=============="),
        ])
    func table(_ state: PayoutState, _ row: String) {
        let names: [Character: PayoutState] = [
            "I": .intended, "A": .accepted, "R": .refused, "T": .unsent, "N": .unknown,
            "S": .suspended, "H": .held, "P": .paid, "F": .failed, "C": .cancelled, "=": state,
        ]
        #expect(row.count == facts.count)
        for ((name, fact), mark) in zip(facts, row) {
            let next = try? PayoutRecord(state: state, attempts: 1).applying(fact, at: 1_000)
            #expect(next?.state == names[mark], "\(state) and \(name)")
        }
    }

    @Test("The table has a line for every state")
    func tableIsWhole() {
        #expect(PayoutState.allCases.count == 10)
        for state in PayoutState.allCases where state.isFinal { #expect(state.isDefinite) }
    }

    @Test("Settled rows keep every column for late facts", arguments: PayoutState.allCases)
    func settledRowsStay(_ state: PayoutState) throws {
        guard state.isFinal || state == .held else { return }
        let record = PayoutRecord(
            state: state, attempts: 1, possiblySent: false, lastSentAt: 10, lastQueriedAt: 20)
        for (name, fact) in facts where name != "intended" && name != "disputed" {
            // A person's word is what settles a held row.
            if state == .held, name == "resolved" { continue }
            // A question about a held row is kept, or the next would come too soon.
            if state == .held, name == "queried" || name == "unanswered" {
                var asked = record
                asked.lastQueriedAt = 99
                asked.timesUnanswered = name == "queried" ? 0 : 1
                #expect(try record.applying(fact, at: 99) == asked)
                #expect(asked.askingTurn == nil, "nobody asks by himself")
                continue
            }
            #expect(try record.applying(fact, at: 99) == record, "\(state) and \(name)")
        }
    }

    @Test("What is held and may have been sent is asked about, and goes on once it is found")
    func heldIsFound() throws {
        let held = PayoutRecord(
            state: .held, attempts: 1, possiblySent: true, lastSentAt: 10, lastQueriedAt: 20)
        var record = try held.applying(.reported, at: 30)
        #expect(record.queryAsked && record.state == .held)
        record = try record.applying(.queried(found: true), at: 40)
        #expect(!record.queryAsked && record.lastQueriedAt == 40)
        record = try record.applying(.accepted, at: 40)
        #expect(try record.applying(.paid, at: 40).state == .paid)
        // Never sent, or under a number that others use: it stays with the person.
        var others = held
        others.numberInUse = true
        #expect(try others.applying(.accepted, at: 40).state == .held)
        var unsent = held
        unsent.possiblySent = false
        #expect(try unsent.applying(.accepted, at: 40) == unsent)
        #expect(try unsent.applying(.reported, at: 40) == unsent)
    }

    @Test(
        "A disputed final row is asked about once, and stays as it is",
        arguments: [PayoutState.refused, .paid, .failed, .cancelled])
    func disputed(_ state: PayoutState) throws {
        let record = PayoutRecord(state: state, attempts: 1, lastSentAt: 10)
        var next = try record.applying(.disputed, at: 30)
        #expect(next.queryAsked && next.state == state)
        next = try next.applying(.queried(found: true), at: 40)
        #expect(!next.queryAsked && next.lastQueriedAt == 40)
        for fact in [PayoutFact.accepted, .paid, .failed, .cancelled] {
            #expect(try next.applying(fact, at: 40) == next)
        }
    }

    @Test("An attempt is exactly one more than the last", arguments: [-1, 0, 1, 3, 4, 1_000])
    func attemptsGrowByOne(_ attempt: Int) {
        let record = PayoutRecord(state: .unsent, attempts: 1)
        #expect(throws: InvariantViolation.self) {
            try record.applying(.intended(attempt: attempt), at: 0)
        }
    }

    @Test("A refused repeat of a row that may be at the provider is a broken invariant")
    func refusalOfRepeat() throws {
        let record = PayoutRecord(state: .intended, attempts: 2, possiblySent: true)
        #expect(throws: InvariantViolation.self) { try record.applying(.refused, at: 0) }
        #expect(try record.applying(.unsent, at: 0).state == .unknown)
    }

    @Test("Sending anew forgets what was not found; asking counts it; finding forgets it")
    func timesNotFound() throws {
        var record = PayoutRecord(
            state: .unknown, attempts: 1, possiblySent: true, lastSentAt: 0, unknownSince: 5)
        record = try record.applying(.queried(found: false), at: 300)
        record = try record.applying(.queried(found: false), at: 2_100)
        #expect(record.timesNotFound == 2)
        #expect(try record.applying(.queried(found: true), at: 2_200).timesNotFound == 0)
        record = try record.applying(.intended(attempt: 2), at: 2_200)
        #expect(record.timesNotFound == 0)
        #expect(record.lastSentAt == 2_200)
        record = try record.applying(.unknown(numberInUse: true), at: 2_230)
        #expect(record.numberInUse)
        #expect(record.unknownSince == 5, "the day counts from the first doubt")
    }

    @Test("What may have reached the provider stays so on every way", arguments: 0..<40)
    func randomWalk(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var record = PayoutRecord()
        var now: Int64 = 1_000_000
        for _ in 0..<400 {
            now += Int64.random(in: 0...2_000, using: &random)
            let fact = Self.randomFact(record, &random)
            guard let next = try? record.applying(fact, at: now) else { continue }
            #expect(!record.possiblySent || next.possiblySent)
            if record.possiblySent {
                #expect(next.state != .refused || record.state == .refused)
                #expect(next.state != .unsent)
            }
            let isSend = if case .intended = fact { true } else { false }
            #expect(next.attempts == record.attempts + (isSend ? 1 : 0))
            if isSend { #expect(next.timesNotFound == 0 && next.lastSentAt == now) }
            if next.state == .unknown { #expect(next.possiblySent && next.unknownSince != nil) }
            if record.state.isFinal { #expect(next.state == record.state) }
            if record.state == .held {
                let goesOn = record.possiblySent && !record.numberInUse && fact == .accepted
                #expect(next.state == (goesOn ? .accepted : .held))
            }
            #expect(!record.numberInUse || next.numberInUse)
            record = next
            if record.state.isFinal || flips(&random) { record = PayoutRecord() }
        }
    }

    /// Now and then a walk begins anew: what is held for good would end it.
    private func flips(_ random: inout SeededRandom) -> Bool {
        Int.random(in: 0..<30, using: &random) == 0
    }

    private static func randomFact(
        _ record: PayoutRecord, _ random: inout SeededRandom
    ) -> PayoutFact {
        let flip = Bool.random(using: &random)
        switch Int.random(in: 0..<15, using: &random) {
        case 0, 1: return .intended(attempt: record.attempts + 1)
        case 2: return .intended(attempt: record.attempts + Int.random(in: -2...3, using: &random))
        case 3: return .accepted
        case 4: return .refused
        case 5: return .unsent
        case 6, 7: return .unknown(numberInUse: flip)
        case 8: return .suspended
        case 9: return .held(possiblySent: flip)
        case 10: return .queried(found: flip)
        case 11: return .reported
        case 12: return .paid
        case 13: return .unanswered
        default: return flip ? .failed : .cancelled
        }
    }
}
