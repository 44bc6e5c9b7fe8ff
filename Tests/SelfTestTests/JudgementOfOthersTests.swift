import OrderedJSON
import Testing

@testable import SelfTest

/// The same for orders, transfers and counters.
struct JudgementOfOthersTests {
    private typealias Books = HonestBooks

    @Test("In honest books with orders, transfers and a counter nothing is found")
    func honest() {
        let judgement = Judgement(Books.withOthers().evidence)
        #expect(judgement.findings == [])
        let figures = judgement.figures
        #expect(figures.requestEnds["cancelPayout"] == ["confirmed": 1])
        #expect(figures.requestEnds["balanceTransfer"] == ["confirmed": 1, "held": 1])
        #expect(figures.registered == 1 && figures.booked == 1 && figures.counterMessages == 2)
        #expect(
            figures.dropped.rows == 12, "payouts alone are counted: two copies of five, and two")
        var story = RecordedStory()
        for event in Books.withOthers().evidence.events { story.take(event) }
        #expect(story.isSettled(Books.withOthers().dropped))
    }

    // MARK: Orders and transfers

    @Test("A transfer that was made twice, or that no row asked for, is found")
    func transferTwice() {
        var books = Books.withOthers()
        books.provider.append(.object(Books.move(Books.made)))
        #expect(books.findings == ["I1: the transfer of 10000.01 was made 2 times"])
        books = Books.withOthers()
        books.provider.append(.object(Books.move(77)))
        #expect(books.findings == ["I2: the transfer of 0.77 was made, and no row asked for it"])
    }

    @Test(
        "A transfer or order that is sent again without knowing what became of it is found",
        arguments: [
            ("held", Books.transfers, 2, "balanceTransfer"),
            ("intended", Books.transfers, 2, "balanceTransfer"),
            ("unknown", Books.transfers, 2, "balanceTransfer"),
            ("confirmed", Books.transfers, 1, "balanceTransfer"),
        ])
    func repeated(_ before: String, _ file: String, _ row: Int, _ action: String) {
        var books = Books.withOthers()
        let data: JSONObject = ["action": .string(action), "bodySha256": "again"]
        for word in [before, "intended", "held"] {
            var more = data
            if word == "held" { more["possiblySent"] = true }
            books.add("batch.request-" + word, file: file, row: row, more)
        }
        #expect(books.findings.contains { $0.contains("was sent again without knowing") })
    }

    @Test("Sent again after it was certainly not processed is no fault")
    func repeatedUnsent() {
        var books = Books.withOthers()
        let place = books.events.firstIndex {
            $0.type == "batch.request-intended" && $0.file == Books.cancellation
        }
        guard let place else {
            Issue.record("no intent")
            return
        }
        var (intent, unsent) = (books.events[place], books.events[place])
        intent.at = 0
        unsent.type = "batch.request-unsent"
        books.events.insert(contentsOf: [intent, unsent], at: place)
        #expect(!books.findings.contains { $0.contains("without knowing") })
    }

    @Test(
        "An order or transfer that is told otherwise than the provider has it is a false report",
        arguments: [
            (Books.cancellation, 1, "cancelPayout", "failed", "did it"),
            (Books.cancellation, 1, "cancelPayout", "refused", "did it"),
            (Books.amendment, 1, "amendTransactionV2", "held", "did it"),
            (Books.transfers, 1, "balanceTransfer", "refused", "did it"),
            (Books.transfers, 2, "balanceTransfer", "confirmed", "did not"),
        ])
    func falseEnd(_ file: String, _ row: Int, _ action: String, _ told: String, _ truth: String) {
        var books = Books.withOthers()
        books.add("batch.request-" + told, file: file, row: row, ["action": .string(action)])
        // What responses tell then lacks, other tests look at.
        #expect(books.findings.count { $0.hasPrefix("I3") } == 1)
        let finding = books.findings.first ?? ""
        #expect(finding.contains("is told as \(told); the provider \(truth)"), "\(finding)")
    }

    @Test("An order without an end, and one that nobody took up, are found")
    func open() {
        var books = Books.withOthers()
        books.add("batch.request-unknown", file: Books.cancellation, row: 1)
        #expect(
            books.findings == [
                "I13: \(Books.cancelled) (row 1 of \(Books.cancellation)) never ends: unknown"
            ])
        books = Books.withOthers()
        books.events.removeAll {
            $0.file == Books.amendment && $0.type.hasPrefix("batch.request-")
        }
        #expect(
            books.findings == [
                "I2: an order or a transfer was requested without a durable intent of that body",
                "I5: \(Books.amended) of \(Books.amendment).json is good, and was not taken",
                "I5: \(Books.amendment): 1 rows were accepted, 0 were sent",
            ])
    }

    @Test(
        "A response that tells an order, a transfer or a registration wrongly is found",
        arguments: [
            (Books.cancellation, "final", "cancelPayout", Books.cancelled, "failed", "done"),
            (Books.amendment, "final", "amendTransactionV2", Books.amended, "refused", "done"),
            (
                Books.registration, "final", "registerPayout", Books.registered, "withdrawn",
                "booked"
            ),
            // What is true of a result is not of the last word.
            (Books.cancellation, "final", "cancelPayout", Books.cancelled, "accepted", "done"),
            (Books.amendment, "final", "amendTransactionV2", Books.amended, "held", "done"),
            (
                Books.registration, "final", "registerPayout", Books.registered, "accepted",
                "booked"
            ),
            (Books.stores, "final", "payoutQueueV2", Books.amended, "accepted", "paid"),
            (Books.stores, "final", "payoutQueueV2", Books.cancelled, "held", "cancelled"),
        ])
    func response(
        _ file: String, _ stage: String, _ action: String, _ number: String, _ told: String,
        _ truth: String
    ) {
        var books = Books.withOthers()
        let name = "\(file).json.\(stage).json"
        books.rewrite(
            name,
            [
                "action": .string(action),
                "rows": [
                    [
                        "controlNumber": .string(number), "outcome": .string(told),
                        "amount": "500.00", "possiblySent": true,
                    ]
                ],
            ])
        #expect(
            books.findings.contains(
                "I3: \(name) tells \(number) as \(told); the provider: \(truth)"))
    }

    // MARK: Counters

    @Test("A payment booked twice, or after nobody was answered, or on a stranger's word, is found")
    func booked() {
        var books = Books.withOthers()
        books.tell("20261121-000018", .payment, "callback.paid", "1000")
        #expect(books.findings == ["I1: \(Books.registered) was booked twice at the counter"])
        for (promise, inquired) in [(DroppedFile.Promise.faulty, true), (.good, false)] {
            books = Books.withOthers()
            for place in books.dropped.indices where books.dropped[place].kind == .payment {
                books.dropped[place].rows[0].promise = promise
            }
            if !inquired {
                books.dropped.removeAll { $0.kind == .inquiry }
                books.events.removeAll {
                    $0.file == Books.inquiry || ($0.text("name") ?? "").hasPrefix(Books.inquiry)
                }
                books.outbox = books.outbox.filter { !$0.key.hasPrefix(Books.inquiry) }
            }
            #expect(
                books.findings.contains(
                    "I3: \(Books.registered) was booked, and nobody could rightly tell of it"),
                "\(promise): \(books.findings)")
        }
    }

    @Test("A payment that was due and not booked is lost; an inquiry turned away is too")
    func notBooked() {
        var books = Books.withOthers()
        for place in books.events.indices where books.events[place].type == "callback.paid" {
            books.events[place].type = "callback.received"
        }
        #expect(
            books.findings.prefix(2) == [
                "I3: \(Books.registered) was paid at a counter, and was not booked",
                "I3: a counter was told that \(Books.registered) is booked, and it is not",
            ])
        books = Books.withOthers()
        for place in books.events.indices where books.events[place].file == Books.inquiry {
            guard books.events[place].type == "callback.received" else { continue }
            books.events[place].data = ["response": ["responseCode": "-1012"]]
        }
        #expect(
            books.findings.contains(
                "I3: \(Books.registered) is registered, and a counter was told -1012"))
    }

    @Test(
        "A counter's message that was set aside unheard is found",
        arguments: [Books.inquiry, Books.payment])
    func unheard(_ file: String) {
        var books = Books.withOthers()
        for place in books.events.indices
        where books.events[place].file == file && books.events[place].type.hasPrefix("callback.") {
            books.events[place].type = "file.quarantined"
        }
        #expect(
            books.findings.contains {
                $0.hasSuffix("is a counter's message, and was file.quarantined")
            },
            "\(books.findings)")
    }

    @Test("A booking on the word of a file that nobody dropped is found")
    func forgedBooking() {
        var books = Books.withOthers()
        books.tell("20261121-000018", .payment, "callback.paid", "1000")
        books.dropped.removeLast()
        #expect(
            books.findings == [
                "I3: \(Books.registered) was booked on a word that nobody dropped",
                "I4: 20261121-000018 (20261121-000018.json) was taken, and nobody dropped it",
            ])
    }

    @Test(
        "A counter that is told another amount or another payout than is registered is found",
        arguments: [("amount", "5.00"), ("controlNumber", Books.amended)])
    func otherInquiry(_ field: String, _ told: String) {
        var books = Books.withOthers()
        var answer: JSONObject = [
            "responseCode": "1000", "controlNumber": .string(Books.registered),
            "amount": "500.00",
        ]
        answer[field] = .string(told)
        books.rewrite("\(Books.inquiry).json.response.json", .object(answer))
        #expect(
            books.findings == [
                "I3: a counter was told otherwise of \(Books.registered) than 500.00, as it is "
                    + "registered"
            ])
    }

    @Test("A payment booked with another amount, or answered otherwise than decided, is found")
    func otherAnswer() {
        var books = Books.withOthers()
        for place in books.events.indices where books.events[place].type == "callback.paid" {
            books.events[place].data = ["response": ["responseCode": "1000"], "amount": "1.00"]
        }
        #expect(
            books.findings == [
                "I1: \(Books.registered) was booked with another amount than is registered"
            ])
        books = Books.withOthers()
        books.rewrite("\(Books.payment).json.response.json", ["responseCode": "-1012"])
        #expect(
            books.findings == ["I6: \(Books.payment).json.response.json does not say 1000"])
    }
}
