import OrderedJSON
import SkyPay

extension LedgerEvent {
    /// The line, without its end.
    var json: JSONValue {
        switch self {
        case .opened(let balance): ["event": "opened", "balance": .string(balance.text)]
        case .request(let number, let digest, let at):
            line("request", at, ["controlNumber": .string(number), "bodySha256": .string(digest)])
        case .order(let action, let digest, let at):
            line("order", at, ["action": .string(action), "bodySha256": .string(digest)])
        case .applied(let payout): line("applied", payout.at, payout.members)
        case .uploaded(let number, let reference, let at):
            line(
                "uploaded", at,
                ["controlNumber": .string(number), "reference": .string(reference)])
        case .settled(let number, let at):
            line("settled", at, ["controlNumber": .string(number)])
        case .changing(let change): line("changing", change.at, change.members)
        case .changed(let number, let reference, let at):
            line(
                "changed", at,
                ["controlNumber": .string(number), "reference": .string(reference)])
        case .barcode(let code): line("barcode", code.at, code.members)
        case .collected(let collection): line("collected", collection.at, collection.members)
        case .moved(let move): line("moved", move.at, move.members)
        case .deferred(let request): line("deferred", request.at, request.members)
        case .resumed(let id, let at): line("resumed", at, ["id": .number(String(id))])
        }
    }

    private func line(_ event: String, _ at: Int64, _ members: JSONObject) -> JSONValue {
        var object: JSONObject = ["event": .string(event)]
        object.members += members.members
        object["at"] = .number(String(at))
        return .object(object)
    }

    init?(_ value: JSONValue) {
        let fields = LedgerFields(value)
        guard let event = fields.text("event"), let read = Self.read(event, fields) else {
            return nil
        }
        self = read
    }

    private static func read(_ event: String, _ fields: LedgerFields) -> LedgerEvent? {
        if event == "opened" {
            return fields.text("balance").flatMap(Amount.init(wireTotal:))
                .map { .opened(balance: $0) }
        }
        guard let at = fields.integer("at") else { return nil }
        switch event {
        case "applied": return AppliedPayout(fields, at).map { .applied($0) }
        case "changing": return PayoutChange(fields, at).map { .changing($0) }
        case "barcode": return Barcode(fields, at).map { .barcode($0) }
        case "collected": return CollectedPayment(fields, at).map { .collected($0) }
        case "moved": return MoneyMove(fields, at).map { .moved($0) }
        case "deferred": return DeferredRequest(fields, at).map { .deferred($0) }
        case "resumed": return fields.integer("id").map { .resumed(id: Int($0), at: at) }
        case "order":
            guard let action = fields.text("action"), let digest = fields.text("bodySha256")
            else { return nil }
            return .order(action: action, bodySHA256: digest, at: at)
        default: return readNumbered(event, fields, at)
        }
    }

    /// Events of one control number with nothing but texts.
    private static func readNumbered(
        _ event: String, _ fields: LedgerFields, _ at: Int64
    ) -> LedgerEvent? {
        guard let number = fields.text("controlNumber") else { return nil }
        switch event {
        case "request":
            return fields.text("bodySha256")
                .map { .request(controlNumber: number, bodySHA256: $0, at: at) }
        case "uploaded":
            return fields.text("reference")
                .map { .uploaded(controlNumber: number, reference: $0, at: at) }
        case "changed":
            return fields.text("reference")
                .map { .changed(controlNumber: number, reference: $0, at: at) }
        case "settled": return .settled(controlNumber: number, at: at)
        default: return nil
        }
    }
}

/// Typed reading of a ledger line.
struct LedgerFields {
    private let value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    func text(_ name: String) -> String? { value[name]?.stringValue }
    func flag(_ name: String) -> Bool? { value[name]?.booleanValue }
    func integer(_ name: String) -> Int64? { value[name]?.integerValue.map(Int64.init) }
    func amount(_ name: String) -> Amount? { text(name).flatMap(Amount.init(wire:)) }
    func object(_ name: String) -> JSONObject? { value[name]?.objectValue }
    func array(_ name: String) -> [JSONValue]? { value[name]?.arrayValue }
}
