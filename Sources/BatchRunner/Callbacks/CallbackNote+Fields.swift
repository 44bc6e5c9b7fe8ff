import OrderedJSON
import SkyPay

// What each callback's event says of its fields.
extension CallbackNote {
    func describe(_ known: Bool, _ subject: inout JSONObject, _ data: inout JSONObject) {
        switch content {
        case .malformed(let action, let reason):
            data["action"] = .string(action)
            data["malformed"] = true
            data["reason"] = .string(reason)
        case .whole(let callback):
            data["action"] = .string(callback.action)
            switch callback {
            case .payoutQueuePayout(let result): describe(result, known, &subject, &data)
            case .financeNotification(let notification):
                describe(notification, &subject, &data)
            case .payoutInquiry(let inquiry): name(inquiry.controlNumber, &subject)
            case .payoutPayout(let payment): describe(payment, &subject, &data)
            case .collectionInquiry(let inquiry):
                name(inquiry.contractNumber, &subject)
                data["offered"] = inquiry.amount.map { .string($0.text) }
            case .collectionCollect(let payment): describe(payment, &subject, &data)
            }
        }
    }

    private func name(_ number: String, _ subject: inout JSONObject) {
        subject["controlNumber"] = .string(Self.cut(number))
    }

    private func describe(
        _ payment: PayoutPayout, _ subject: inout JSONObject, _ data: inout JSONObject
    ) {
        name(payment.controlNumber, &subject)
        data["channel"] = .string(Self.cut(payment.withdrawChannel))
        data["providerTime"] = .string(Self.cut(payment.payTime))
    }

    private func describe(
        _ payment: CollectionCollect, _ subject: inout JSONObject, _ data: inout JSONObject
    ) {
        name(payment.contractNumber, &subject)
        subject["reference"] = .string(Self.cut(payment.receiptNumber))
        data["offered"] = .string(payment.amount.text)
        data["channel"] = payment.payChannel.map { .string(Self.cut($0)) }
        data["providerTime"] = payment.collectedTime.map { .string(Self.cut($0)) }
    }

    private func describe(
        _ result: PayoutResult, _ known: Bool, _ subject: inout JSONObject,
        _ data: inout JSONObject
    ) {
        name(result.controlNumber, &subject)
        subject["reference"] = result.referenceNumber.map { .string(Self.cut($0)) }
        data["payType"] = .number(String(result.payType.rawValue))
        data["dealTime"] = .string(Self.cut(result.dealTime))
        data["failDescription"] = result.failDescription.map {
            .string(PersonalData.freeText(Self.cut($0)))
        }
        data["knownNumber"] = .boolean(known)
        if !known { data["reason"] = "no row of this site has this control number" }
    }

    private func describe(
        _ notification: FinanceNotification, _ subject: inout JSONObject, _ data: inout JSONObject
    ) {
        subject["reference"] = .string(Self.cut(notification.referenceNumber))
        data["statementType"] = .number(String(notification.statementType))
        data["signType"] = .string(notification.signType.rawValue)
        data["amount"] = .string(Self.cut(notification.amount))
        data["currency"] = .string(Self.cut(notification.currency))
        data["transctionDate"] = notification.transactionDate.map { .string(Self.cut($0)) }
        data["companyPrefix"] = .string(Self.cut(notification.companyPrefix))
        data["accountNo"] = .string(Self.lastFour(notification.accountNo))
        data["sourceAccountNo"] = notification.sourceAccountNo.map { .string(Self.lastFour($0)) }
        data["beneficiaryAccountNo"] = notification.beneficiaryAccountNo.map {
            .string(Self.lastFour($0))
        }
    }
}
