public import OrderedJSON

/// What SkyPay tells or asks the partner (`skypay-api.md §3`).
public enum Callback: Sendable, Equatable {
    /// What became of a payout.
    case payoutQueuePayout(PayoutResult)
    /// A movement on an account.
    case financeNotification(FinanceNotification)
    /// May this payout be paid at a counter?
    case payoutInquiry(PayoutInquiry)
    /// It was paid at a counter.
    case payoutPayout(PayoutPayout)
    /// May money be taken for this contract?
    case collectionInquiry(CollectionInquiry)
    /// It was taken.
    case collectionCollect(CollectionCollect)

    private static let names = [
        "payoutQueuePayout", "payoutInquiry", "payoutPayout", "collectionInquiry",
        "collectionCollect", "financeNotification",
    ]
    /// Names SkyPay's own pages use besides.
    private static let aliases = ["collectionIcnquiry": "collectionInquiry"]

    /// Every `action` of a callback, aliases included, by its exact name.
    public static let actions = Set(names).union(aliases.keys)

    /// The contract's name of the callback in an object, whatever its other fields hold; nil when
    /// it is none.
    public static func action(of object: JSONObject) -> String? {
        guard let written = object.caseInsensitive("action")?.scalarText else { return nil }
        return aliases[written] ?? names.first { $0 == written }
    }

    /// Characters of a control number in a callback, at most.
    public static let maxControlNumberLength = 50

    /// The callback in an object; keys whatever their letter case, scalars as string or number.
    /// - Throws: `CallbackError` when it is no callback, or misses what its action needs.
    public static func parse(_ object: JSONObject) throws(CallbackError) -> Callback {
        let fields = CallbackFields(object)
        let written = try fields.required("action")
        guard actions.contains(written) else {
            throw CallbackError(code: .notACallback, field: "action")
        }
        let action = aliases[written] ?? written
        if let table = ActionTable.of(action) { try fields.check(against: table) }
        if let callback = try counterCallback(action, fields) { return callback }
        if action == "payoutQueuePayout" { return .payoutQueuePayout(try payoutResult(fields)) }
        return .financeNotification(try notification(fields))
    }

    /// The contract's name of this callback.
    public var action: String {
        switch self {
        case .payoutQueuePayout: "payoutQueuePayout"
        case .financeNotification: "financeNotification"
        case .payoutInquiry: "payoutInquiry"
        case .payoutPayout: "payoutPayout"
        case .collectionInquiry: "collectionInquiry"
        case .collectionCollect: "collectionCollect"
        }
    }

    /// What makes two deliveries the same event; nil for inquiries, which may be asked again and
    /// are answered as things stand then. A time counts by what it says, not by how it is written.
    public var idempotencyKey: [String]? {
        switch self {
        case .payoutQueuePayout(let result):
            [
                "payoutQueuePayout", result.controlNumber, String(result.payType.rawValue),
                PhilippineTime.canonical(wire: result.dealTime),
            ]
        case .financeNotification(let notification):
            ["financeNotification", notification.referenceNumber, notification.accountNo]
        case .payoutPayout(let payment):
            [
                "payoutPayout", payment.controlNumber, payment.withdrawChannel,
                PhilippineTime.canonical(wire: payment.payTime),
            ]
        case .collectionCollect(let payment):
            ["collectionCollect", payment.contractNumber, payment.receiptNumber]
        case .payoutInquiry, .collectionInquiry: nil
        }
    }

    /// Whether the answer to an action must be 1000 whatever was found.
    public static func alwaysAnswersSuccess(_ action: String) -> Bool {
        action == "payoutQueuePayout" || action == "financeNotification"
    }

    /// Whether userName and authentication are ours. Takes the same time wherever they differ.
    public static func credentialsMatch(
        _ object: JSONObject, _ credentials: SkyPayCredentials
    ) -> Bool {
        func text(_ name: String) -> String { object.caseInsensitive(name)?.scalarText ?? "" }
        let user = equalInConstantTime(text("userName"), credentials.userName)
        let secret = equalInConstantTime(text("authentication"), credentials.authentication)
        return user && secret
    }

    /// Opens a message as SkyPay sends it, or as plain JSON, with the present or previous key.
    /// - Throws: `EnvelopeError` when neither key opens it.
    public static func open(
        _ text: [UInt8], _ credentials: SkyPayCredentials
    ) throws(EnvelopeError) -> [UInt8] {
        try credentials.open(text)
    }

    /// As `open`, and whether it took the previous key: SkyPay uses that key still, so the answer is
    /// sealed with it too.
    /// - Throws: `EnvelopeError` when neither key opens it.
    public static func openTelling(
        _ text: [UInt8], _ credentials: SkyPayCredentials
    ) throws(EnvelopeError) -> (text: [UInt8], withPrevious: Bool) {
        try credentials.openTelling(text)
    }

    private static func payoutResult(
        _ fields: CallbackFields
    ) throws(CallbackError) -> PayoutResult {
        let controlNumber = try fields.number("controlNumber", or: "contractNumber")
        guard let payType = Int(try fields.required("payType")).flatMap(PayType.init) else {
            throw CallbackError(code: .invalid, field: "payType")
        }
        return PayoutResult(
            controlNumber: controlNumber, payType: payType,
            dealTime: fields.optional("dealTime") ?? "",
            failDescription: fields.optional("failDescription"),
            referenceNumber: fields.optional("referenceNumber"))
    }

    static func notification(
        _ fields: CallbackFields
    ) throws(CallbackError) -> FinanceNotification {
        guard let statementType = Int(try fields.required("statementType")),
            (1...6).contains(statementType)
        else { throw CallbackError(code: .invalid, field: "statementType") }
        let sign = try fields.required("signType").lowercased()
        guard let signType = FinanceNotification.SignType(rawValue: sign) else {
            throw CallbackError(code: .invalid, field: "signType")
        }
        return FinanceNotification(
            transactionDate: fields.optional("transctionDate")
                ?? fields.optional("transactionDate"),
            companyPrefix: try fields.required("companyPrefix"),
            companyName: fields.optional("companyName"),
            accountNo: try fields.required("accountNo"),
            sourceAccountNo: fields.optional("sourceAccountNo"),
            beneficiaryAccountNo: fields.optional("beneficiaryAccountNo"),
            statementType: statementType, signType: signType,
            amount: try fields.required("amount"),
            currency: try fields.required("currency"),
            referenceNumber: try fields.required("referenceNumber"))
    }

    private static func equalInConstantTime(_ given: String, _ ours: String) -> Bool {
        let left = Array(given.utf8)
        let right = Array(ours.utf8)
        var difference = left.count ^ right.count
        for index in right.indices {
            difference |= Int((index < left.count ? left[index] : 0) ^ right[index])
        }
        return difference == 0 && !right.isEmpty
    }
}

/// A callback's scalars, read as tolerantly as `skypay-api.md §1` asks.
struct CallbackFields {
    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// A scalar's text; nil when absent, null or "".
    func optional(_ name: String) -> String? {
        object.caseInsensitive(name)?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The first thing the table finds wrong (`ActionTable.check(callback:)`).
    func check(against table: ActionTable) throws(CallbackError) {
        guard let fault = table.check(callback: object).first else { return }
        let isMissing = fault.code == FieldFaultCode.missing
        throw CallbackError(code: isMissing ? .missing : .invalid, field: fault.field)
    }

    /// A scalar that must be there, perhaps under its other name.
    func required(_ name: String, or alias: String? = nil) throws(CallbackError) -> String {
        if let text = optional(name) ?? alias.flatMap(optional) { return text }
        throw CallbackError(code: .missing, field: name)
    }
}
