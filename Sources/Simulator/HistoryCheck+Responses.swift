import DurableFiles
import OrderedJSON

// What senders are told, once everything has come to its end.
extension HistoryCheck {
    mutating func checkResponses() {
        for name in story.prepared.keys.sorted()
        where !DurableFiles.exists(root + "/outbox/" + name) {
            violate("I6", "\(name) was promised and is not in the outbox")
        }
        for (name, count) in story.published.sorted(by: { $0.key < $1.key }) where count > 1 {
            violate("I6", "\(name) was published \(count) times")
        }
        checkOwed()
        checkTold()
        checkWords()
    }

    // MARK: What is missing

    /// Whatever is owed was promised; what was promised, the outbox is held to.
    private mutating func checkOwed() {
        let sealed = Set(files.filter(\.isSealed).map(\.sha256))
        let (open, held) = (standing { !$0.isOver }, standing { $0.isHeld })
        let rows = Dictionary(grouping: story.rows.keys, by: Self.file).mapValues(\.count)
        for (file, owed) in story.owed.sorted(by: { $0.key < $1.key }) {
            var endings = owed.endings
            if owed.isCallback, !owed.isSealed, sealed.contains(story.claims[file]?.sha256 ?? "") {
                endings.append(".response.txt")
            }
            if let batch = story.batches[file], !open.contains(file),
                !batch.hasStories || rows[file] == batch.accepted || batch.accepted == 0
            {
                endings += [".result.json", ".result.csv"]
                if !held.contains(file), batch.hasStories || isBooked(file, batch) {
                    endings += [".final.json", ".final.csv"]
                }
            }
            for ending in endings where story.prepared[owed.output + ending] == nil {
                violate("I6", "\(owed.output)\(ending) is owed for \(file) and was never promised")
            }
        }
        for name in story.prepared.keys.sorted() where name.contains(".correction.") {
            guard name.hasSuffix(".json") else { continue }
            let twin = name.dropLast(5) + ".csv"
            if story.prepared[String(twin)] == nil { violate("I6", "\(twin) was never promised") }
        }
    }

    /// Files with a row that stands so.
    private func standing(_ isMeant: (LogStory.Row) -> Bool) -> Set<String> {
        Set(story.rows.compactMap { isMeant($0.value) ? Self.file($0.key) : nil })
    }

    /// `file` of `file/row`.
    private static func file(_ key: String) -> String { String(key.prefix { $0 != "/" }) }

    /// Everything registered by a file was paid at a counter.
    private func isBooked(_ file: String, _ batch: LogStory.Batch) -> Bool {
        let content = story.claims[file]?.sha256
        guard let sent = files.first(where: { $0.sha256 == content }) else { return false }
        return sent.rows.count == batch.accepted
            && sent.rows.allSatisfy { story.paidAtCounter[$0.number] != nil }
    }

    // MARK: What is told

    /// What the sender is told at the end is what SkyPay has in its books; what was learned since stands
    /// in a correction.
    private mutating func checkTold() {
        let corrected = correctedRows()
        let lines = Dictionary(
            story.rows.map { (Self.file($0.key) + ":\($0.value.line)", $0.key) }
        ) { first, _ in first }
        for name in story.prepared.keys.sorted() {
            let isFinal = name.hasSuffix(".final.json")
            guard isFinal || name.hasSuffix(".result.json"), let document = document(name) else {
                continue
            }
            let action = document["action"]?.stringValue ?? ""
            guard isFinal ? action.hasPrefix("payoutQueue") : action != "registerPayout" else {
                continue
            }
            for row in document["rows"]?.arrayValue ?? [] {
                let place = Self.place(row, document)
                let known = story.rows[lines[place] ?? place]
                if isFinal {
                    let outcome = row["outcome"]?.stringValue ?? ""
                    if !Self.endings.contains(outcome) {
                        violate("I6", "\(name) tells \(place) as \(outcome), which is no end")
                    }
                    // Of this row somebody gave his word; of another row's with its number, nobody.
                    if known?.isResolved != true { checkReported(name, row) }
                } else if row["outcome"]?.stringValue == "held", known?.isHeld == false,
                    !corrected.contains(place)
                {
                    violate("I6", "\(name) tells \(place) as held, and no correction what it is")
                }
            }
        }
    }

    /// How a payout ends, in the words of responses.
    private static let endings: Set<String> = ["paid", "failed", "cancelled", "refused"]

    /// Where a row of a response stands: `file/row`, or `file:line` in CSV.
    private static func place(_ row: JSONValue, _ document: JSONValue) -> String {
        let file = document["fileId"]?.stringValue ?? ""
        if let item = row["item"]?.integerValue { return "\(file)/\(item)" }
        return "\(file):\(row["line"]?.integerValue ?? 0)"
    }

    /// The rows that corrections tell of.
    private func correctedRows() -> Set<String> {
        var places: Set<String> = []
        for name in story.prepared.keys where name.contains(".correction.") {
            guard name.hasSuffix(".json"), let document = document(name) else { continue }
            for row in document["rows"]?.arrayValue ?? [] {
                places.insert(Self.place(row, document))
            }
        }
        return places
    }

    func document(_ name: String) -> JSONValue? {
        (try? DurableFiles.read(root + "/outbox/" + name, limit: 1 << 26))
            .flatMap { try? JSONValue(parsing: $0) }
    }

    private mutating func checkReported(_ name: String, _ row: JSONValue) {
        guard let number = row["controlNumber"]?.stringValue,
            let outcome = row["outcome"]?.stringValue
        else { return violate("I3", "\(name) has a row without number or outcome") }
        let truth = provider.payouts[number]
        let expected = ["paid": "completed", "failed": "failed", "cancelled": "cancelled"][outcome]
        if let expected, truth?.status != expected {
            violate("I3", "\(name): \(number) \(outcome); SkyPay: \(truth?.status ?? "-")")
        }
    }
}
