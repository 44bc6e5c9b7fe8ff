import AuditLog
public import OrderedJSON

/// What `resolve` came to.
public struct ResolutionReport: Sendable, Equatable {
    /// The exit code.
    public var status: ExitStatus
    /// One line.
    public var message: String
    /// The state of the payout now; nil when there is no such payout.
    public var state: String?

    /// The machine-readable form.
    public var json: JSONObject {
        var object: JSONObject = [
            "exit": .number(String(status.rawValue)), "message": .string(message),
        ]
        object["state"] = state.map { .string($0) }
        return object
    }

    /// Reads back what was handed over; nil for anything else.
    init?(_ json: JSONObject) {
        guard let exit = json["exit"]?.integerValue,
            let status = ExitStatus(rawValue: Int32(truncatingIfNeeded: exit)),
            let message = json["message"]?.stringValue
        else { return nil }
        self.init(status, message, state: json["state"]?.stringValue)
    }

    init(_ status: ExitStatus, _ message: String, state: String? = nil) {
        self.status = status
        self.message = message
        self.state = state
    }
}

extension ResolutionReport {
    /// What `work` comes to; words that the audit log refuses to hold are told back, and stop nobody.
    static func orRefusal(
        _ work: () async throws -> ResolutionReport
    ) async throws -> ResolutionReport {
        do {
            return try await work()
        } catch let error as AuditLogError where error.isRefusal {
            return ResolutionReport(
                .usage, "the audit log takes no such words, give others: \(error.message)")
        }
    }
}

// What both desks say alike.
extension ResolutionReport {
    /// There is nothing for a person to settle.
    static func notHeld(_ what: String, _ state: String) -> ResolutionReport {
        ResolutionReport(
            .usage, "\(what) is \(state): only what is held can be resolved", state: state)
    }

    /// SkyPay's pauses hold for people too: a hasty question is refused, and counts as asked. Nil when
    /// it may be asked, `due` being no later than `now` (unix seconds).
    static func tooEarly(due: Int64, now: Int64) -> ResolutionReport? {
        let wait = due - now
        guard wait > 0 else { return nil }
        return ResolutionReport(
            .rowsOpen,
            "SkyPay was asked about it, or got it, a short while ago: resolve it in \(wait) s",
            state: held)
    }

    static func notAnswered(_ reason: String) -> ResolutionReport {
        ResolutionReport(
            .providerUnavailable,
            "SkyPay has to be asked first, and did not answer: \(PersonalData.freeText(reason))",
            state: held)
    }

    static func refused(_ objection: String) -> ResolutionReport {
        ResolutionReport(.rowsOpen, "not resolved: \(objection)", state: held)
    }

    /// Something was learned while the word was judged.
    static func overtaken(_ state: String?) -> ResolutionReport {
        ResolutionReport(
            .rowsOpen,
            "not resolved: SkyPay reported on it just now; look at its status and try again",
            state: state)
    }

    private static var held: String { PayoutState.held.rawValue }
}
