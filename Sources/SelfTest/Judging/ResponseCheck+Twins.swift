import OrderedJSON

// What has to be there, and whether its two forms tell the same.
extension ResponseCheck {
    /// Whatever is owed was promised; to what was promised the outbox is held.
    mutating func checkOwed() {
        for name in story.owedResponses(evidence.dropped) where story.prepared[name] == nil {
            add(.lost, "I6", "\(name) is owed and was never promised")
        }
        for name in story.prepared.keys.sorted()
        where name.contains(".correction.") && name.hasSuffix(".json") {
            let twin = Self.twin(name)
            if story.prepared[twin] == nil { add(.lost, "I6", "\(twin) was never promised") }
        }
    }

    private static func twin(_ name: String) -> String { name.dropLast(".json".count) + ".csv" }

    /// The table for machines tells what the document tells, cell by cell.
    mutating func checkTwin(_ name: String) {
        let twin = Self.twin(name)
        guard let bytes = evidence.outbox[twin], let document = document(name) else { return }
        guard let table = Table(csv: bytes) else {
            return add(.broken, "I6", "\(twin) cannot be read")
        }
        let rows = document["rows"]?.arrayValue ?? []
        if rows.count != table.records.count {
            return add(
                .false_, "I5",
                "\(twin) tells of \(table.records.count) rows, \(name) of \(rows.count)")
        }
        for (place, (row, record)) in zip(rows, table.records).enumerated() {
            for (column, cell) in zip(table.columns, record)
            where row[column]?.scalarText ?? "" != cell {
                add(.false_, "I3", "\(twin), row \(place + 1): \(column) is not that of \(name)")
            }
        }
        // Without these columns there would be nothing to compare.
        for column in ["line", "outcome"] where !table.columns.contains(column) {
            add(.broken, "I6", "\(twin) has no column \(column)")
        }
    }

    /// A row told as held in a result has come to another end: then a correction says to which.
    mutating func checkCorrected(_ name: String) {
        guard name.hasSuffix(".result.json"), let id = filesByOutput[Self.base(name)] else {
            return
        }
        for row in document(name)?["rows"]?.arrayValue ?? []
        where row["outcome"]?.stringValue == "held" {
            let number = Self.number(row) ?? ""
            if ended[id]?.contains(number) == true, corrected[Self.base(name)]?[number] == nil {
                add(.lost, "I6", "\(name) tells \(number) as held, and no correction what it is")
            }
        }
    }

    /// Rows that wait for nobody any more, by file.
    static func ended(_ story: RecordedStory) -> [String: Set<String>] {
        var ended: [String: Set<String>] = [:]
        for (place, row) in story.rows where row.isOver && row.standing != "held" {
            ended[place.file, default: []].insert(row.number)
        }
        for (place, row) in story.requests where row.isOver && row.standing != "held" {
            ended[place.file, default: []].insert(row.name)
        }
        return ended
    }

    /// What corrections tell last, by the name all responses to a file begin with, and by row.
    static func corrected(
        _ evidence: Evidence, _ story: RecordedStory
    ) -> [String: [String: String]] {
        var told: [String: [String: String]] = [:]
        for name in story.prepared.keys.sorted(by: isBefore)
        where name.contains(".correction.") && name.hasSuffix(".json") {
            let document = evidence.outbox[name].flatMap { try? JSONValue(parsing: $0) }
            for row in document?["rows"]?.arrayValue ?? [] {
                guard let number = number(row) else { continue }
                told[base(name), default: [:]][number] = row["outcome"]?.stringValue
            }
        }
        return told
    }

    /// The tenth comes after the ninth.
    private static func isBefore(_ first: String, _ second: String) -> Bool {
        (first.utf8.count, first) < (second.utf8.count, second)
    }

    /// `acme/b.csv` of `acme/b.csv.result.json` and `acme/b.csv.correction.1.json`.
    static func base(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isCorrection = parts.count > 3 && parts[parts.count - 3] == "correction"
        return parts.dropLast(isCorrection ? 3 : 2).joined(separator: ".")
    }

    /// What a row of a response is about; a transfer has no number.
    static func number(_ row: JSONValue) -> String? {
        row["controlNumber"]?.stringValue
            ?? row["amount"]?.stringValue.flatMap(Money.centavos).map(DroppedFile.transferName)
    }
}
