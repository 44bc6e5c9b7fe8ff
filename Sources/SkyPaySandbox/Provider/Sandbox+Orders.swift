import OrderedJSON
import SkyPay

/// Orders about payouts that wait at a store. 1000 only means that the order was taken: what comes
/// of it shows later, in a callback or in the status.
extension Sandbox {
    func amend(_ fields: JSONObject) throws(Refusal) -> JSONValue {
        let (number, particulars) = try rules.amendment(fields)
        if settings.checksCatalogs { try rules.checkCatalogs(fields, catalogs) }
        guard let payout = ledger[number], payout.payout?.isStore == true else {
            throw Refusal(.controlNumberInvalid, "control number invalid or expired")
        }
        guard payout.change == nil else {
            throw Refusal(.unpredictableException, "another change is under way")
        }
        let objection = objection(to: particulars, of: payout)
        record(
            .changing(
                PayoutChange(
                    controlNumber: number, kind: .amend, succeeds: objection == nil,
                    reason: objection ?? "", particulars: particulars, at: settings.clock())))
        settleDue()
        return answer(.success, "Success")
    }

    /// Why an amendment will fail; nil when it will not.
    private func objection(to particulars: JSONObject, of payout: LedgerPayout) -> String? {
        if payout.stage != .uploaded { return "not waiting at a store" }
        if patterns.failsAmendment(payout.controlNumber) { return "refused by the store" }
        if particulars["withdrawChannel"] != payout.particulars["withdrawChannel"] {
            return "the channel cannot be changed"
        }
        // Cebuana lets nothing but the name be changed (`skypay-api.md §2`).
        guard !payout.isML else { return nil }
        let changed = particulars.members.filter {
            $0.name != "name" && payout.particulars[$0.name] != $0.value
        }
        return changed.isEmpty ? nil : "only the name may change"
    }

    func cancel(_ fields: JSONObject) throws(Refusal) -> JSONValue {
        let numbers = try rules.controlNumbers(fields)
        var seen: Set<String> = []
        let open = numbers.filter { number in
            ledger[number].map { $0.stage == .uploaded && $0.change == nil } ?? false
                && seen.insert(number).inserted
        }
        // One answer for all, none per number: what cannot be cancelled is passed over in silence.
        guard !open.isEmpty else {
            throw Refusal(.unpredictableException, "unpredictable exception")
        }
        for number in open {
            record(
                .changing(
                    PayoutChange(
                        controlNumber: number, kind: .cancel,
                        succeeds: !patterns.failsCancellation(number), reason: "",
                        particulars: [:], at: settings.clock())))
        }
        settleDue()
        return answer(.success, "Success")
    }
}
