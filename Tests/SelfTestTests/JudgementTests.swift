import OrderedJSON
import Testing

@testable import SelfTest

/// The judge has to find what is wrong, that alone, and nothing where all is right.
struct JudgementTests {
    private typealias Books = HonestBooks

    @Test("In honest books nothing is found, and everything is counted")
    func honest() {
        let judgement = Judgement(Books().evidence)
        #expect(judgement.findings == [])
        let figures = judgement.figures
        #expect(figures.batches == 2 && figures.callbacks == 1 && figures.requests == 4)
        #expect(figures.moved == Figures.Sum(rows: 2, centavos: 30_000))
        #expect(figures.taken == Figures.Sum(rows: 4, centavos: 100_000))
        #expect(figures.ends["held"] == Figures.Sum(rows: 1, centavos: 40_000))
    }

    // MARK: Money

    @Test("A payment that moved twice is a double")
    func doubled() {
        var books = Books()
        books.provider.append(Books.applied(Books.paid, "100.00", fails: false, at: 99_000))
        books.provider.append([
            "event": "settled", "controlNumber": .string(Books.paid), "at": 99_001,
        ])
        let judgement = Judgement(books.evidence)
        #expect(
            judgement.findings == [
                Finding(
                    harm: .doubled, invariant: "I1", text: "\(Books.paid) moved money 2 times")
            ])
    }

    @Test("A request without an intent of its own is found, also when the number had one before")
    func unintended() {
        var books = Books()
        books.provider.append([
            "event": "request", "controlNumber": .string(Books.paid), "bodySha256": "body-0",
            "at": 99_000,
        ])
        #expect(
            books.findings == [
                "I2: \(Books.paid) was requested without a durable intent of that body"
            ])
    }

    @Test(
        "An intent that a kill left unused covers no second request after the next intent or answer"
    )
    func leftoverIntent() throws {
        // The kill came between the intent and the request: asked about, and sent anew.
        func killed() throws -> Books {
            var books = Books()
            let place = try #require(
                books.events.firstIndex {
                    $0.type == "payout.intended" && $0.number == Books.paid
                })
            var (unused, unknown) = (books.events[place], books.events[place])
            unused.at = Int64(place) * 1_000 - 2
            unknown.at = Int64(place) * 1_000 - 1
            unknown.type = "payout.unknown"
            unknown.data = ["source": "restart"]
            for line in books.events.indices where books.events[line].at == 0 {
                books.events[line].at = Int64(line + 1) * 1_000
            }
            books.events.insert(contentsOf: [unused, unknown], at: place)
            return books
        }
        var books = try killed()
        #expect(books.findings == [])
        books.provider.append([
            "event": "request", "controlNumber": .string(Books.paid), "bodySha256": "body-0",
            "at": 99_000,
        ])
        let found = ["I2: \(Books.paid) was requested without a durable intent of that body"]
        #expect(books.findings == found)
        // Refused for certain before it was used: nothing of it may come any more.
        books = Books()
        books.provider.removeAll {
            $0["event"] == "request" && $0["controlNumber"] == .string(Books.refused)
        }
        for place in books.events.indices where books.events[place].type == "payout.refused" {
            books.events[place].data = ["amount": "300.00", "source": "answer"]
        }
        books.provider.append([
            "event": "request", "controlNumber": .string(Books.refused), "bodySha256": "body-2",
            "at": 99_000,
        ])
        #expect(
            books.findings == [
                "I2: \(Books.refused) was requested without a durable intent of that body"
            ])
    }

    @Test("A request that left before its intent was durable is found, unless the clock was set")
    func tooEarly() throws {
        var books = Books()
        let place = try #require(
            books.provider.firstIndex { $0["event"] == "request" })
        books.provider[place] = [
            "event": "request", "controlNumber": .string(Books.paid), "bodySha256": "body-0",
            "at": 1,
        ]
        #expect(
            books.findings == ["I2: \(Books.paid) was requested before its intent was durable"])
        var evidence = books.evidence
        evidence.hasSteadyClock = false
        #expect(Judgement(evidence).findings == [])
    }

    @Test("Another body under the same number is no repeat")
    func otherBody() {
        var books = Books()
        for place in books.events.indices where books.events[place].number == Books.held {
            if books.events[place].type == "payout.intended" {
                books.events[place].data = ["amount": "400.00", "bodySha256": "other"]
            }
        }
        #expect(
            books.findings == [
                "I2: \(Books.held) was requested without a durable intent of that body"
            ])
    }

    @Test("Money that no row of the log was sent for is lost sight of")
    func unknownMoney() {
        var books = Books()
        books.provider.append(Books.applied("SKY9999999999", "1.00", fails: false, at: 99_000))
        #expect(
            books.findings == [
                "I2: SKY9999999999 moved money, and no row of the log was sent for it"
            ])
    }

    @Test("Another amount than was meant is found")
    func otherAmount() {
        var books = Books()
        for place in books.provider.indices where books.provider[place]["event"] == "applied" {
            guard books.provider[place]["controlNumber"] == .string(Books.paid) else { continue }
            books.provider[place] = Books.applied(Books.paid, "100.01", fails: false, at: 7_500)
        }
        #expect(books.findings == ["I1: \(Books.paid): 100.00 was meant, 100.01 moved"])
    }

    @Test(
        "A row that is told otherwise than the provider has it is a false report",
        arguments: [
            (Books.failed, 2, "paid", "failed"), (Books.paid, 1, "failed", "paid"),
            (Books.paid, 1, "cancelled", "paid"), (Books.paid, 1, "refused", "paid"),
            (Books.refused, 3, "paid", "nothing"),
        ])
    func falseEnd(_ number: String, _ row: Int, _ told: String, _ truth: String) {
        var books = Books()
        books.add("payout." + told, row: row, number: number)
        #expect(
            books.findings == [
                "I3: \(number) (row \(row) of \(Books.file)) is told as \(told); "
                    + "the provider: \(truth)"
            ])
    }

    @Test("Held as certainly not sent is false where money moved; possibly sent is not")
    func heldThoughSent() {
        var books = Books()
        books.provider.append(Books.applied(Books.held, "400.00", fails: false, at: 99_000))
        // The result tells it the same way, so both speak.
        #expect(
            books.findings == [
                "I3: \(Books.held) (row 4 of \(Books.file)) is told as held as certainly not sent; "
                    + "the provider: open",
                "I3: acme/b.csv.result.json tells \(Books.held) as held; the provider: open",
            ])
    }

    @Test("A number that was sent for two rows is a double")
    func twoRows() {
        var books = Books()
        books.add(
            "payout.intended", row: 5, number: Books.refused,
            ["amount": "300.00", "bodySha256": "more"])
        books.add("payout.refused", row: 5, number: Books.refused)
        #expect(books.findings.contains("I7: \(Books.refused) was sent for 2 rows"))
    }
}
