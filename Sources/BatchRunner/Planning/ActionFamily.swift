/// How the rows of an action are worked on. Every action of a batch belongs to one family, and a
/// family has one machine (docs/ARCHITECTURE.md, "Families of actions").
enum ActionFamily: String, Sendable, CaseIterable {
    /// Money to a payee: `Payout/`.
    case payout
    /// New particulars, or a cancellation, of a payout that waits at a store. Never changes the
    /// payout's own row.
    case order
    /// Money between our own accounts. Never sent twice, whatever became of the first.
    case transfer
    /// A question: may be asked again until it is answered.
    case enquiry
    /// A question about one payout: shares its turns with those the runner asks for itself.
    case statusEnquiry
    /// A bar code to pay in by: as a question.
    case barCode
    /// What to answer at the counter; nothing is sent.
    case registration

    private static let families: [String: ActionFamily] = [
        "payoutQueue": .payout, "payoutQueueV2": .payout, "amendTransactionV2": .order,
        "cancelPayout": .order, "balanceTransfer": .transfer, "balanceQuery": .enquiry,
        "getReportPayout": .enquiry, "getReportCollection": .enquiry,
        "notificationInquiry": .enquiry, "getCatalog": .enquiry,
        "payoutQueryStatus": .statusEnquiry, "generate711Barcode": .barCode,
        "registerPayout": .registration, "registerCollection": .registration,
    ]

    /// Actions whose rows this version works on: a batch of any other is rejected whole.
    static let served: Set<String> = [
        "payoutQueue", "payoutQueueV2", "amendTransactionV2", "cancelPayout", "balanceTransfer",
        "balanceQuery", "notificationInquiry", "getCatalog", "payoutQueryStatus",
        "generate711Barcode", "getReportPayout", "getReportCollection", "registerPayout",
        "registerCollection",
    ]

    /// The family of an action; nil for what is no action of a batch.
    static func of(_ action: String) -> ActionFamily? { families[action] }

    /// Its rows take a control number for good: no other payout may ever carry it.
    var takesNumber: Bool { self == .payout || self == .registration }

    /// Its rows stand in the ledger's table `requests`, not among the payouts.
    var isRequest: Bool {
        switch self {
        case .payout, .registration: false
        case .order, .transfer, .enquiry, .statusEnquiry, .barCode: true
        }
    }

    /// payoutQueryStatus asks for it, at the pace SkyPay allows for one number.
    var isAskedAbout: Bool {
        switch self {
        case .payout, .order, .statusEnquiry: true
        case .transfer, .enquiry, .barCode, .registration: false
        }
    }

    /// Asking a second time changes nothing at the provider.
    var mayRepeat: Bool {
        switch self {
        case .enquiry, .statusEnquiry, .barCode: true
        case .payout, .order, .transfer, .registration: false
        }
    }
}
