/// The promises about files (I4, I5, I7, I13): each has one verdict, its bytes are kept, every good
/// row of it is taken and comes to an end, and none of them comes from nowhere.
struct FileCheck {
    let evidence: Evidence
    let story: RecordedStory
    private let filesByContent: [String: [String]]
    private let rowsByFile: [String: [RecordedStory.Row]]
    private let requestsByFile: [String: [RecordedStory.Request]]
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: RecordedStory) {
        self.evidence = evidence
        self.story = story
        filesByContent = story.filesByContent
        rowsByFile = story.rowsByFile
        requestsByFile = story.requestsByFile
    }

    mutating func run() {
        for (sha256, files) in Dictionary(grouping: evidence.dropped, by: \.sha256)
            .sorted(by: { $0.value[0].name < $1.value[0].name })
        {
            checkContent(sha256, files)
        }
        let known = Set(evidence.dropped.map(\.sha256))
        for (id, claim) in story.claims.sorted(by: { $0.key < $1.key })
        where !known.contains(claim.sha256) {
            add(.false_, "I4", "\(id) (\(claim.name)) was taken, and nobody dropped it")
        }
        for (id, list) in story.verdicts.sorted(by: { $0.key < $1.key }) where list.count > 1 {
            add(.broken, "I4", "\(id) has \(list.count) verdicts: " + list.joined(separator: ", "))
        }
        checkBatches()
        checkRows()
    }

    private mutating func add(_ harm: Finding.Harm, _ invariant: String, _ text: String) {
        findings.append(Finding(harm: harm, invariant: invariant, text: text))
    }

    /// As often as it was dropped it was claimed, each time with a verdict and a private copy; at
    /// most one of them counts.
    private mutating func checkContent(_ sha256: String, _ files: [DroppedFile]) {
        let ids = filesByContent[sha256] ?? []
        let name = files[0].name
        if ids.count < files.count {
            add(.lost, "I4", "\(name) was dropped \(files.count) times, taken \(ids.count)")
        } else if ids.count > files.count {
            add(.doubled, "I4", "\(name) was dropped \(files.count) times, taken \(ids.count)")
        }
        for id in ids {
            if story.verdicts[id] == nil { add(.lost, "I4", "\(id) (\(name)) has no verdict") }
            if evidence.copies[id] != sha256 {
                add(.lost, "I4", "the private copy of \(id) (\(name)) is not what was dropped")
            }
        }
        if [.inquiry, .payment].contains(files[0].kind) { checkHeard(name, ids) }
        let counting = ids.filter { story.accepted[$0] != nil }
        if counting.count > 1 {
            add(.doubled, "I7", "\(name) was accepted \(counting.count) times")
        }
        if files[0].kind == .wrong, !counting.isEmpty {
            add(.doubled, "I8", "\(name) is wrong as a whole, and was accepted")
        }
        checkPromises(files[0], counting.first)
    }

    /// A counter's message is heard, whatever comes of it, or is a copy of one. Reports are not looked at:
    /// the provider spoils some.
    private mutating func checkHeard(_ name: String, _ ids: [String]) {
        for id in ids {
            for verdict in story.verdicts[id] ?? []
            where !verdict.hasPrefix("callback.") && verdict != "file.duplicate" {
                add(.lost, "I4", "\(id) (\(name)) is a counter's message, and was \(verdict)")
            }
        }
    }

    /// Good rows are taken, faulty ones are not.
    private mutating func checkPromises(_ file: DroppedFile, _ id: String?) {
        guard file.kind.isBatch, let id else {
            if file.kind.isBatch {
                add(.lost, "I4", "\(file.name) is good, and was not accepted")
            }
            return
        }
        if file.kind == .registration { return checkRegistered(file, id) }
        let taken = Set(
            (rowsByFile[id] ?? []).map(\.number) + (requestsByFile[id] ?? []).map(\.name))
        for row in file.rows {
            let isTaken = taken.contains(row.number)
            if row.promise == .good, !isTaken {
                add(.lost, "I5", "\(row.number) of \(file.name) is good, and was not taken")
            }
            if row.promise == .faulty, isTaken {
                add(.false_, "I4", "\(row.number) of \(file.name) is faulty, and was taken")
            }
        }
        let strangers = taken.subtracting(file.rows.map(\.number))
        for number in strangers.sorted() {
            add(.doubled, "I5", "\(number) stands in the log under \(file.name), not in the file")
        }
    }

    /// What was registered has no events of its own, only its number.
    private mutating func checkRegistered(_ file: DroppedFile, _ id: String) {
        let count = story.accepted[id]?.count ?? 0
        if count != file.rows.count {
            add(.lost, "I5", "\(count) of the \(file.rows.count) rows of \(file.name) were taken")
        }
    }

    /// One batch id of a sender counts once.
    private mutating func checkBatches() {
        var seen: Set<String> = []
        for file in evidence.dropped where file.kind.isBatch {
            let isNew = seen.insert(file.sha256).inserted
            guard isNew, (filesByContent[file.sha256] ?? []).contains(where: isAccepted) else {
                continue
            }
            if !seen.insert(file.sender + "/" + file.batch).inserted {
                add(.doubled, "I7", "two contents of batch \(file.batch) were accepted")
            }
        }
    }

    private func isAccepted(_ id: String) -> Bool { story.accepted[id] != nil }

    private mutating func checkRows() {
        var seen: [String: Int] = [:]
        for (place, row) in story.rows.sorted(by: { $0.key < $1.key }) {
            seen[place.file, default: 0] += 1
            if !row.isOver {
                add(.lost, "I13", "\(row.number) (\(place)) never ends: \(row.standing)")
            }
        }
        for (place, request) in story.requests.sorted(by: { $0.key < $1.key }) {
            seen[place.file, default: 0] += 1
            if !request.isOver {
                add(.lost, "I13", "\(request.name) (\(place)) never ends: \(request.standing)")
            }
        }
        for (id, batch) in story.accepted.sorted(by: { $0.key < $1.key })
        where !batch.isRegistration && seen[id, default: 0] != batch.count {
            let sent = seen[id, default: 0]
            add(.lost, "I5", "\(id): \(batch.count) rows were accepted, \(sent) were sent")
        }
        for id in seen.keys.sorted() where story.accepted[id] == nil {
            add(.doubled, "I4", "rows of \(id) were sent, and it was never accepted")
        }
    }
}
