import OrderedJSON

/// The provider's own ledger, read line by line from its file: neither the sandbox's code nor the
/// runner's has a part in it.
struct ProviderBooks: Sendable {
    /// How a payout stands at the provider.
    enum Standing: String, Sendable {
        /// No money was ever moved.
        case nothing
        /// Taken on, and not at its end.
        case open
        case paid
        case failed
        case cancelled
    }

    /// A request that arrived.
    struct Request: Sendable, Equatable {
        /// SHA-256 of its JSON.
        var body: String
        /// Microseconds since 1970.
        var at: Int64
    }

    /// One control number.
    struct Payout: Sendable {
        var requests: [Request] = []
        /// What was moved, in centavos, once for every time it was moved.
        var moved: [Int64] = []
        var standing = Standing.nothing
        fileprivate var fails = false
        fileprivate var isBeingCancelled = false
    }

    /// By control number.
    var payouts: [String: Payout] = [:]
    /// Orders about payouts, by the SHA-256 of their body.
    private(set) var orders: [Request] = []
    /// Requests whose connection closed and that will take effect later, by their number.
    private(set) var waiting: Set<Int> = []

    init() {}

    /// Reads `ledger.jsonl`. A last line without its end was never relied on.
    /// - Throws: `SelfTestError` when a line cannot be read.
    init(lines bytes: [UInt8]) throws(SelfTestError) {
        let whole = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
        for (index, line) in bytes[..<whole].split(separator: 0x0A).enumerated() {
            guard let json = try? JSONValue(parsing: Array(line)), take(json) else {
                throw SelfTestError("line \(index + 1) of the provider's ledger cannot be read")
            }
        }
    }

    /// What was moved in all, in centavos.
    var moved: Int64 { payouts.values.reduce(0) { $0 + $1.moved.reduce(0, +) } }

    private mutating func take(_ json: JSONValue) -> Bool {
        guard let event = json["event"]?.stringValue else { return false }
        let at = json["at"]?.integerValue.map(Int64.init) ?? 0
        switch event {
        case "deferred", "resumed":
            guard let id = json["id"]?.integerValue else { return false }
            if event == "deferred" { waiting.insert(id) } else { waiting.remove(id) }
        case "order":
            guard let body = json["bodySha256"]?.stringValue else { return false }
            orders.append(Request(body: body, at: at))
        case "opened", "barcode", "collected", "moved": break
        default:
            guard let number = json["controlNumber"]?.stringValue else { return false }
            return take(event, json, number, at)
        }
        return true
    }

    private mutating func take(
        _ event: String, _ json: JSONValue, _ number: String, _ at: Int64
    ) -> Bool {
        var payout = payouts[number] ?? Payout()
        switch event {
        case "request":
            guard let body = json["bodySha256"]?.stringValue else { return false }
            payout.requests.append(Request(body: body, at: at))
        case "applied":
            guard let amount = json["amount"]?.stringValue.flatMap(Money.centavos) else {
                return false
            }
            payout.moved.append(amount)
            payout.fails = json["fails"]?.booleanValue ?? false
            payout.standing = .open
        case "uploaded": break
        case "settled": payout.standing = payout.fails ? .failed : .paid
        case "changing":
            payout.isBeingCancelled =
                json["kind"]?.stringValue == "cancel" && json["succeeds"]?.booleanValue == true
        case "changed":
            if payout.isBeingCancelled { payout.standing = .cancelled }
            payout.isBeingCancelled = false
        default: return false
        }
        payouts[number] = payout
        return true
    }
}
