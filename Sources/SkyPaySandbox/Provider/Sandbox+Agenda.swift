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

    /// Writes down a request whose connection closes now and that takes effect later, also after a
    /// restart. Who sent it is looked at now: the ledger keeps no secret, and a stranger's request
    /// would come to nothing.
    func postpone(_ fields: JSONObject, seconds: Int64) {
        guard Callback.credentialsMatch(fields, settings.credentials) else { return }
        var kept = fields
        for name in Self.credentialNames { kept[name] = nil }
        let now = settings.clock()
        record(
            .deferred(
                DeferredRequest(
                    id: ledger.deferredCount + 1, dueAt: now + seconds * 1_000_000, fields: kept,
                    at: now)))
    }

    private static let credentialNames = ["userName", "authentication"]

    /// Requests whose connection closed long ago; nobody hears the answer.
    private func applyLate(_ now: Int64) {
        while let request = ledger.due(deferredBy: now) {
            // Recorded first: applying settles what is due, and comes back here. Stopped in
            // between, the request is lost, as any whose connection closed may be; never done twice.
            record(.resumed(id: request.id, at: now))
            var fields = request.fields
            fields["userName"] = .string(settings.credentials.userName)
            fields["authentication"] = .string(settings.credentials.authentication)
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
