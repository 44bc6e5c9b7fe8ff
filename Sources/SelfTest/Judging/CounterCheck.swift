import OrderedJSON

/// The promises about registered payouts (I1, I3): booked once, only after an inquiry that was answered
/// with 1000, never on the word of somebody without the credentials; and whoever is told that one is
/// booked, it is.
struct CounterCheck {
    /// A registered payout, on its way through the log.
    private struct Registered {
        var centavos: Int64
        var wasAnswered = false
        var timesBooked = 0
    }

    private static let success = "1000"

    let evidence: Evidence
    let story: RecordedStory
    private let filesBySHA256: [String: DroppedFile]
    private var registered: [String: Registered] = [:]
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: RecordedStory) {
        self.evidence = evidence
        self.story = story
        filesBySHA256 = Dictionary(
            evidence.dropped.map { ($0.sha256, $0) }
        ) { first, _ in first }
    }

    mutating func run() {
        for event in evidence.events {
            guard let file = story.claims[event.file].flatMap({ filesBySHA256[$0.sha256] }) else {
                if event.type == "callback.paid" || event.type == "callback.collected" {
                    let number = event.number ?? "a payout"
                    add(.false_, "I3", "\(number) was booked on a word that nobody dropped")
                }
                continue
            }
            switch (event.type, file.kind) {
            case ("batch.accepted", .registration):
                for row in file.rows { registered[row.number] = Registered(centavos: row.centavos) }
            case ("callback.received", .inquiry): takeInquiry(event, file)
            case ("callback.received", .payment), ("callback.paid", _): takePayment(event, file)
            default: break
            }
        }
    }

    private mutating func add(_ harm: Finding.Harm, _ invariant: String, _ text: String) {
        findings.append(Finding(harm: harm, invariant: invariant, text: text))
    }

    private func code(_ event: RecordedEvent) -> String {
        event.data["response"]?["responseCode"]?.scalarText ?? "nothing"
    }

    private mutating func takeInquiry(_ event: RecordedEvent, _ file: DroppedFile) {
        let number = file.rows.first?.number ?? ""
        let isOpen = registered[number].map { $0.timesBooked == 0 } ?? false
        let isAnswered = code(event) == Self.success
        if isOpen, !isAnswered {
            add(.lost, "I3", "\(number) is registered, and a counter was told \(code(event))")
        } else if !isOpen, isAnswered {
            add(.false_, "I3", "\(number) is not to be paid, and a counter was told that it is")
        }
        if isAnswered { registered[number]?.wasAnswered = true }
        checkAnswer(event)
        guard isAnswered, let centavos = registered[number]?.centavos, let answer = answer(event)
        else { return }
        // The counter pays out what it is told.
        if answer["amount"]?.scalarText.flatMap(Money.centavos) != centavos
            || answer["controlNumber"]?.scalarText != number
        {
            add(
                .false_, "I3",
                "a counter was told otherwise of \(number) than \(Money.text(centavos)), as it is "
                    + "registered")
        }
    }

    /// What lies in the outbox; nil when nothing that can be read does, which other checks tell.
    private func answer(_ event: RecordedEvent) -> JSONValue? {
        guard let name = story.claims[event.file]?.outputName else { return nil }
        return evidence.outbox[name + ".response.json"].flatMap { try? JSONValue(parsing: $0) }
    }

    private mutating func takePayment(_ event: RecordedEvent, _ file: DroppedFile) {
        let number = event.number ?? file.rows.first?.number ?? ""
        let before = registered[number]
        let isOurs = file.kind == .payment && file.rows.first?.promise == .good
        let isDue = isOurs && before?.wasAnswered == true && before?.timesBooked == 0
        if event.type == "callback.paid" {
            registered[number]?.timesBooked += 1
            if (before?.timesBooked ?? 0) > 0 {
                add(.doubled, "I1", "\(number) was booked twice at the counter")
            } else if !isDue {
                add(.false_, "I3", "\(number) was booked, and nobody could rightly tell of it")
            }
            if event.text("amount").flatMap(Money.centavos) != before?.centavos {
                add(.false_, "I1", "\(number) was booked with another amount than is registered")
            }
        } else if isDue {
            add(.lost, "I3", "\(number) was paid at a counter, and was not booked")
        }
        let isBooked = (registered[number]?.timesBooked ?? 0) > 0
        if code(event) == Self.success, !isBooked || !isOurs {
            add(.false_, "I3", "a counter was told that \(number) is booked, and it is not")
        }
        if event.type == "callback.paid", code(event) != Self.success {
            add(.false_, "I3", "\(number) was booked, and the counter was told \(code(event))")
        }
        checkAnswer(event)
    }

    /// What lies in the outbox says what was decided.
    private mutating func checkAnswer(_ event: RecordedEvent) {
        guard let name = story.claims[event.file]?.outputName else { return }
        if answer(event)?["responseCode"]?.scalarText != code(event) {
            add(.false_, "I6", "\(name).response.json does not say \(code(event))")
        }
    }
}
