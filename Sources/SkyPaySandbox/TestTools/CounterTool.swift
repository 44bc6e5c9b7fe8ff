public import OrderedJSON
public import SkyPay

/// The test tools of `skypay-api.md §6`: what a store's counter does. An inquiry first; the
/// confirmation only after the inquiry succeeded.
public struct CounterTool {
    /// Which of the two messages to send.
    public enum Step: String, Sendable, CaseIterable {
        /// Only the first.
        case inquiry
        /// Only the second.
        case confirmation
        /// One after the other.
        case both
    }

    /// One message's answer; nil fields where the target gives none.
    public struct Answered: Sendable, Equatable {
        /// The callback's action.
        public let action: String
        /// The answer; nil when nobody waits for one.
        public let answer: JSONObject?
        /// Why SkyPay would not take the answer, by the contract; nil when it would.
        public let fault: String?

        /// Whether the partner said 1000, and all that belongs to it; true where nobody waits for an
        /// answer.
        public var isGood: Bool {
            guard let answer else { return true }
            return fault == nil
                && answer.caseInsensitive("responseCode")?.scalarText == "1000"
        }
    }

    private let line: CounterLine
    private let credentials: SkyPayCredentials
    private let clock: @Sendable () -> Int64
    private var memory: CounterMemory
    /// Confirms though no inquiry succeeded, to see that the partner refuses it.
    public var isForced = false

    /// A counter that knows no inquiry, or those kept in a folder.
    /// - Parameters:
    ///   - memoryFolder: where inquiries that succeeded are kept; nil in memory.
    ///   - answerSeconds: how long to wait for each answer.
    ///   - clock: microseconds since 1970.
    public init(
        _ credentials: SkyPayCredentials, target: CounterTarget, transport: any Transport,
        memoryFolder: String? = nil, answerSeconds: Int = 60,
        clock: @escaping @Sendable () -> Int64 = SandboxSettings.systemClock
    ) {
        self.credentials = credentials
        self.clock = clock
        line = CounterLine(
            target: target, credentials: credentials, transport: transport,
            answerSeconds: answerSeconds)
        memory = CounterMemory(folder: memoryFolder)
    }

    /// Now, as DT.
    public var now: String { PhilippineTime.wireText(unixSeconds: clock() / 1_000_000) }

    /// payoutInquiry, then payoutPayout.
    public mutating func payout(
        _ controlNumber: String, channel: String, payTime: String, step: Step
    ) async throws(SandboxError) -> [Answered] {
        let inquiry = SandboxCallback.payoutInquiry(credentials, controlNumber: controlNumber)
        let confirmation = SandboxCallback.payoutPayout(
            credentials, controlNumber: controlNumber, withdrawChannel: channel,
            payTime: payTime)
        return try await send(inquiry, confirmation, controlNumber, step)
    }

    /// collectionInquiry, then collectionCollect.
    public mutating func collect(
        _ payment: CounterPayment, step: Step
    ) async throws(SandboxError) -> [Answered] {
        let inquiry = SandboxCallback.collectionInquiry(
            credentials, contractNumber: payment.contractNumber, amount: payment.amount,
            phone: payment.phone)
        let confirmation = SandboxCallback.collectionCollect(
            credentials, contractNumber: payment.contractNumber, amount: payment.amount,
            phone: payment.phone, receiptNumber: payment.receiptNumber,
            collectedTime: payment.collectedTime, payChannel: payment.channel)
        return try await send(inquiry, confirmation, payment.contractNumber, step)
    }

    /// payoutQueuePayout, whatever the truth is.
    public func fake(
        _ controlNumber: String, payType: PayType, dealTime: String,
        failDescription: String? = nil, referenceNumber: String? = nil
    ) async throws(SandboxError) -> Answered {
        try await ask(
            SandboxCallback.payoutQueuePayout(
                credentials, controlNumber: controlNumber, payType: payType, dealTime: dealTime,
                failDescription: failDescription, referenceNumber: referenceNumber), controlNumber)
    }

    private mutating func send(
        _ inquiry: JSONValue, _ confirmation: JSONValue, _ number: String, _ step: Step
    ) async throws(SandboxError) -> [Answered] {
        var answers: [Answered] = []
        if step != .confirmation {
            let answered = try await ask(inquiry, number)
            answers.append(answered)
            if answered.isGood, let answer = answered.answer {
                try memory.keep(answer, of: answered.action, number)
            } else if !answered.isGood, !isForced {
                return answers
            }
        }
        guard step != .inquiry else { return answers }
        let action = inquiry["action"]?.stringValue ?? ""
        guard isForced || memory.answer(action, number) != nil else {
            throw SandboxError(
                code: .usage,
                message:
                    "no \(action) of \(number) is known to have succeeded; ask first, and say where "
                    + "answers appear")
        }
        answers.append(try await ask(confirmation, number))
        return answers
    }

    private func ask(
        _ message: JSONValue, _ number: String
    ) async throws(SandboxError) -> Answered {
        let answer = try await line.ask(message, key: number, mark: String(clock()))
        return Answered(
            action: message["action"]?.stringValue ?? "", answer: answer,
            fault: answer.flatMap { PartnerAnswer.fault(in: $0, to: message) })
    }
}
