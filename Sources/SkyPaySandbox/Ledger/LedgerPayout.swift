import OrderedJSON
import SkyPay

/// One control number, with or without money moved under it.
struct LedgerPayout: Sendable {
    /// How far it has come; the raw values are what the admin call shows.
    enum Stage: String, Sendable {
        /// No request was applied.
        case none
        case pending
        /// Waits at a store.
        case uploaded
        /// A cancellation is under way.
        case cancelling
        case completed
        case cancelled
        case failed
    }

    let controlNumber: String
    let firstAt: Int64
    /// When the last request for it came.
    var lastAt: Int64
    var requests = 0
    var bodies: [String] = []
    var applied = 0
    /// What was taken on; nil when nothing was.
    var payout: AppliedPayout?
    /// The sender's particulars as they stand after amendments.
    var particulars: JSONObject = [:]
    /// The store's reference, once uploaded.
    var reference = ""
    var uploadedAt: Int64?
    var settledAt: Int64?
    var cancelledAt: Int64?
    /// The change under way.
    var change: PayoutChange?

    init(controlNumber: String, firstAt: Int64) {
        self.controlNumber = controlNumber
        self.firstAt = firstAt
        lastAt = firstAt
    }

    var stage: Stage {
        guard let payout else { return .none }
        if cancelledAt != nil { return .cancelled }
        if settledAt != nil { return payout.fails ? .failed : .completed }
        guard uploadedAt != nil else { return .pending }
        return change?.kind == .cancel ? .cancelling : .uploaded
    }

    /// The stage a slow copy of the provider's tables would still show.
    var staleStage: Stage {
        switch stage {
        case .none, .pending, .uploaded: payout == nil ? .none : .pending
        case .cancelling, .cancelled: .uploaded
        case .completed, .failed: uploadedAt == nil ? .pending : .uploaded
        }
    }

    /// ML numbers its payouts; the others do not.
    var isML: Bool { payout?.channel == "1" }

    /// A text of the request, as amended.
    func text(_ name: String) -> String { particulars[name]?.stringValue ?? "" }

    /// The row of the admin call. `bodySha256` is the last body's, `bodies` are all.
    var json: JSONValue {
        let at = payout?.at ?? firstAt
        return [
            "controlNumber": .string(controlNumber),
            "amount": payout.map { .string($0.amount.text) } ?? .null,
            "status": .string(stage.rawValue),
            "requests": .number(String(requests)), "applied": .number(String(applied)),
            "at": .string(PhilippineTime.rfc3339(unixMicroseconds: at)),
            "bodySha256": bodies.last.map { .string($0) } ?? .null,
            "bodies": .array(bodies.map { .string($0) }),
            "channel": payout.map { .string($0.channel) } ?? .null,
            "name": payout == nil ? .null : .string(text("name")),
            "reference": .string(reference),
        ]
    }
}
