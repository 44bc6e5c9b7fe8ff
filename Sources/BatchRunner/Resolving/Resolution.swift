import OrderedJSON
import SkyPay

/// One `batchrunner resolve`: whose word settles what.
struct Resolution: Sendable, Equatable {
    /// What is settled, and how.
    enum Word: Sendable, Equatable {
        case payout(controlNumber: String, ResolvedOutcome)
        case request(RowKey, ResolvedRequest)
    }

    let word: Word
    /// The evidence, in the person's words.
    var reason: String
    /// Who says so.
    let by: String

    /// Longest reason, in characters.
    static let maxReasonCharacters = 500
    /// Longest name, in characters.
    static let maxNameCharacters = 100

    var json: JSONObject {
        var object: JSONObject = ["reason": .string(reason), "by": .string(by)]
        switch word {
        case .payout(let number, let outcome):
            object["controlNumber"] = .string(number)
            object["as"] = .string(outcome.rawValue)
        case .request(let key, let word):
            object["row"] = .string(key.text)
            object["as"] = .string(word.rawValue)
        }
        return object
    }
}

extension Resolution {
    /// Reads back what was handed over; nil for anything else.
    init?(_ json: JSONObject) {
        guard let reason = json["reason"]?.stringValue, let by = json["by"]?.stringValue,
            let what = json["row"]?.stringValue ?? json["controlNumber"]?.stringValue,
            let word = json["as"]?.stringValue.flatMap({ Word(what, as: $0) })
        else { return nil }
        self.init(word: word, reason: reason, by: by)
    }
}

extension Resolution.Word {
    /// - Parameters:
    ///   - what: the control number of a payout, or the file's id, `/` and the row's number of an order,
    ///     a transfer or a question.
    ///   - word: one of `words(for: what)`; nil for another.
    init?(_ what: String, as word: String) {
        if let key = RowKey(what) {
            guard let word = ResolvedRequest(rawValue: word) else { return nil }
            self = .request(key, word)
        } else {
            guard let outcome = ResolvedOutcome(rawValue: word) else { return nil }
            self = .payout(controlNumber: what, outcome)
        }
    }

    /// The words that fit.
    static func words(for what: String) -> [String] {
        RowKey(what) == nil
            ? ResolvedOutcome.allCases.map(\.rawValue) : ResolvedRequest.allCases.map(\.rawValue)
    }

    /// What is settled, as people write it.
    var what: String {
        switch self {
        case .payout(let number, _): number
        case .request(let key, _): key.text
        }
    }
}

/// What SkyPay said about a number when it was asked on a person's behalf.
enum ResolutionEvidence: Sendable, Equatable {
    /// It does not know the number.
    case notFound
    /// It knows it, and says this of it.
    case status(PayoutStatus, isCancelled: Bool)
    /// One answer that says two things.
    case contradictory
}

/// Whether a person's word may be taken. Pure.
enum ResolutionRule {
    /// Why it is refused; nil when it may be recorded.
    /// - Parameters:
    ///   - isOthers: the number was in use before our first send (-1008), so what SkyPay says of it may be
    ///     about somebody else's payout.
    ///   - amount: what SkyPay's report says, where finding the number does not prove that it is ours
    ///     (`asksForAmount`).
    static func objection(
        to outcome: ResolvedOutcome, _ record: PayoutRecord, _ evidence: ResolutionEvidence,
        isOthers: Bool, amount: AmountEvidence? = nil
    ) -> String? {
        if outcome == .resend {
            guard !record.possiblySent else {
                return "it may have been sent, and what may have been sent is never sent again"
            }
            guard evidence == .notFound else { return "SkyPay has this number" }
            return nil
        }
        switch evidence {
        case .contradictory: return "SkyPay's answer contradicts itself; ask SkyPay"
        case .notFound:
            return outcome == .paid ? "SkyPay does not know this number" : nil
        case .status(let status, let isCancelled):
            if outcome == .failed, isOthers || amount?.isAnothers == true { return nil }
            let contradiction = objection(to: outcome, status, isCancelled)
            // How a payout ended that may be another's bears nothing out but that ours has failed too.
            guard outcome == .paid || contradiction != nil else { return nil }
            return amount?.objection ?? contradiction
        }
    }

    /// Finding the number does not prove that it is ours: it was in use, or no send of ours can have
    /// reached SkyPay. Only the amount does; without it final files would tell of somebody else's payout.
    static func asksForAmount(
        _ outcome: ResolvedOutcome, _ record: PayoutRecord, isOthers: Bool
    ) -> Bool {
        switch outcome {
        case .paid: record.numberInUse || !record.possiblySent || isOthers
        case .failed: record.numberInUse || !record.possiblySent
        case .resend: false
        }
    }

    private static func objection(
        to outcome: ResolvedOutcome, _ status: PayoutStatus, _ isCancelled: Bool
    ) -> String? {
        switch status {
        case .completed: outcome == .paid ? nil : "SkyPay says that it is paid"
        case .failed: outcome == .failed ? nil : "SkyPay says that it failed"
        case .cancelled where isCancelled:
            outcome == .failed ? nil : "SkyPay says that it is cancelled"
        default: "SkyPay is still working on it"
        }
    }
}

extension AmountEvidence {
    /// It proves that the number is somebody else's.
    fileprivate var isAnothers: Bool {
        if case .differs = self { true } else { false }
    }

    /// Why a word cannot be taken, with what to do; nil where the amount is ours.
    fileprivate var objection: String? {
        guard let doubt else { return nil }
        switch self {
        case .agrees: return nil
        case .differs: return "\(doubt): that is another payout, so this one is not paid by it"
        case .unclear:
            return
                "\(doubt), so nothing shows whose it is; ask SkyPay about its report, and try again"
        case .unavailable: return "\(doubt), so nothing shows whose it is; try again later"
        }
    }
}
