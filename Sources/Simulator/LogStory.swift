import OrderedJSON

/// What the audit log says, event by event, read by its own reader: nothing of the runner's is used.
struct LogStory {
    /// One row of one file.
    struct Row {
        var number: String
        /// The action of a row that is no payout; empty for payouts.
        var action = ""
        var last = ""
        /// Body hashes of its intents.
        var intents: [String] = []
        var amount: String?
        var possiblySent = false
        /// A person settled it. What a person has sent again is SkyPay's to settle.
        var isResolved = false
        /// The line it begins on, by which responses tell of it.
        var line = 0
    }

    struct Batch {
        var action: String
        var accepted: Int
        var total: Int
        /// Sums in the file's own words.
        var acceptedAmount: String?
        var totalAmount: String?

        /// A registration waits for the counter: its rows have no events of their own.
        var hasStories: Bool { action != "registerPayout" }
    }

    /// By `file/row`.
    private(set) var rows: [String: Row] = [:]
    private(set) var verdicts: [String: [String]] = [:]
    private(set) var claims: [String: (sha256: String, output: String)] = [:]
    /// Files claimed with this content.
    private(set) var claimed: [String: Int] = [:]
    private(set) var batches: [String: Batch] = [:]
    /// Hashes of what was promised, by name in the outbox.
    private(set) var prepared: [String: String] = [:]
    private(set) var published: [String: Int] = [:]
    /// How often a payment at the counter was booked, by control number.
    private(set) var paidAtCounter: [String: Int] = [:]
    /// What the first verdict on each file owes its sender.
    private(set) var owed: [String: Owed] = [:]
    /// Rows with an intent that no request has used up, by body hash. One of a process that ended before
    /// it sent is gone with the next intent of its row, and with an answer: it covers nothing later.
    private var intents: [String: [String]] = [:]
    private(set) var events = 0
    /// Words of a person that were taken.
    private(set) var words = 0
    private(set) var lastType = ""
    private(set) var violations: [String] = []

    /// Takes in one line of the log.
    /// - Returns: the row that came to an end by it; nil when none did.
    @discardableResult
    mutating func take(_ line: [UInt8]) -> (key: String, row: Row)? {
        guard let event = try? JSONValue(parsing: line), let type = event["type"]?.stringValue
        else {
            violations.append("log: line \(events) is no event")
            return nil
        }
        if event["seq"]?.integerValue != events {
            violations.append("log: event \(events) has another number")
        }
        events += 1
        lastType = type
        let file = event["subject"]?["file"]?.stringValue ?? ""
        let data = event["data"]
        switch type {
        case "file.claimed":
            let sha256 = data?["sha256"]?.stringValue ?? ""
            claims[file] = (sha256, Owed.output(data))
            claimed[sha256, default: 0] += 1
        case "batch.accepted", "file.rejected", "file.duplicate", "file.quarantined",
            "callback.received", "callback.paid", "callback.collected":
            verdicts[file, default: []].append(type)
            takeOwed(file, type, data)
            if type == "batch.accepted" { batches[file] = Self.batch(data) }
            if type == "callback.paid" {
                let number = event["subject"]?["controlNumber"]?.stringValue ?? ""
                paidAtCounter[number, default: 0] += 1
            }
        case "response.prepared": promise(data)
        case "response.published":
            published[data?["name"]?.stringValue ?? "", default: 0] += 1
        default: return takeRow(event, type, file)
        }
        return nil
    }

    private static func batch(_ data: JSONValue?) -> Batch {
        let (counts, amounts) = (data?["counts"], data?["amounts"])
        return Batch(
            action: data?["action"]?.stringValue ?? "",
            accepted: counts?["accepted"]?.integerValue ?? 0,
            total: counts?["total"]?.integerValue ?? 0,
            acceptedAmount: amounts?["accepted"]?.stringValue,
            totalAmount: amounts?["total"]?.stringValue)
    }

