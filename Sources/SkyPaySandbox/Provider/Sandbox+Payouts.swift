import OrderedJSON
import SkyPay

extension Sandbox {
    /// Applies a request and says what SkyPay answers.
    func perform(_ fields: JSONObject, _ fault: FaultRule?) -> JSONValue {
        guard Callback.credentialsMatch(fields, settings.credentials) else {
            return answer(.invalidAccountOrVerification, "verification error")
        }
        do {
            return try dispatch(fields, fault)
        } catch {
            return answer(error.code, error.reason)
        }
    }

    private func dispatch(_ fields: JSONObject, _ fault: FaultRule?) throws(Refusal) -> JSONValue {
        switch fields["action"]?.stringValue ?? "" {
        case "payoutQueue": return try payout(try rules.payoutQueue(fields), fields, isStore: false)
        case "payoutQueueV2":
            return try payout(try rules.payoutQueueV2(fields), fields, isStore: true)
        case "amendTransactionV2": return try amend(fields)
        case "cancelPayout": return try cancel(fields)
        case "payoutQueryStatus": return try queryStatus(fields, fault)
        case "getReportPayout": return try report(fields, .payouts, fault)
        case "getReportCollection": return try report(fields, .collections, fault)
        case "balanceQuery":
            try rules.balanceQuery(fields)
            return answer(.success, "Success", ["balance": .number(ledger.balance.text)])
        case "balanceTransfer": return try transfer(fields)
        case "generate711Barcode": return try barcode(fields)
        case "notificationInquiry": return try notifications(fields, fault)
        case "getCatalog": return try catalog(fields, fault)
        default: throw Refusal(.functionIncorrect, "service function incorrect")
        }
    }

    private func payout(
        _ request: PayoutRequest, _ fields: JSONObject, isStore: Bool
    ) throws(Refusal) -> JSONValue {
        if settings.checksCatalogs { try rules.checkCatalogs(fields, catalogs) }
        let number = request.controlNumber
        if ledger[number]?.payout != nil {
            throw Refusal(.controlNumberExists, "control number already exists")
        }
        let account = fields["accountNo"]?.stringValue ?? ""
        let receiver = account.isEmpty ? fields["phone"]?.stringValue ?? "" : account
        try checkDay(receiver, request, isWallet: !isStore && request.channel != "5")
        guard request.amount <= ledger.balance else {
            throw Refusal(.insufficientBalance, "insufficient balance")
        }
        record(
            .applied(
                AppliedPayout(
                    controlNumber: number, amount: request.amount, channel: request.channel,
                    isStore: isStore, fails: patterns.failsPayout(number, account),
                    particulars: request.particulars, at: settings.clock())))
        settleDue()
        return answer(.success, "Success", isStore ? ["referenceNo": ""] : [:])
    }

    /// How often, and how much, an account may receive on one day.
    private func checkDay(
        _ receiver: String, _ request: PayoutRequest, isWallet: Bool
    ) throws(Refusal) {
        let today = ledger.today(receiver, settings.clock())
        if let most = settings.transactionsPerDay, today.count >= most {
            throw Refusal(.tooManyTransactions, "more than \(most) transactions per day")
        }
        if isWallet, let most = settings.walletLimitPerDay, today.amount + request.amount > most {
            throw Refusal(.balanceLimitExceeded, "balance limit exceeded")
        }
    }
}
