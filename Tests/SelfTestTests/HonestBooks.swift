import OrderedJSON

@testable import SelfTest

/// A small site in which everything is right: one batch of five rows of which one is rejected, a copy
/// of it, one report. Tests change one thing and look what the judge says.
struct HonestBooks {
    static let file = "20261121-000001"
    static let copy = "20261121-000002"
    static let callback = "20261121-000003"
    static let paid = "SKY9910000001"
    static let failed = "SKY9910000002"
    static let refused = "SKY9910000003"
    static let held = "SKY9910000004"
    static let faulty = "SKY9910000005"
    static let content = SHA256Text.of(Array("batch".utf8))
    static let report = SHA256Text.of(Array("report".utf8))

    /// Events without their numbers; times follow their places.
    var events: [RecordedEvent] = []
    /// Lines of the provider's ledger.
    var provider: [JSONValue] = []
    var dropped: [DroppedFile] = []
    var outbox: [String: [UInt8]] = [:]
    var firstSeen: [String: String] = [:]
    var copies = [file: content, copy: content, callback: report]

    init() {
        let rows = [
            (Self.paid, 10_000), (Self.failed, 20_000), (Self.refused, 30_000), (Self.held, 40_000),
            (Self.faulty, 50_000),
        ].map { DroppedFile.Row(number: $0.0, centavos: $0.1, promise: .good) }
        let batch = DroppedFile(
            name: "acme/b.csv", kind: .batch, batch: "B-1", sha256: Self.content,
            rows: rows.dropLast()
                + [DroppedFile.Row(number: Self.faulty, centavos: 50_000, promise: .faulty)])
        var again = batch
        again.name = "acme/again.csv"
        dropped = [
            batch, again, DroppedFile(name: "r.txt", kind: .callback, sha256: Self.report),
        ]
        makeIntake()
        makePayouts()
        makeResponses()
    }

    /// What the judge gets.
    var evidence: Evidence {
        var evidence = Evidence()
        evidence.dropped = dropped
        evidence.events = events.enumerated().map { place, event in
            var event = event
            event.sequence = UInt64(place)
            if event.at == 0 { event.at = Int64(place + 1) * 1_000 }
            return event
        }
        evidence.outbox = outbox
        evidence.firstSeen = firstSeen
        evidence.copies = copies
        var lines: [UInt8] = []
        for line in provider { lines += line.bytes() + [0x0A] }
        evidence.provider = (try? ProviderBooks(lines: lines)) ?? ProviderBooks()
        return evidence
    }

    /// What the log tells.
    var story: RecordedStory {
        var story = RecordedStory()
        for event in evidence.events { story.take(event) }
        return story
    }

    /// What the judge says.
    var findings: [String] { Judgement(evidence).findings.map(\.line) }

    // MARK: Making

    mutating func add(
        _ type: String, file: String = HonestBooks.file, row: Int? = nil, number: String? = nil,
        _ data: JSONObject = [:]
    ) {
        events.append(
            RecordedEvent(
                sequence: 0, at: 0, type: type, file: file, row: row, number: number,
                data: .object(data)))
    }

    private mutating func makeIntake() {
        for (file, name, hash) in [
            (Self.file, "b.csv", Self.content), (Self.copy, "again.csv", Self.content),
        ] {
            add(
                "file.claimed", file: file,
                [
                    "name": .string(name), "sender": "acme", "outputName": .string(name),
                    "sha256": .string(hash),
                ])
        }
        add(
            "file.claimed", file: Self.callback,
            [
                "name": "r.txt", "sender": "", "outputName": "r.txt",
                "sha256": .string(Self.report),
            ])
        add("batch.accepted", ["counts": ["total": 5, "accepted": 4, "rejected": 1]])
        add("file.duplicate", file: Self.copy, ["duplicateOf": .string(Self.file)])
        add("callback.received", file: Self.callback, ["encrypted": true])
    }

