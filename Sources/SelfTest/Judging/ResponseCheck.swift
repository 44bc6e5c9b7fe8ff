import OrderedJSON

/// The promises about responses (I3, I5, I6): each is out once, in the bytes that were promised and
/// first seen, and what it tells its sender is what the provider has.
struct ResponseCheck {
    let evidence: Evidence
    let story: RecordedStory
    private let truth: RequestTruth
    private let filesByContent: [String: [String]]
    /// File ids by what their responses are called.
    let filesByOutput: [String: String]
    /// What rows that wait for nobody any more are called, by file.
    let ended: [String: Set<String>]
    /// What corrections tell of rows, by the file's name in the outbox.
    let corrected: [String: [String: String]]
    private(set) var findings: [Finding] = []

    init(_ evidence: Evidence, _ story: RecordedStory) {
        self.evidence = evidence
        self.story = story
        truth = RequestTruth(evidence.provider)
        filesByContent = story.filesByContent
        filesByOutput = Dictionary(
            story.claims.map { ($0.value.outputName, $0.key) }
        ) { first, _ in first }
        ended = Self.ended(story)
        corrected = Self.corrected(evidence, story)
    }

    mutating func run() {
        for (name, hashes) in story.prepared.sorted(by: { $0.key < $1.key }) {
            checkPromise(name, hashes)
        }
        checkOwed()
        for (name, count) in story.published.sorted(by: { $0.key < $1.key }) where count > 1 {
            add(.broken, "I6", "\(name) was published \(count) times")
        }
        for name in evidence.outbox.keys.sorted() where story.prepared[name] == nil {
            add(.broken, "I6", "\(name) lies in the outbox and was never promised")
        }
        var seen: Set<String> = []
        for file in evidence.dropped where file.kind.isBatch {
            // Copies of a file have its answer.
            if seen.insert(file.sha256).inserted { checkSums(file) }
        }
        for name in story.prepared.keys.sorted() where Self.isTable(name) {
            checkTold(name)
            checkTwin(name)
            checkCorrected(name)
        }
    }

    mutating func add(_ harm: Finding.Harm, _ invariant: String, _ text: String) {
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
            || name.contains(".correction.") && name.hasSuffix(".json")
    }

    func document(_ name: String) -> JSONValue? {
        evidence.outbox[name].flatMap { try? JSONValue(parsing: $0) }
    }

    /// Each row it tells of stands so at the provider. A result may say accepted of what was paid
    /// since, or held of what was found; nothing else may be behind, and a final least of all.
    private mutating func checkTold(_ name: String) {
        let document = document(name)
        let action = document?["action"]?.stringValue ?? ""
        for row in document?["rows"]?.arrayValue ?? [] {
            guard let outcome = row["outcome"]?.stringValue,
                let number = Self.number(row)
            else {
                add(.broken, "I6", "\(name) has a row without number or outcome")
                continue
            }
            let isPossiblySent = row["possiblySent"]?.booleanValue ?? false
            let told = Told(
                name: name, action: action, number: number, outcome: outcome,
                isPossiblySent: isPossiblySent)
            guard let differs = differs(told) else { continue }
            add(.false_, "I3", "\(name) tells \(number) as \(outcome); the provider: \(differs)")
        }
    }

    /// A row of a response.
    private struct Told {
        var name: String
        var action: String
        var number: String
        var outcome: String
        var isPossiblySent: Bool

        /// It is the last word about a row: nothing of it is still to come.
        var isFinal: Bool { name.hasSuffix(".final.json") }
    }

    /// How it stands in truth; nil when it is told so.
    private func differs(_ told: Told) -> String? {
        switch told.action {
        case "cancelPayout", "amendTransactionV2", "balanceTransfer": differsAsRequest(told)
        case "registerPayout": differsAsRegistration(told)
        default: differsAsPayout(told)
        }
    }

    private func differsAsPayout(_ told: Told) -> String? {
        let standing = evidence.provider.payouts[told.number]?.standing ?? .nothing
        let isTrue =
            switch told.outcome {
            case "paid": standing == .paid
            case "failed": standing == .failed
            case "cancelled": standing == .cancelled
            case "accepted": !told.isFinal && standing != .nothing
            case "refused": standing == .nothing
            case "held": !told.isFinal && (standing == .nothing || told.isPossiblySent)
            default: false
            }
        return isTrue ? nil : standing.rawValue
    }

    private func differsAsRequest(_ told: Told) -> String? {
        let isDone = truth.isDone(told.action, told.number)
        let isTrue =
            switch told.outcome {
            case "cancelled", "amended", "transferred": isDone
            case "accepted": !told.isFinal
            case "refused": !isDone
            case "failed": !isDone || truth.mayBeLate(told.number) || isCorrected(told)
            case "held": !told.isFinal && (!isDone || told.isPossiblySent)
            default: false
            }
        return isTrue ? nil : isDone ? "done" : "not done"
    }

    private func differsAsRegistration(_ told: Told) -> String? {
        let isBooked = story.booked.contains(told.number)
        let isOpen = told.outcome == "accepted"
        let isTrue = isOpen ? !told.isFinal : (told.outcome == "paid") == isBooked
        return isTrue ? nil : isBooked ? "booked" : "not booked"
    }

    /// What was learned after the final response stands in a correction: this order was done after all.
    private func isCorrected(_ told: Told) -> Bool {
        let now = corrected[Self.base(told.name)]?[told.number]
        return now == "cancelled" || now == "amended"
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
        // Orders have no amounts, and so no sums.
        let hasAmounts = file.kind != .orders
        if ack["counts"]?["total"]?.integerValue != file.rows.count
            || hasAmounts && amount(ack, "total") != total
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
            || hasAmounts && told + (amount(ack, "rejected") ?? 0) != total
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
