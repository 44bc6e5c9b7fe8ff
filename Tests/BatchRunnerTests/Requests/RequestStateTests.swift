import Testing

@testable import BatchRunner

@Suite("States of orders, transfers and questions")
struct RequestStateTests {
    private static let facts: [RequestFact] = [
        .intended(attempt: 2), .accepted, .answered(nil), .refused, .unsent, .unknown, .suspended,
        .held(possiblySent: true), .queried(unchanged: true), .reported(payType: 5), .confirmed,
        .failed,
    ]

    /// One letter for each fact: the next state, `=` for one that stays, `!` for a broken invariant.
    private static let letters: [RequestState: Character] = [
        .unsent: "u", .intended: "i", .suspended: "s", .unknown: "k", .accepted: "a",
        .answered: "w", .refused: "r", .held: "h", .confirmed: "c", .failed: "f",
    ]

    private static func line(_ family: ActionFamily, _ state: RequestState) -> String {
        var record = RequestRecord(family: family)
        record.state = state
        record.attempts = 1
        record.lastSentAt = 100
        return String(
            facts.map { fact -> Character in
                guard let next = try? record.applying(fact, at: 200) else { return "!" }
                return next.state == state ? "=" : letters[next.state] ?? "?"
            })
    }

    @Test(
        "Every pair of state and fact of an order has one next state, or is a broken invariant",
        arguments: [
            (RequestState.unsent, "i!!!!!!!!=!!"), (.intended, "!awruksh!=c!"),
            (.suspended, "!!!ru!!h!=!!"), (.unknown, "!!!!!!!h==cf"),
            (.accepted, "!======h==cf"), (.answered, "!==========="),
            (.refused, "!==========="), (.held, "!==========="), (.confirmed, "!==========="),
            (.failed, "!==========="),
        ])
    func orders(_ state: RequestState, _ expected: String) {
        #expect(Self.line(.order, state) == expected)
    }

    @Test("A person's word settles what is held, of every family, and nothing else")
    func resolved() throws {
        for family in [ActionFamily.order, .transfer, .enquiry, .statusEnquiry, .barCode] {
            for state in RequestState.allCases {
                var record = RequestRecord(family: family)
                record.state = state
                record.queryAsked = true
                for (word, settled) in [
                    (ResolvedRequest.done, RequestState.confirmed), (.failed, .failed),
                ] {
                    let next = try? record.applying(.resolved(word), at: 200)
                    #expect(next?.state == (state == .held ? settled : nil))
                    #expect(next?.queryAsked != true)
                }
            }
        }
    }

    @Test("A question without an answer is noted wherever an answer would be, and ends nothing")
    func unanswered() throws {
        func record(_ family: ActionFamily, _ state: RequestState) -> RequestRecord {
            var record = RequestRecord(family: family)
            record.state = state
            record.possiblySent = true
            record.queryAsked = true
            return record
        }
        let open: [(ActionFamily, RequestState)] = [
            (.order, .unknown), (.order, .accepted), (.order, .held), (.order, .failed),
            (.transfer, .held), (.statusEnquiry, .unsent),
        ]
        for (family, state) in open {
            let next = try record(family, state).applying(.unanswered, at: 200)
            #expect(next.state == state && next.lastQueriedAt == 200 && next.queryAsked)
            #expect(next.timesUnanswered == 1 && next.timesUnchanged == 0)
        }
        for state in RequestState.allCases {
            let next = try record(.enquiry, state).applying(.unanswered, at: 200)
            #expect(next.state == state)
        }
    }

    @Test("An order that is held and may have been carried out is asked about, and can end")
    func heldOrder() throws {
        var held = RequestRecord(family: .order)
        held.state = .held
        held.attempts = 1
        held.possiblySent = true
        held.lastSentAt = 100
        var next = try held.applying(.queried(unchanged: true), at: 200)
        #expect(next.lastQueriedAt == 200 && next.timesUnchanged == 1 && next.state == .held)
        next = try next.applying(.reported(payType: 3), at: 210)
        #expect(next.queryAsked && next.reported == 3)
        #expect(try next.applying(.confirmed, at: 220).state == .confirmed)
        #expect(try next.applying(.failed, at: 220).state == .failed)
        held.family = .transfer
        #expect(try held.applying(.queried(unchanged: true), at: 200).lastQueriedAt == 200)
        #expect(try held.applying(.confirmed, at: 200).state == .confirmed)
        #expect(try held.applying(.failed, at: 200) == held, "nothing proves that it was not made")
        held.possiblySent = false
        for fact in Self.facts.dropFirst() where fact != .queried(unchanged: true) {
            #expect(try held.applying(fact, at: 1) == held)
        }
        // A question is kept, or the next would come too soon; nobody asks by himself.
        for fact in [RequestFact.queried(unchanged: false), .unanswered] {
            next = try held.applying(fact, at: 300)
            #expect(next.state == .held && next.lastQueriedAt == 300 && next.askingTurn == nil)
            #expect(next.timesUnanswered == (fact == .unanswered ? 1 : 0))
        }
    }