    private mutating func makePayouts() {
        provider.append(["event": "opened", "balance": "1000.00"])
        let rows = [
            (Self.paid, "100.00", "paid"), (Self.failed, "200.00", "failed"),
            (Self.refused, "300.00", "refused"), (Self.held, "400.00", "held"),
        ]
        for (index, (number, amount, end)) in rows.enumerated() {
            let body: JSONValue = .string("body-\(index)")
            let amounts: JSONObject = ["amount": .string(amount)]
            add(
                "payout.intended", row: index + 1, number: number,
                ["amount": .string(amount), "bodySha256": body])
            let at = events.count * 1_000 + 500
            provider.append([
                "event": "request", "controlNumber": .string(number), "bodySha256": body,
                "at": .number(String(at)),
            ])
            if end == "paid" || end == "failed" {
                provider.append(Self.applied(number, amount, fails: end == "failed", at: at))
                provider.append([
                    "event": "settled", "controlNumber": .string(number),
                    "at": .number(String(at + 2)),
                ])
                add("payout.accepted", row: index + 1, number: number, amounts)
                add("payout.queried", row: index + 1, number: number, ["found": true])
            }
            var data = amounts
            if end == "held" { data["possiblySent"] = false }
            add("payout." + end, row: index + 1, number: number, data)
        }
    }

    static func applied(_ number: String, _ amount: String, fails: Bool, at: Int) -> JSONValue {
        [
            "event": "applied", "controlNumber": .string(number), "amount": .string(amount),
            "channel": "6", "store": false, "fails": .boolean(fails), "particulars": [:],
            "at": .number(String(at)),
        ]
    }

    private mutating func makeResponses() {
        publish(
            "acme/b.csv.ack.json",
            [
                "counts": ["total": 5, "accepted": 4, "rejected": 1],
                "amounts": ["total": "1500.00", "accepted": "1000.00", "rejected": "500.00"],
            ])
        let rows = [
            (Self.paid, "100.00", "accepted"), (Self.failed, "200.00", "accepted"),
            (Self.refused, "300.00", "refused"), (Self.held, "400.00", "held"),
        ]
        publish(text: "acme/b.csv.rejected.csv", "controlNumber\n\(Self.faulty)\n")
        publishBoth("acme/b.csv.result", Self.table(rows))
        publish("acme/again.csv.ack.json", ["verdict": "duplicate"])
        publish("r.txt.response.json", ["responseCode": "1000"])
        publish(text: "r.txt.response.txt", "sealed")
    }

    /// A result or final.
    static func table(_ rows: [(number: String, amount: String, outcome: String)]) -> JSONValue {
        [
            "rows": .array(
                rows.enumerated().map { place, row in
                    [
                        "line": .number(String(place + 3)),
                        "controlNumber": .string(row.number), "amount": .string(row.amount),
                        "outcome": .string(row.outcome),
                    ]
                })
        ]
    }

    /// The same as a table for machines.
    static func twin(_ document: JSONValue) -> String {
        let rows = document["rows"]?.arrayValue ?? []
        let columns = ["line", "controlNumber", "outcome", "possiblySent", "amount"]
        let lines = rows.map { row in
            columns.map { "\"\(row[$0]?.scalarText ?? "")\"" }.joined(separator: ",")
        }
        return ([columns.joined(separator: ",")] + lines).map { $0 + "\n" }.joined()
    }

    /// Promises a response in both its forms.
    mutating func publishBoth(_ name: String, _ document: JSONValue) {
        publish(text: name + ".csv", Self.twin(document))
        publish(name + ".json", document)
    }

    /// Promises a response, writes it, says so.
    mutating func publish(_ name: String, _ json: JSONValue) { publish(name, bytes: json.bytes()) }

    mutating func publish(text name: String, _ text: String) {
        publish(name, bytes: Array(text.utf8))
    }

    private mutating func publish(_ name: String, bytes: [UInt8]) {
        let hash = SHA256Text.of(bytes)
        outbox[name] = bytes
        firstSeen[name] = hash
        add("response.prepared", ["name": .string(name), "sha256": .string(hash)])
        add("response.published", ["name": .string(name), "sha256": .string(hash)])
    }

    /// Puts other bytes in the place of a response everywhere: it was promised and made so.
    mutating func rewrite(_ name: String, _ json: JSONValue) {
        take(back: name)
        publish(name, json)
    }

    /// The same of a table and its twin.
    mutating func rewriteBoth(_ name: String, _ document: JSONValue) {
        for ending in [".csv", ".json"] { take(back: name + ending) }
        publishBoth(name, document)
    }

    /// It was never promised, and is not there.
    mutating func take(back name: String) {
        events.removeAll { $0.type.hasPrefix("response.") && $0.text("name") == name }
        outbox[name] = nil
        firstSeen[name] = nil
    }
}
