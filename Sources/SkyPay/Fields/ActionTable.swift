/// The fields of one action, registration or callback: the one description of each.
public struct ActionTable: Sendable {
    /// Who has the fields written.
    public enum Kind: Sendable, Equatable {
        /// The partner, for SkyPay.
        case action
        /// The partner, for this program: what to answer at a counter.
        case registration
        /// SkyPay, for the partner.
        case callback
    }

    /// The wire name of the action.
    public let name: String
    /// What it is for, in one line.
    public let summary: String
    /// Where the contract has it: `skypay-api.md §2, 3.1`.
    public let source: String
    /// Who has the fields written.
    public let kind: Kind
    /// The channels `withdrawChannel` may name; empty where there is none.
    public let channels: [PayoutChannel]
    /// Every field, in the order of the contract; the three that every request has are left out.
    public let fields: [FieldSpecification]

    private let indexByName: [String: Int]

    /// Fields of every request, which the program adds; a file never holds them.
    public static let addedByProgram = ["userName", "action", "authentication"]

    init(
        _ name: String, _ kind: Kind, _ source: String, _ summary: String,
        channels: [PayoutChannel] = [], _ fields: [FieldSpecification]
    ) {
        self.name = name
        self.summary = summary
        self.source = source
        self.kind = kind
        self.channels = channels
        self.fields = fields
        let pairs = fields.enumerated().map { ($0.element.name, $0.offset) }
        indexByName = Dictionary(pairs) { first, _ in first }
    }

    /// Every action a batch may name, ours included, in the order they are told to people.
    public static let batchActions: [ActionTable] = [
        payoutQueue, payoutQueueV2, amendTransactionV2, cancelPayout, payoutQueryStatus,
        getReportPayout, getReportCollection, balanceQuery, balanceTransfer, generate711Barcode,
        notificationInquiry, getCatalog, registerPayout, registerCollection,
    ]

    /// Every callback.
    public static let callbacks: [ActionTable] = [
        payoutQueuePayout, payoutInquiry, payoutPayout, collectionInquiry, collectionCollect,
        financeNotification,
    ]

    private static let byName = Dictionary(
        (batchActions + callbacks).map { ($0.name, $0) }
    ) { first, _ in first }

    /// The table of an action, a registration or a callback, by its exact wire name.
    public static func of(_ name: String) -> ActionTable? { byName[name] }

    /// The description of one field.
    public func field(_ name: String) -> FieldSpecification? { index(of: name).map { fields[$0] } }

    func index(of name: String) -> Int? { indexByName[name] }

    /// The fields a batch's row may have, in order.
    public var rowFields: [FieldSpecification] { fields.filter(\.standsInRows) }

    /// Whether every row has an amount, and so the batch a control total.
    public var hasAmount: Bool { field("amount") != nil }

    /// The field whose value names what a row is about: `controlNumber`, `contractNumber`, or
    /// none.
    public var keyField: String? {
        ["controlNumber", "contractNumber"].first { field($0)?.form == .controlNumber }
    }
}
