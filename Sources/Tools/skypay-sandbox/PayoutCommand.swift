import ArgumentParser
import OrderedJSON
import SkyPay
import SkyPaySandbox

/// `skypay-sandbox payout`
struct PayoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payout",
        abstract: "Be a store's counter: payoutInquiry, then payoutPayout; or fake any payType.",
        discussion: """
            The second message is sent only after the first succeeded. Prints each answer as a line
            of JSON.

            Examples:
              skypay-sandbox payout SKY9912345678 --url http://127.0.0.1:8080/skypay
              skypay-sandbox payout SKY9912345678 --folder inbox --answers outbox
              skypay-sandbox payout SKY9912345678 --folder inbox --step inquiry --memory demo/counter
              skypay-sandbox payout SKY9912345678 --folder inbox --pay-type 4 --fail-description x

            Exit codes: 0 every answer was 1000, 1 refused or not reached, 64 usage.
            """)

    @Argument(help: "The control number.")
    var controlNumber: String

    @OptionGroup var counter: CounterOptions

    @Option(help: "The store's channel.")
    var channel = "1"

    @Option(help: "yyyy-MM-dd HH:mm:ss in GMT+8; now when absent.")
    var payTime: String?

    @Option(help: "Send a payoutQueuePayout instead: 1 uploaded to 6 amend failed.")
    var payType: Int?

    @Option(help: "With --pay-type: why it failed.")
    var failDescription: String?

    @Option(help: "With --pay-type: the store's reference.")
    var reference: String?

    func run() async throws {
        let answers = try await counter.run { tool in
            let time = payTime ?? tool.now
            guard let payType else {
                return try await tool.payout(
                    controlNumber, channel: channel, payTime: time, step: counter.step)
            }
            guard let type = PayType(rawValue: payType) else {
                throw ValidationError("--pay-type must be 1 to 6")
            }
            return [
                try await tool.fake(
                    controlNumber, payType: type, dealTime: time,
                    failDescription: failDescription, referenceNumber: reference)
            ]
        }
        if payType == nil { try book(answers) }
        try counter.show(answers)
    }

    /// The amount stands in the partner's answer to the inquiry.
    private func book(_ answers: [CounterTool.Answered]) throws {
        guard counter.step == .both, let inquiry = answers.first?.answer else { return }
        func text(_ name: String) -> JSONValue {
            .string(inquiry.caseInsensitive(name)?.scalarText ?? "")
        }
        try counter.book(
            "/sandbox/counter-paid",
            [
                "controlNumber": .string(controlNumber), "amount": text("amount"),
                "phone": text("phone"), "withdrawChannel": .string(channel),
            ], answers)
    }
}

/// `skypay-sandbox collect`
struct CollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Be a counter that collects: collectionInquiry, then collectionCollect.",
        discussion: """
            The second message is sent only after the first succeeded. Prints each answer as a line
            of JSON. With --port the running sandbox has the collection in its report.

            Examples:
              skypay-sandbox collect SKY9900000001 --amount 250.00 --url http://127.0.0.1:8080/c
              skypay-sandbox collect SKY9900000001 --amount 250.00 --folder inbox --answers outbox

            Exit codes: 0 every answer was 1000, 1 refused or not reached, 64 usage.
            """)

    @Argument(help: "The contract number.")
    var contractNumber: String

    @OptionGroup var counter: CounterOptions

    @Option(help: "The amount, 250.00.")
    var amount: String

    @Option(help: "The payer's phone.")
    var phone = "09171234567"

    @Option(help: "The receipt; may carry |branch.")
    var receipt: String?

    @Option(help: "The collection channel; 10 is 7-11.")
    var channel = "10"

    @Option(help: "yyyy-MM-dd HH:mm:ss in GMT+8; now when absent.")
    var collectedTime: String?

    func run() async throws {
        var booked: JSONObject = [:]
        let answers = try await counter.run { tool in
            let time = collectedTime ?? tool.now
            let receipt = receipt ?? "R-" + contractNumber
            booked = [
                "contractNumber": .string(contractNumber), "amount": .string(amount),
                "phone": .string(phone), "receiptNumber": .string(receipt),
                "payChannel": .string(channel), "collectedTime": .string(time),
            ]
            return try await tool.collect(
                CounterPayment(
                    contractNumber: contractNumber, amount: amount, phone: phone,
                    receiptNumber: receipt, channel: channel, collectedTime: time),
                step: counter.step)
        }
        try counter.book("/sandbox/collected", booked, answers)
        try counter.show(answers)
    }
}
