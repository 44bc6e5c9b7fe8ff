import OrderedJSON
import SkyPay

extension AppliedPayout {
    var members: JSONObject {
        [
            "controlNumber": .string(controlNumber), "amount": .string(amount.text),
            "channel": .string(channel), "store": .boolean(isStore), "fails": .boolean(fails),
            "particulars": .object(particulars),
        ]
    }

    init?(_ fields: LedgerFields, _ at: Int64) {
        guard let number = fields.text("controlNumber"), let amount = fields.amount("amount"),
            let channel = fields.text("channel"), let fails = fields.flag("fails")
        else { return nil }
        // Ledgers of earlier versions have payouts to banks and wallets only, without particulars.
        self.init(
            controlNumber: number, amount: amount, channel: channel,
            isStore: fields.flag("store") ?? false, fails: fails,
            particulars: fields.object("particulars") ?? [:], at: at)
    }
}

extension PayoutChange {
    var members: JSONObject {
        [
            "controlNumber": .string(controlNumber), "kind": .string(kind.rawValue),
            "succeeds": .boolean(succeeds), "reason": .string(reason),
            "particulars": .object(particulars),
        ]
    }

    init?(_ fields: LedgerFields, _ at: Int64) {
        guard let number = fields.text("controlNumber"),
            let kind = fields.text("kind").flatMap(Kind.init),
            let succeeds = fields.flag("succeeds"), let reason = fields.text("reason"),
            let particulars = fields.object("particulars")
        else { return nil }
        self.init(
            controlNumber: number, kind: kind, succeeds: succeeds, reason: reason,
            particulars: particulars, at: at)
    }
}

extension Barcode {
    var members: JSONObject {
        [
            "contractNumber": .string(contractNumber), "amount": .string(amount.text),
            "phone": .string(phone), "reference": .string(reference),
        ]
    }

    init?(_ fields: LedgerFields, _ at: Int64) {
        guard let number = fields.text("contractNumber"), let amount = fields.amount("amount"),
            let phone = fields.text("phone"), let reference = fields.text("reference")
        else { return nil }
        self.init(
            contractNumber: number, amount: amount, phone: phone, reference: reference, at: at)
    }
}

extension CollectedPayment {
    var members: JSONObject {
        [
            "contractNumber": .string(contractNumber), "amount": .string(amount.text),
            "phone": .string(phone), "receiptNumber": .string(receiptNumber),
            "channel": .string(channel), "collectedTime": .string(collectedTime),
        ]
    }

    init?(_ fields: LedgerFields, _ at: Int64) {
        guard let number = fields.text("contractNumber"), let amount = fields.amount("amount"),
            let phone = fields.text("phone"), let receipt = fields.text("receiptNumber"),
            let channel = fields.text("channel"), let time = fields.text("collectedTime")
        else { return nil }
        self.init(
            contractNumber: number, amount: amount, phone: phone, receiptNumber: receipt,
            channel: channel, collectedTime: time, at: at)
    }
}

extension MoneyMove {
    var members: JSONObject {
        [
            "notices": .array(notices.map { .object($0) }),
            "balanceCentavos": .number(String(balanceCentavos)),
            "collectionCentavos": .number(String(collectionCentavos)),
        ]
    }

    init?(_ fields: LedgerFields, _ at: Int64) {
        guard let notices = fields.array("notices")?.compactMap(\.objectValue),
            let balance = fields.integer("balanceCentavos"),
            let collection = fields.integer("collectionCentavos")
        else { return nil }
        self.init(
            notices: notices, balanceCentavos: balance, collectionCentavos: collection, at: at)
    }
}

extension DeferredRequest {
    var members: JSONObject {
        [
            "id": .number(String(id)), "dueAt": .number(String(dueAt)),
            "request": .object(fields),
        ]
    }

    init?(_ fields: LedgerFields, _ at: Int64) {
        guard let id = fields.integer("id"), let dueAt = fields.integer("dueAt"),
            let request = fields.object("request")
        else { return nil }
        self.init(id: Int(id), dueAt: dueAt, fields: request, at: at)
    }
}
