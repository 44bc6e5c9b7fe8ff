import OrderedJSON
import SkyPay

extension Sandbox {
    /// How long a bar code is valid, in microseconds: 24 hours.
    private static let barcodeMicroseconds: Int64 = 86_400_000_000

    func transfer(_ fields: JSONObject) throws(Refusal) -> JSONValue {
        let (from, to, amount) = try rules.transfer(fields)
        guard from == settings.account, to != from, settings.otherAccounts.contains(to) else {
            throw Refusal(.unpredictableException, "unpredictable exception")
        }
        guard amount <= ledger.balance else {
            throw Refusal(.insufficientBalance, "insufficient balance")
        }
        let draft = NoticeDraft(statementType: 3, amount: amount, reference: nextReference("D"))
        move(
            [
                notice(draft, account: from, isIncoming: false),
                notice(draft, account: to, isIncoming: true),
            ], balance: -amount.centavos, collection: 0)
        return answer(.success, "Success")
    }

    func barcode(_ fields: JSONObject) throws(Refusal) -> JSONValue {
        let request = try rules.barcode(fields)
        let number = request.controlNumber
        guard !ledger.isCollected(number) else {
            throw Refusal(.contractCompleted, "contract completed")
        }
        let now = settings.clock()
        if let last = ledger.barcode(number), last.amount == request.amount,
            now - last.at < Self.barcodeMicroseconds
        {
            return answer(.success, "Success", ["referenceNumber": .string(last.reference)])
        }
        let reference = Self.reference(ledger.barcodes.count)
        let phone = request.particulars["phone"]?.stringValue ?? ""
        record(
            .barcode(
                Barcode(
                    contractNumber: number, amount: request.amount, phone: phone,
                    reference: reference, at: now)))
        return answer(.success, "Success", ["referenceNumber": .string(reference)])
    }

    /// `9919-2940-0349` for the first, and others after it; 7919 is a prime, so none comes twice
    /// among a hundred million.
    private static func reference(_ index: Int) -> String {
        let digits = String(100_000_000 + (29_400_349 + index * 7919) % 100_000_000).dropFirst()
        return "9919-" + digits.prefix(4) + "-" + digits.suffix(4)
    }

    /// Money that came or went without a request of the partner's, and its notification.
    /// statementType 1 to 6 of `skypay-api.md §3`.
    func notify(_ statementType: Int, _ amount: Amount) async throws(SandboxError) -> String {
        guard (1...6).contains(statementType), amount > .zero else {
            throw SandboxError(
                code: .usage, message: "statementType is 1 to 6, the amount greater than zero")
        }
        let cents = amount.centavos
        // What each does to the payout account and to what was collected.
        let (balance, collection): (Int64, Int64) =
            switch statementType {
            case 1: (cents, 0)
            case 2: (cents, -cents)
            case 3: (cents, 0)
            case 4: (0, 0)
            case 5: (0, -cents)
            default: (-cents, 0)
            }
        let isSettlement = statementType == 2 || statementType == 4
        let draft = NoticeDraft(
            statementType: statementType, amount: amount,
            reference: nextReference(isSettlement ? "S" : "D"))
        let isIncoming = statementType <= 4
        move(
            [notice(draft, account: settings.account, isIncoming: isIncoming)],
            balance: balance, collection: collection)
        await commit()
        return draft.reference
    }

    private func move(_ notices: [JSONObject], balance: Int64, collection: Int64) {
        record(
            .moved(
                MoneyMove(
                    notices: notices, balanceCentavos: balance, collectionCentavos: collection,
                    at: settings.clock())))
        for notice in notices {
            let key = ["referenceNumber", "accountNo"].compactMap { notice[$0]?.stringValue }
            deliver(
                SandboxCallback.financeNotification(settings.credentials, notice),
                key: key.joined(separator: "-"))
        }
    }

    /// `D-20261121-001`: unique, since the moves are counted.
    private func nextReference(_ letter: String) -> String {
        let day = WireRow.day(settings.clock()).filter { $0 != "-" }
        let serial = String(1000 + ledger.moves.count + 1)
        return letter + "-" + day + "-"
            + (ledger.moves.count < 999 ? serial.dropFirst() : serial[...])
    }

    private struct NoticeDraft {
        let statementType: Int
        let amount: Amount
        let reference: String
    }

    /// The fields of a financeNotification but the credentials. Bank accounts are named only where
    /// money left or came from a bank.
    private func notice(
        _ draft: NoticeDraft, account: String, isIncoming: Bool
    ) -> JSONObject {
        let isWithdrawal = draft.statementType >= 5
        let hasBeneficiary = isWithdrawal || draft.statementType == 1
        return [
            "transctionDate": WireRow.time(settings.clock()),
            "companyPrefix": .string(account), "companyName": .string(settings.companyName),
            "accountNo": .string(account),
            "sourceAccountNo": .string(isWithdrawal ? "000900000001" : ""),
            "beneficiaryAccountNo": .string(hasBeneficiary ? "000900000002" : ""),
            "statementType": .string(String(draft.statementType)),
            "signType": .string(isIncoming ? "recharge" : "reduce"),
            "amount": WireRow.number(draft.amount), "currency": "PHP",
            "referenceNumber": .string(draft.reference),
        ]
    }
}
