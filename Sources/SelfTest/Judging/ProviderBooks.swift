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
        /// The payee's particulars were changed.
        var isAmended = false
        fileprivate var change: String?
    }

    /// By control number.
    var payouts: [String: Payout] = [:]
    /// Orders and transfers, by the SHA-256 of their body.
    private(set) var orders: [Request] = []
    /// How often each amount went to another account, in centavos.
    private(set) var transfers: [Int64: Int] = [:]
    /// Numbers of orders that took effect, if at all, long after their connection was gone: later than
    /// the runner, with its waits of a second, has reason to expect.
    private(set) var lateOrders: Set<String> = []
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
            if let request = json["request"] { noteLate(request) }
        case "order":
            guard let body = json["bodySha256"]?.stringValue else { return false }
            orders.append(Request(body: body, at: at))
        case "moved":
            guard let notices = json["notices"]?.arrayValue else { return false }
            for notice in notices { noteTransfer(notice) }
        case "opened", "barcode", "collected": break
        default:
            guard let number = json["controlNumber"]?.stringValue else { return false }
            return take(event, json, number, at)
        }
        return true
    }

    private mutating func noteLate(_ request: JSONValue) {
        let action = request["action"]?.stringValue
        guard action == "cancelPayout" || action == "amendTransactionV2" else { return }
        let single = request["controlNumber"]?.stringValue.map { [$0] } ?? []
        let listed = request["controlNumbers"]?.arrayValue ?? []
        lateOrders.formUnion(single + listed.compactMap { $0["controlNumber"]?.stringValue })
    }

    /// Both accounts are told of a transfer (statementType 3); the one that pays counts.
    private mutating func noteTransfer(_ notice: JSONValue) {
        guard notice["statementType"]?.scalarText == "3",
            notice["signType"]?.stringValue == "reduce",
            let centavos = notice["amount"]?.scalarText.flatMap(Money.centavos)
        else { return }
        transfers[centavos, default: 0] += 1
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
            payout.change =
                json["succeeds"]?.booleanValue == true ? json["kind"]?.stringValue : nil
        case "changed":
            if payout.change == "cancel" { payout.standing = .cancelled }
            if payout.change == "amend" { payout.isAmended = true }
            payout.change = nil
        default: return false
        }
        payouts[number] = payout
        return true
    }
}
