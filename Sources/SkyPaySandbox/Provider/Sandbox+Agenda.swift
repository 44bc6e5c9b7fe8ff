import OrderedJSON
import SkyPay

extension Sandbox {
    /// Does what has become due, and makes it durable; callbacks go out even when nobody asks.
    func tick() async {
        settleDue()
        await commit()
    }

    /// Settles what is due, by the clock alone, and reports it.
    func settleDue() {
        let now = settings.clock()
        applyLate(now)
        let settled = now - settings.settleSeconds * 1_000_000
        while let payout = ledger.due(appliedBy: settled) { settle(payout, now) }
        while let payout = ledger.due(changingBy: settled) { finishChange(payout, now) }
        guard let pickUpSeconds = settings.pickUpSeconds else { return }
        while let payout = ledger.due(uploadedBy: now - pickUpSeconds * 1_000_000) {
            record(.settled(controlNumber: payout.controlNumber, at: now))
            report(payout.controlNumber, .paid, now)
        }
    }

    /// Requests whose connection closed long ago; nobody hears the answer.
    private func applyLate(_ now: Int64) {
        while let index = late.firstIndex(where: { $0.at <= now }) {
            // Removed first: applying settles what is due, and comes back here.
            let fields = late.remove(at: index).fields
            _ = perform(fields, nil)
        }
    }

    private func settle(_ payout: LedgerPayout, _ now: Int64) {
        let fails = payout.payout?.fails ?? false
        if payout.payout?.isStore == true, !fails {
            record(
                .uploaded(
                    controlNumber: payout.controlNumber, reference: reference(payout, "0"), at: now)
            )
            report(payout.controlNumber, .uploaded, now)
        } else {
            record(.settled(controlNumber: payout.controlNumber, at: now))
            report(
                payout.controlNumber, fails ? .failed : .paid, now,
                fails ? "refused by the receiving side" : nil)
        }
    }

    private func finishChange(_ payout: LedgerPayout, _ now: Int64) {
        guard let change = payout.change else { return }
        let isAmended = change.kind == .amend && change.succeeds
        record(
            .changed(
                controlNumber: payout.controlNumber,
                reference: isAmended ? reference(payout, "1") : payout.reference, at: now))
        switch (change.kind, change.succeeds) {
        case (.cancel, true): report(payout.controlNumber, .cancelled, now)
        // Back to Uploaded, and nobody is told (`skypay-api.md §2`).
        case (.cancel, false): break
        case (.amend, true): report(payout.controlNumber, .amended, now)
        case (.amend, false): report(payout.controlNumber, .amendFailed, now, change.reason)
        }
    }

    /// ML's number of a payout; another one after each amendment.
    private func reference(_ payout: LedgerPayout, _ generation: String) -> String {
        guard payout.isML else { return "" }
        return "ML" + generation + String(payout.controlNumber.suffix(8))
            + (payout.reference.hasPrefix("ML1") ? "A" : "")
    }

    private func report(
        _ number: String, _ payType: PayType, _ now: Int64, _ failDescription: String? = nil
    ) {
        let reference = ledger[number]?.reference ?? ""
        let isNumbered = (payType == .uploaded || payType == .amended) && !reference.isEmpty
        deliver(
            SandboxCallback.payoutQueuePayout(
                settings.credentials, controlNumber: number, payType: payType,
                dealTime: PhilippineTime.wireText(unixSeconds: now / 1_000_000),
                failDescription: failDescription, referenceNumber: isNumbered ? reference : nil),
            key: number)
    }

    /// Sends a callback, as its fault has it.
    func deliver(_ message: JSONValue, key: String) {
        guard outlet.isOpen else { return }
        let action = message["action"]?.stringValue ?? ""
        let fault = faults.take(callback: action, number: key)
        outlet.deliver(message, key: key, sealedBy: envelope, fault)
    }
}
