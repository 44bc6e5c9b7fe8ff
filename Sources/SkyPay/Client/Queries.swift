public import OrderedJSON

/// What SkyPay says of a payout (`skypay-api.md §2`, payoutQueryStatus).
public enum PayoutStatus: Sendable, Hashable {
    /// 0
    case pending
    /// 1
    case completed
    /// 2: waits at a store.
    case uploaded
    /// 3; only to be believed with a cancelTime.
    case cancelled
    /// 4
    case failed
    /// 10
    case inquirySuccess
    /// 11
    case inquiryFailure
    /// Anything else, as it came.
    case other(String)

    /// The status of a wire value.
    public init(wire: String) {
        switch wire {
        case "0": self = .pending
        case "1": self = .completed
        case "2": self = .uploaded
        case "3": self = .cancelled
        case "4": self = .failed
        case "10": self = .inquirySuccess
        case "11": self = .inquiryFailure
        default: self = .other(wire)
        }
    }
}

/// One row of an answer to `payoutQueryStatus`. Texts are nil where absent or "".
public struct PayoutStatusRow: Sendable, Equatable {
    /// The number asked about.
    public let controlNumber: String
    /// The status.
    public let status: PayoutStatus
    /// `statusDesc`.
    public let statusDescription: String?
    /// When it was paid, as it came.
    public let payTime: String?
    /// When it was cancelled, as it came.
    public let cancelTime: String?
    /// Code or name of the channel.
    public let withdrawChannel: String?
    /// SkyPay's reference.
    public let referenceNo: String?
    /// ML's trace number.
    public let traceNo: String?
    /// When SkyPay took it, as it came.
    public let transactionDate: String?
    /// The row as it came, unknown fields too.
    public let fields: JSONObject

    /// Reads a row; nil without a control number or a status.
    public init?(_ object: JSONObject) {
        func text(_ name: String) -> String? {
            object.caseInsensitive(name)?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let controlNumber = text("controlNumber"), let status = text("status") else {
            return nil
        }
        self.controlNumber = controlNumber
        self.status = PayoutStatus(wire: status)
        statusDescription = text("statusDesc")
        payTime = text("payTime")
        cancelTime = text("cancelTime")
        withdrawChannel = text("withdrawChannel")
        referenceNo = text("referenceNo")
        traceNo = text("traceNo")
        transactionDate = text("transactionDate")
        fields = object
    }
}

/// What a query of statuses brought.
public enum QueryOutcome: Sendable {
    /// SkyPay answered: a number without a row was not found.
    case rows([PayoutStatusRow])
    /// The query failed, and says nothing about any number.
    case noInformation(reason: String)
    /// Nothing was sent, and SkyPay never saw the query: it does not count as one.
    case notAsked(reason: String)
}

/// What a query of the balance brought. Also the probe for a wrong configuration.
public enum BalanceOutcome: Sendable {
    /// The balance as its text came (it may be negative or have no decimals).
    case balance(String)
    /// SkyPay answered with another code.
    case refused(Answer)
    /// No connection; SkyPay never saw the query.
    case notReachable(reason: String)
    /// No readable answer.
    case noInformation(reason: String)
}

extension SkyPayClient {
    /// Asks for the balance.
    public func balance() async -> BalanceOutcome {
        switch await send(prepare(.balanceQuery, fields: [:])) {
        case .certainlyNotSent(let reason): return .notReachable(reason: reason)
        case .unknown(let reason): return .noInformation(reason: reason)
        case .answered(let answer):
            guard answer.code == .success else { return .refused(answer) }
            guard let balance = answer.fields.caseInsensitive("balance")?.scalarText else {
                return .noInformation(reason: "the answer has no balance")
            }
            return .balance(balance)
        }
    }

    /// Asks about at most 50 control numbers; more, or none, is no information.
    public func queryStatus(_ controlNumbers: [String]) async -> QueryOutcome {
        guard (1...Self.maxNumbersPerQuery).contains(controlNumbers.count) else {
            return .notAsked(
                reason: "a query takes 1 to \(Self.maxNumbersPerQuery) control numbers")
        }
        switch await send(prepareStatusQuery(controlNumbers)) {
        case .certainlyNotSent(let reason): return .notAsked(reason: reason)
        case .unknown(let reason): return .noInformation(reason: reason)
        case .answered(let answer):
            guard answer.code == .success else {
                return .noInformation(
                    reason: "SkyPay answered \(answer.code.rawValue): \(answer.description)")
            }
            return Self.rows(of: answer.fields).about(Set(controlNumbers))
        }
    }

    /// The rows stand in the answer's only array. An answer without one, or with a row that
    /// cannot be read, says nothing: taking it for "not found" could send money twice.
    static func rows(of fields: JSONObject) -> QueryOutcome {
        let arrays = fields.members.compactMap(\.value.arrayValue)
        guard let array = arrays.first, arrays.count == 1 else {
            return .noInformation(reason: "the answer has no list of payouts")
        }
        var rows: [PayoutStatusRow] = []
        for element in array {
            guard let row = element.objectValue.flatMap(PayoutStatusRow.init) else {
                return .noInformation(reason: "the answer has a row that cannot be read")
            }
            rows.append(row)
        }
        return .rows(rows)
    }
}

extension QueryOutcome {
    /// The same, if it speaks of no other numbers than these. An answer that does (to another
    /// question, or with our number in another spelling) says nothing: taking it for "not found"
    /// could send money twice.
    fileprivate func about(_ asked: Set<String>) -> QueryOutcome {
        guard case .rows(let rows) = self else { return self }
        guard rows.allSatisfy({ asked.contains($0.controlNumber) }) else {
            return .noInformation(
                reason: "the answer names a control number that was not asked about")
        }
        return self
    }
}