    /// Promised again after a crash is fine; promised otherwise is not.
    private mutating func promise(_ data: JSONValue?) {
        let name = data?["name"]?.stringValue ?? ""
        let sha256 = data?["sha256"]?.stringValue ?? ""
        if let first = prepared[name], first != sha256 {
            violations.append("I6: \(name) was promised twice, and not the same bytes")
        }
        prepared[name] = sha256
    }

    private mutating func takeRow(
        _ event: JSONValue, _ type: String, _ file: String
    ) -> (key: String, row: Row)? {
        guard
            type.utf8.starts(with: "payout.".utf8) || type.utf8.starts(with: "batch.request".utf8),
            let row = event["subject"]?["row"]?.integerValue
        else { return nil }
        let (key, data) = ("\(file)/\(row)", event["data"])
        let number = event["subject"]?["controlNumber"]?.stringValue ?? ""
        var story = rows[key] ?? Row(number: number)
        story.action = data?["action"]?.stringValue ?? ""
        story.amount = data?["amount"]?.stringValue ?? story.amount
        story.line = event["subject"]?["line"]?.integerValue ?? story.line
        // What SkyPay has answered, or will not answer any more, has arrived or never will.
        if data?["source"]?.stringValue == "answer" { forgetIntents(of: key, story) }
        switch type {
        // Told, asked, contradicted: nothing that moves a row.
        case "payout.queried", "payout.reported", "payout.disputed", "batch.request-queried",
            "batch.request-reported":
            break
        case "payout.intended", "batch.request-intended":
            let body = data?["bodySha256"]?.stringValue ?? ""
            forgetIntents(of: key, story)
            story.intents.append(body)
            intents[body, default: []].append(key)
            story.last = type
        case "payout.held", "batch.request-held":
            story.possiblySent = data?["possiblySent"]?.booleanValue ?? false
            story.last = type
        case "payout.resolved":
            words += 1
            let word = data?["as"]?.stringValue ?? ""
            story.isResolved = word != "resend"
            story.last = word == "resend" ? "payout.unsent" : "payout." + word
        case "batch.request-resolved":
            words += 1
            story.isResolved = true
            let isDone = data?["as"]?.stringValue == "done"
            story.last = isDone ? "batch.request-confirmed" : "batch.request-failed"
        default: story.last = type
        }
        rows[key] = story
        return story.last == type && story.isOver ? (key, story) : nil
    }

    // MARK: Intents

    private mutating func forgetIntents(of key: String, _ row: Row) {
        guard let body = row.intents.last else { return }
        intents[body]?.removeAll { $0 == key }
    }

    /// A request has arrived: it uses up an intent with its body.
    /// - Returns: false when there is none.
    mutating func useIntent(_ body: String) -> Bool { intents[body]?.popLast() != nil }

    // MARK: Responses

    private mutating func takeOwed(_ file: String, _ type: String, _ data: JSONValue?) {
        guard owed[file] == nil else { return }
        let first = data?["duplicateOf"]?.stringValue.flatMap { owed[$0] }
        owed[file] = Owed(
            output: claims[file]?.output ?? Owed.output(data), type, data, copyOf: first)
    }
}

extension LogStory.Row {
    /// It waits for a person.
    var isHeld: Bool { last == "payout.held" || last == "batch.request-held" }

    /// Nothing more is to come of it without a person.
    var isOver: Bool {
        [
            "payout.paid", "payout.failed", "payout.refused", "payout.held", "payout.cancelled",
            "batch.request-confirmed", "batch.request-failed", "batch.request-refused",
            "batch.request-held", "batch.request-answered",
        ].contains(last)
    }
}

extension LogStory {
    /// Nothing is under way: every file has its verdict, every row has come to an end, every promise is
    /// kept.
    var isSettled: Bool {
        let accepted = batches.values.reduce(0) { $0 + ($1.hasStories ? $1.accepted : 0) }
        return rows.count == accepted && rows.values.allSatisfy(\.isOver)
            && claims.keys.allSatisfy { verdicts[$0] != nil }
            && prepared.keys.allSatisfy { published[$0] != nil }
    }
}
