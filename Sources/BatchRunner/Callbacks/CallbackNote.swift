import AuditLog
import OrderedJSON
import SkyPay

/// One callback as it enters the audit log: what it says without secrets or full account numbers,
/// and the answer it got, so that the answer can be given again byte for byte.
struct CallbackNote: Sendable {
    var file: StoredFile
    var callback: Callback
    var isEncrypted: Bool
    /// userName and authentication are ours.
    var verified: Bool
    var response: JSONValue

    /// What makes a repetition a repetition. Without the right credentials there is none: the
    /// callback is applied to nothing and can be dropped again once the cause is mended.
    var key: String? {
        guard verified else { return nil }
        return callback.idempotencyKey.map { $0.map(Self.escaped).joined(separator: "|") }
    }

    /// The event. `known` tells whether the number belongs to a row of ours.
    func draft(_ author: EventAuthor, replay: Bool, known: Bool) -> EventDraft {
        var subject: JSONObject = ["file": .string(file.fileID)]
        var data: JSONObject = [
            "kind": "callback", "encrypted": .boolean(isEncrypted),
            "verified": .boolean(verified), "replay": .boolean(replay),
        ]
        data["key"] = replay ? nil : storedKey.map { .string($0) }
        switch callback {
        case .payoutQueuePayout(let result): describe(result, known, &subject, &data)
        case .financeNotification(let notification): describe(notification, &subject, &data)
        case .other(let action): data["action"] = .string(action)
        }
        if !verified { data["reason"] = "userName or authentication is not ours" }
        data["response"] = response
        return author.draft(
            .callbackReceived, outcome: verified ? .success : .failure, subject: subject,
            data: data)
    }

    private func describe(
        _ result: PayoutResult, _ known: Bool, _ subject: inout JSONObject,
        _ data: inout JSONObject
    ) {
        subject["controlNumber"] = .string(Self.cut(result.controlNumber))
        subject["reference"] = result.referenceNumber.map { .string(Self.cut($0)) }
        data["action"] = "payoutQueuePayout"
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
        data["action"] = "financeNotification"
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

    /// The key as log and ledger know it: a hash, since it may hold account numbers.
    var storedKey: String? { key.map { "sha256:" + SHA256Text.of($0) } }

    private static func escaped(_ part: String) -> String {
        part.replacing("\\", with: "\\\\").replacing("|", with: "\\|")
    }

    /// Longest text taken over from a callback, in characters: the wire's longest field has 255.
    static let maxTextLength = 255

    private static func cut(_ text: String) -> String { String(text.prefix(maxTextLength)) }

    /// All but the last four characters masked; short ones wholly.
    static func lastFour(_ number: String) -> String {
        let hidden = min(number.count > 4 ? number.count - 4 : number.count, 16)
        return String(repeating: "*", count: hidden) + (number.count > 4 ? number.suffix(4) : "")
    }
}
