import SkyPay

/// The two things that happen at a counter; each has numbers of its own.
enum RegistrationKind: String, Sendable, CaseIterable {
    /// Somebody is paid (`registerPayout`; payoutInquiry, payoutPayout).
    case payout
    /// Somebody pays (`registerCollection`; collectionInquiry, collectionCollect).
    case collection

    /// The kind a batch action registers; nil for actions that register nothing.
    init?(action: String) {
        switch action {
        case "registerPayout": self = .payout
        case "registerCollection": self = .collection
        default: return nil
        }
    }
}

/// Where a registration stands. The raw value is what the ledger and `status` show.
enum CounterState: String, Sendable, CaseIterable {
    /// Nobody has asked for it.
    case registered
    /// An inquiry was answered with 1000: the counter may act on it.
    case inquired
    /// Paid out, or collected: once.
    case settled
    /// Its time is over; nothing more is answered with 1000.
    case expired
}

/// One thing that became durable about a registration. Every fact is an audit event.
enum CounterFact: Sendable, Equatable {
    /// An inquiry was answered with 1000.
    case inquired
    /// The counter reported the payment with this key (`CallbackNote.storedKey`).
    case settled(payment: String)
    /// Its time is over.
    case expired
}

/// What the ledger knows of a registration's way over the counter. Times are unix seconds.
struct CounterRecord: Sendable, Equatable {
    var state = CounterState.registered
    /// Inquiries answered with 1000.
    var inquiries = 0
    var lastInquiredAt: Int64?
    /// The key of the one payment, so that its repetition is known from another.
    var payment: String?

    /// The record after `fact`. Total: a pair without a transition is a broken invariant, since
    /// `Counter` gives no such fact.
    func applying(_ fact: CounterFact, at time: Int64) throws(InvariantViolation) -> CounterRecord {
        var next = self
        switch (state, fact) {
        case (.registered, .inquired), (.inquired, .inquired):
            next.state = .inquired
            next.inquiries += 1
            next.lastInquiredAt = time
        case (.inquired, .settled(let payment)):
            next.state = .settled
            next.payment = payment
        case (.registered, .expired), (.inquired, .expired):
            next.state = .expired
        case (.registered, .settled), (.settled, _), (.expired, _):
            throw InvariantViolation("a registration that is \(state.rawValue) cannot be \(fact)")
        }
        return next
    }
}

/// What is registered under a number, without what a person is called.
struct Registration: Sendable, Equatable {
    var kind: RegistrationKind
    /// The control or contract number.
    var number: String
    var row: RowKey
    var amount: Amount
    /// No inquiry is answered with 1000 from here on (unix seconds); nil: for ever.
    var expiresAt: Int64?
    var record: CounterRecord
}

extension Registration {
    /// A counter that was told 1000 may report its payment so long, in seconds: a day. Then the
    /// registration expires, if it has an end at all.
    static let openInquirySeconds: Int64 = 86_400

    /// True from `expiresAt` on.
    func isOver(at now: Int64) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// True when it is to be recorded as expired: it is over, and no counter may still be acting on
    /// an inquiry.
    func isToExpire(at now: Int64) -> Bool {
        guard isOver(at: now) else { return false }
        switch record.state {
        case .registered: return true
        case .inquired: return (record.lastInquiredAt ?? 0) + Self.openInquirySeconds <= now
        case .settled, .expired: return false
        }
    }
}
