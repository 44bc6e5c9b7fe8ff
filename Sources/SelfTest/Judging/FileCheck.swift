/// The promises about files (I4, I5, I7, I13): each has one verdict, its bytes are kept, every good
/// row of it is taken and comes to an end, and none of them comes from nowhere.
struct FileCheck {
    let evidence: Evidence
    let story: LogStory
    private let filesByContent: [String: [String]]
    private let rowsByFile: [String: [LogStory.Row]]
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: LogStory) {
        self.evidence = evidence
        self.story = story
        filesByContent = story.filesByContent
        rowsByFile = story.rowsByFile
    }

    mutating func run() {
        for (sha256, files) in Dictionary(grouping: evidence.dropped, by: \.sha256)
            .sorted(by: { $0.value[0].name < $1.value[0].name })
        {
            checkContent(sha256, files)
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
        let counting = ids.filter { story.accepted[$0] != nil }
        if counting.count > 1 {
            add(.doubled, "I7", "\(name) was accepted \(counting.count) times")
        }
        if files[0].kind == .wrong, !counting.isEmpty {
            add(.doubled, "I8", "\(name) is wrong as a whole, and was accepted")
        }
        checkPromises(files[0], counting.first)
    }

    /// Good rows are taken, faulty ones are not.
    private mutating func checkPromises(_ file: DroppedFile, _ id: String?) {
        guard file.kind == .batch, let id else {
            if file.kind == .batch {
                add(.lost, "I4", "\(file.name) is good, and was not accepted")
            }
            return
        }
        let taken = Set((rowsByFile[id] ?? []).map(\.number))
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

    /// One batch id of a sender counts once.
    private mutating func checkBatches() {
        var seen: Set<String> = []
        for file in evidence.dropped where file.kind == .batch {
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
        for (id, count) in story.accepted.sorted(by: { $0.key < $1.key })
        where seen[id, default: 0] != count {
            add(
                .lost, "I5", "\(id): \(count) rows were accepted, \(seen[id, default: 0]) were sent"
            )
        }
        for id in seen.keys.sorted() where story.accepted[id] == nil {
            add(.doubled, "I4", "rows of \(id) were sent, and it was never accepted")
        }
    }
}
