import OrderedJSON
import SkyPay

/// One line of the sandbox's ledger file. Times are microseconds since 1970.
enum LedgerEvent: Sendable, Equatable {
    case opened(balance: Amount)
    case request(controlNumber: String, bodySHA256: String, at: Int64)
    case applied(controlNumber: String, amount: Amount, channel: String, fails: Bool, at: Int64)
    case settled(controlNumber: String, at: Int64)

    var json: JSONValue {
        func at(_ time: Int64) -> JSONValue { .number(String(time)) }
        switch self {
        case .opened(let balance): return ["event": "opened", "balance": .string(balance.text)]
        case .request(let number, let digest, let time):
            return [
                "event": "request", "controlNumber": .string(number),
                "bodySha256": .string(digest), "at": at(time),
            ]
        case .applied(let number, let amount, let channel, let fails, let time):
            return [
                "event": "applied", "controlNumber": .string(number),
                "amount": .string(amount.text), "channel": .string(channel),
                "fails": .boolean(fails), "at": at(time),
            ]
        case .settled(let number, let time):
            return ["event": "settled", "controlNumber": .string(number), "at": at(time)]
        }
    }

    init?(_ value: JSONValue) {
        func text(_ name: String) -> String? { value[name]?.stringValue }
        let at = value["at"]?.integerValue.map(Int64.init)
        switch text("event") {
        case "opened":
            guard let balance = text("balance").flatMap(Amount.init(wireTotal:)) else {
                return nil
            }
            self = .opened(balance: balance)
        case "request":
            guard let number = text("controlNumber"), let digest = text("bodySha256"), let at
            else { return nil }
            self = .request(controlNumber: number, bodySHA256: digest, at: at)
        case "applied":
            guard let number = text("controlNumber"), let channel = text("channel"),
                let amount = text("amount").flatMap(Amount.init(wire:)),
                let fails = value["fails"]?.booleanValue, let at
            else { return nil }
            self = .applied(
                controlNumber: number, amount: amount, channel: channel, fails: fails, at: at)
        case "settled":
            guard let number = text("controlNumber"), let at else { return nil }
            self = .settled(controlNumber: number, at: at)
        default: return nil
        }
    }
}
