import OrderedJSON
import SkyPay

/// What happens at a store's counter, told by the test tools.
extension Sandbox {
    /// The payee takes the money of an uploaded payout.
    func pickUp(_ controlNumber: String) async throws(SandboxError) {
        settleDue()
        guard let payout = ledger[controlNumber], payout.stage == .uploaded, payout.change == nil
        else {
            throw SandboxError(
                code: .usage, message: "\(controlNumber) does not wait at a store")
        }
        let now = settings.clock()
        record(.settled(controlNumber: controlNumber, at: now))
        deliver(
            SandboxCallback.payoutQueuePayout(
                settings.credentials, controlNumber: controlNumber, payType: .paid,
                dealTime: PhilippineTime.wireText(unixSeconds: now / 1_000_000)),
            key: controlNumber)
        await commit()
    }

    /// A payer paid and the partner confirmed: the collection stands in the report.
    func collected(_ fields: JSONObject) async throws(SandboxError) {
        func text(_ name: String) -> String { fields[name]?.scalarText ?? "" }
        guard let amount = Amount(wire: text("amount")), amount > .zero,
            !text("contractNumber").isEmpty
        else {
            throw SandboxError(code: .usage, message: "contractNumber and amount are needed")
        }
        guard !ledger.isCollected(text("contractNumber")) else {
            throw SandboxError(code: .usage, message: "the contract was collected before")
        }
        record(
            .collected(
                CollectedPayment(
                    contractNumber: text("contractNumber"), amount: amount, phone: text("phone"),
                    receiptNumber: text("receiptNumber"), channel: text("payChannel"),
                    collectedTime: text("collectedTime"), at: settings.clock())))
        await commit()
    }

    /// A store paid what the partner had answered for: the payout stands in the report, and its
    /// money leaves the balance.
    func counterPaid(_ fields: JSONObject) async throws(SandboxError) {
        func text(_ name: String) -> String { fields[name]?.scalarText ?? "" }
        let number = text("controlNumber")
        guard let amount = Amount(wire: text("amount")), amount > .zero, !number.isEmpty else {
            throw SandboxError(code: .usage, message: "controlNumber and amount are needed")
        }
        guard ledger[number]?.payout == nil else {
            throw SandboxError(code: .usage, message: "the control number was paid before")
        }
        let now = settings.clock()
        record(
            .applied(
                AppliedPayout(
                    controlNumber: number, amount: amount, channel: text("withdrawChannel"),
                    isStore: false, fails: false, particulars: ["phone": .string(text("phone"))],
                    at: now)))
        record(.settled(controlNumber: number, at: now))
        await commit()
    }
}
