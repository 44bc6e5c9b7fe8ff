import OrderedJSON

/// The promises about responses (I3, I5, I6): each is out once, in the bytes that were promised and
/// first seen, and what it tells its sender is what the provider has.
struct ResponseCheck {
    let evidence: Evidence
    let story: LogStory
    private let filesByContent: [String: [String]]
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: LogStory) {
        self.evidence = evidence
        self.story = story
        filesByContent = story.filesByContent
    }

    mutating func run() {
        for (name, hashes) in story.prepared.sorted(by: { $0.key < $1.key }) {
            checkPromise(name, hashes)
        }
        for (name, count) in story.published.sorted(by: { $0.key < $1.key }) where count > 1 {
            add(.broken, "I6", "\(name) was published \(count) times")
        }
        for name in evidence.outbox.keys.sorted() where story.prepared[name] == nil {
            add(.broken, "I6", "\(name) lies in the outbox and was never promised")
        }
        var seen: Set<String> = []
        for file in evidence.dropped where file.kind == .batch {
            // Copies of a file have its answer.
            if seen.insert(file.sha256).inserted { checkSums(file) }
        }
        for name in story.prepared.keys.sorted() where Self.isTable(name) { checkTold(name) }
    }

    private mutating func add(_ harm: Finding.Harm, _ invariant: String, _ text: String) {
        findings.append(Finding(harm: harm, invariant: invariant, text: text))
    }

    private mutating func checkPromise(_ name: String, _ hashes: [String]) {
        // Promised again after a crash is fine; promised otherwise is not.
        if Set(hashes).count > 1 {
            add(.broken, "I6", "\(name) was promised twice, and not the same bytes")
        }
        guard let bytes = evidence.outbox[name] else {
            add(.lost, "I6", "\(name) was promised and is not in the outbox")
            return
        }
        let sha256 = SHA256Text.of(bytes)
        if let promised = hashes.first, sha256 != promised {
            add(.false_, "I6", "\(name) is not what was promised")
        }
        if let first = evidence.firstSeen[name], sha256 != first {
            add(.false_, "I6", "\(name) was altered after it was there")
        }
    }

    // MARK: What it tells

    private static func isTable(_ name: String) -> Bool {
        name.hasSuffix(".final.json") || name.hasSuffix(".result.json")
    }

    private func document(_ name: String) -> JSONValue? {
        evidence.outbox[name].flatMap { try? JSONValue(parsing: $0) }
    }

    /// Each row it tells of stands so at the provider. A result may say accepted of what was paid
    /// since; nothing else may be behind.
    private mutating func checkTold(_ name: String) {
        for row in document(name)?["rows"]?.arrayValue ?? [] {
            guard let number = row["controlNumber"]?.stringValue,
                let outcome = row["outcome"]?.stringValue
            else {
                add(.broken, "I6", "\(name) has a row without number or outcome")
                continue
            }
            let standing = evidence.provider.payouts[number]?.standing ?? .nothing
            let mayBeSent = row["possiblySent"]?.booleanValue ?? false
            let isTrue =
                switch outcome {
                case "paid": standing == .paid
                case "failed": standing == .failed
                case "cancelled": standing == .cancelled
                case "accepted": standing != .nothing
                case "refused": standing == .nothing
                case "held": standing == .nothing || mayBeSent
                default: false
                }
            if !isTrue {
                add(
                    .false_, "I3",
                    "\(name) tells \(number) as \(outcome); the provider: \(standing.rawValue)")
            }
        }
    }

    // MARK: Sums

    /// Rows and money of the file = those its responses tell of.
    private mutating func checkSums(_ file: DroppedFile) {
        let ids = filesByContent[file.sha256] ?? []
        guard let id = ids.first(where: { story.accepted[$0] != nil }),
            let name = story.claims[id]?.outputName
        else { return }
        guard let ack = document(name + ".ack.json") else {
            add(.lost, "I5", "\(name) has no acknowledgement that can be read")
            return
        }
        let total = file.rows.reduce(0) { $0 + $1.centavos }
        if ack["counts"]?["total"]?.integerValue != file.rows.count
            || amount(ack, "total") != total
        {
            add(.false_, "I5", "\(name).ack.json: \(file.rows.count) rows were dropped")
        }
        guard let table = document(name + ".final.json") ?? document(name + ".result.json") else {
            add(.lost, "I5", "\(name) has no result that can be read")
            return
        }
        let rows = table["rows"]?.arrayValue ?? []
        let told = rows.reduce(0) { sum, row in
            sum + (row["amount"]?.stringValue.flatMap(Money.centavos) ?? 0)
        }
        let rejected = ack["counts"]?["rejected"]?.integerValue ?? 0
        if rows.count + rejected != file.rows.count
            || told + (amount(ack, "rejected") ?? 0) != total
        {
            add(
                .lost, "I5",
                "\(name): \(file.rows.count) rows, \(Money.text(total)) came in; told of are "
                    + "\(rows.count) and \(rejected) rejected, \(Money.text(told)) of them sent")
        }
    }

    private func amount(_ ack: JSONValue, _ name: String) -> Int64? {
        ack["amounts"]?[name]?.stringValue.flatMap(Money.centavos)
    }
}