    @Test("A report about what did not arrive, or may be another's, is not kept for a later query")
    func forgotten() throws {
        var suspended = RequestRecord(family: .order)
        suspended.state = .suspended
        suspended.attempts = 1
        let reported = try suspended.applying(.reported(payType: 5), at: 200)
        #expect(reported.reported == 5 && reported.queryAsked)
        let unsent = try reported.applying(.unsent, at: 210)
        #expect(unsent.state == .unsent && unsent.reported == nil && !unsent.queryAsked)
        // A probe that leaves it open keeps the report.
        let held = try reported.applying(.held(possiblySent: true), at: 210)
        #expect(held.reported == 5 && held.queryAsked)
        let doubted = try held.applying(.held(possiblySent: true), at: 220)
        #expect(doubted.state == .held && doubted.reported == nil && !doubted.queryAsked)
    }

    @Test("A failed order that a callback reports otherwise is asked about once, and stays failed")
    func failedOrder() throws {
        var failed = RequestRecord(family: .order)
        failed.state = .failed
        failed.lastSentAt = 100
        var next = try failed.applying(.reported(payType: 3), at: 200)
        #expect(next.queryAsked && next.state == .failed)
        next = try next.applying(.queried(unchanged: false), at: 210)
        #expect(!next.queryAsked)
        #expect(try next.applying(.confirmed, at: 210) == next)
        // Corrected to done by then, and reported failed: asked about once more.
        next = try next.applying(.reported(payType: 6), at: 220)
        #expect(next.queryAsked && next.reported == 6 && next.state == .failed)
        failed.family = .transfer
        #expect(try failed.applying(.reported(payType: 5), at: 200) == failed)
    }

    @Test(
        "A confirmed order that a callback reports failed is asked about once, and stays confirmed")
    func confirmedOrder() throws {
        var confirmed = RequestRecord(family: .order)
        confirmed.state = .confirmed
        confirmed.lastSentAt = 100
        #expect(confirmed.askingTurn == nil)
        var next = try confirmed.applying(.reported(payType: 6), at: 200)
        #expect(next.queryAsked && next.state == .confirmed && next.askingTurn != nil)
        next = try next.applying(.unanswered, at: 205)
        #expect(next.queryAsked && next.timesUnanswered == 1)
        next = try next.applying(.queried(unchanged: false), at: 210)
        #expect(!next.queryAsked && next.askingTurn == nil)
        #expect(try next.applying(.failed, at: 210) == next)
        // Corrected to failed by then, and reported done: asked about once more.
        next = try next.applying(.reported(payType: 5), at: 220)
        #expect(next.queryAsked && next.reported == 5 && next.state == .confirmed)
        confirmed.family = .transfer
        #expect(try confirmed.applying(.reported(payType: 6), at: 200) == confirmed)
    }

    @Test("Only what changes nothing at SkyPay may be sent again when its outcome is unknown")
    func repeats() {
        for family in ActionFamily.allCases {
            let again = Self.line(family, .unknown).first
            #expect(again == (family.mayRepeat ? "i" : "!"), "\(family)")
        }
        #expect(!ActionFamily.transfer.mayRepeat && !ActionFamily.order.mayRepeat)
    }

    @Test("A transfer is never unknown: nothing could ever be learned about it")
    func transfers() {
        var record = RequestRecord(family: .transfer)
        record.state = .intended
        #expect(throws: InvariantViolation.self) { try record.applying(.unknown, at: 1) }
        #expect(record.nobodyKnows == .held(possiblySent: true))
        #expect(RequestRecord(family: .order).nobodyKnows == .unknown)
    }

    @Test("Times and counts follow the facts")
    func figures() throws {
        var record = RequestRecord(family: .enquiry)
        record = try record.applying(.intended(attempt: 1), at: 100)
        record = try record.applying(.unknown, at: 110)
        record = try record.applying(.intended(attempt: 2), at: 200)
        #expect(record.firstSentAt == 100)
        #expect(record.lastSentAt == 200)
        #expect(record.unknownSince == 110)
        #expect(record.attempts == 2)
        var order = RequestRecord(family: .order)
        order = try order.applying(.intended(attempt: 1), at: 100)
        order = try order.applying(.reported(payType: 5), at: 105)
        order = try order.applying(.accepted, at: 110)
        #expect(order.queryAsked && order.reported == 5)
        order = try order.applying(.queried(unchanged: true), at: 120)
        #expect(!order.queryAsked && order.timesUnchanged == 1 && order.lastQueriedAt == 120)
        order = try order.applying(.queried(unchanged: false), at: 130)
        #expect(order.timesUnchanged == 1)
    }

    @Test("Definite and final, and the word for it in responses")
    func words() {
        for state in RequestState.allCases where state.isFinal { #expect(state.isDefinite) }
        #expect(RequestState.confirmed.word(for: "cancelPayout") == "cancelled")
        #expect(RequestState.confirmed.word(for: "amendTransactionV2") == "amended")
        #expect(RequestState.confirmed.word(for: "balanceTransfer") == "transferred")
        #expect(RequestState.held.word(for: "cancelPayout") == "held")
        for action in ["cancelPayout", "amendTransactionV2", "balanceTransfer"] {
            for state in RequestState.allCases where state.isDefinite {
                #expect(Conservation.outcomes.contains(state.word(for: action)), "\(state)")
            }
        }
    }
}
