import OrderedJSON

/// What the audit log tells, gathered by file, row and response. It knows the names of events from
/// docs/events.md alone: the runner's own folds have no part in it.
struct RecordedStory: Sendable {
    /// A file that was taken.
    struct Claim: Sendable, Equatable {
        var sha256: String
        /// Below the inbox.
        var name: String
        /// What its responses are called, below the outbox.
        var outputName: String
    }

    /// An intent to send.
    struct Intent: Sendable, Equatable {
        var body: String
        /// Microseconds since 1970.
        var at: Int64
        /// From when on it covers no request: there was a clear answer, or the next intent. A kill may
        /// leave one that was never used; nil while that could still arrive.
        var until: Int64?

        /// The answers after which a request cannot be under way any more. After a wait without one
        /// it can.
        private static let answers: Set<String> = ["accepted", "refused", "unsent", "suspended"]

        /// Ends the last of a row's intents where an event says so.
        static func end(_ intents: inout [Intent], _ word: String, _ event: RecordedEvent) {
            guard let last = intents.indices.last, intents[last].until == nil else { return }
            let isAnswer = answers.contains(word) && event.text("source") == "answer"
            if word == "intended" || isAnswer { intents[last].until = event.at }
        }
    }

    /// One row of a payout batch.
    struct Row: Sendable {
        var number: String
        var centavos: Int64?
        var intents: [Intent] = []
        /// The last event that moved it, without `payout.`.
        var standing = ""
        var possiblySent = false

        /// Nothing more is to be done for it.
        var isOver: Bool { RecordedStory.ends.contains(standing) }
    }

    /// A batch that was taken.
    struct Batch: Sendable, Equatable {
        /// The wire name of what its rows ask for.
        var action: String
        /// Rows that were taken.
        var count: Int

        /// Its rows wait for a counter's callbacks: they have no events of their own.
        var isRegistration: Bool { action.utf8.starts(with: "register".utf8) }
    }

    /// A row's place.
    struct Place: Sendable, Hashable, Comparable, CustomStringConvertible {
        var file: String
        var row: Int

        static func < (first: Place, second: Place) -> Bool {
            (first.file, first.row) < (second.file, second.row)
        }

        var description: String { "row \(row) of \(file)" }
    }

    private(set) var claims: [String: Claim] = [:]
    /// The verdicts on each file, in their order.
    private(set) var verdicts: [String: [String]] = [:]
    /// What the first verdict on each file owes its sender.
    private(set) var owed: [String: Owed] = [:]
    /// Batches that were taken, by file.
    private(set) var accepted: [String: Batch] = [:]
    /// Payouts.
    private(set) var rows: [Place: Row] = [:]
    /// Orders about payouts, and transfers.
    private(set) var requests: [Place: Request] = [:]
    /// Control numbers that were booked as paid at a counter.
    private(set) var booked: Set<String> = []
    /// The hashes that were promised, by response.
    private(set) var prepared: [String: [String]] = [:]
    private(set) var published: [String: Int] = [:]
    /// Intents of orders and transfers.
    var orderIntents: [Intent] { requests.values.flatMap(\.intents) }
    /// Events by type.
    private(set) var counts: [String: Int] = [:]
    /// Payouts nobody knew about, because an answer was lost or spoilt.
    private(set) var unanswered = 0
    /// Payouts nobody knew about, because the runner was killed meanwhile.
    private(set) var interrupted = 0

    static let ends: Set<String> = ["paid", "failed", "refused", "held", "cancelled"]
    private static let fileVerdicts: Set<String> = [
        "batch.accepted", "file.rejected", "file.duplicate", "file.quarantined",
        "callback.received", "callback.paid", "callback.collected",
    ]
    /// Payout events that leave the row where it was.
    private static let remarks: Set<String> = ["queried", "reported", "disputed", "resolved"]

    /// Takes in an event; they have to come in their order.
    mutating func take(_ event: RecordedEvent) {
        counts[event.type, default: 0] += 1
        if Self.fileVerdicts.contains(event.type) { takeVerdict(event) }
        switch event.type {
        case "file.claimed":
            let sender = event.text("sender") ?? ""
            let folder = sender.isEmpty ? "" : sender + "/"
            claims[event.file] = Claim(
                sha256: event.text("sha256") ?? "", name: folder + (event.text("name") ?? ""),
                outputName: folder + (event.text("outputName") ?? ""))
        case "response.prepared":
            prepared[event.text("name") ?? "", default: []].append(event.text("sha256") ?? "")
        case "response.published": published[event.text("name") ?? "", default: 0] += 1
        case "callback.paid": booked.insert(event.number ?? "")
        default:
            takePayout(event)
            takeRequest(event)
        }
    }

    private mutating func takeVerdict(_ event: RecordedEvent) {
        verdicts[event.file, default: []].append(event.type)
        if owed[event.file] == nil {
            let first = event.text("duplicateOf").flatMap { owed[$0] }
            owed[event.file] = Owed(event, copyOf: first)
        }
        if event.type == "batch.accepted" {
            accepted[event.file] = Batch(
                action: event.text("action") ?? "payoutQueue",
                count: event.data["counts"]?["accepted"]?.integerValue ?? 0)
        }
    }

    private mutating func takePayout(_ event: RecordedEvent) {
        guard event.type.utf8.starts(with: "payout.".utf8), let number = event.number,
            let place = event.row.map({ Place(file: event.file, row: $0) })
        else { return }
        let word = String(event.type.dropFirst("payout.".count))
        var row = rows[place] ?? Row(number: number)
        row.centavos = event.text("amount").flatMap(Money.centavos) ?? row.centavos
        Intent.end(&row.intents, word, event)
        if word == "intended" {
            row.intents.append(Intent(body: event.text("bodySha256") ?? "", at: event.at))
        }
        if word == "held" { row.possiblySent = event.data["possiblySent"]?.booleanValue ?? false }
        if word == "unknown" {
            if event.text("source") == "restart" { interrupted += 1 } else { unanswered += 1 }
        }
        if !Self.remarks.contains(word) { row.standing = word }
        rows[place] = row
    }

    private mutating func takeRequest(_ event: RecordedEvent) {
        let prefix = "batch.request-"
        guard event.type.utf8.starts(with: prefix.utf8),
            let place = event.row.map({ Place(file: event.file, row: $0) })
        else { return }
        var request = requests[place] ?? Request(event)
        request.take(String(event.type.dropFirst(prefix.count)), event)
        requests[place] = request
    }
}

extension RecordedStory {
    /// File ids by the hash of their content.
    var filesByContent: [String: [String]] {
        Dictionary(grouping: claims.keys) { claims[$0]?.sha256 ?? "" }
            .mapValues { $0.sorted() }
    }

    /// Rows by control number, in the order of their files.
    var rowsByNumber: [String: [(place: Place, row: Row)]] {
        Dictionary(
            grouping: rows.sorted { $0.key < $1.key }.map { (place: $0.key, row: $0.value) }
        ) { $0.row.number }
    }

    /// Rows by file.
    var rowsByFile: [String: [Row]] {
        Dictionary(grouping: rows) { $0.key.file }.mapValues { $0.map(\.value) }
    }
}
