import OrderedJSON
import SkyPay

/// What must hold for any bytes that are taken for a message of SkyPay's.
enum MessageOracle {
    private static let present = Envelope(passwordKey: MessageSubject.key)
    private static let previous = Envelope(passwordKey: MessageSubject.previousKey)

    /// What opens is what sealing makes of it, byte for byte but for white space; and whatever is
    /// sealed opens.
    static func envelope(_ bytes: [UInt8]) -> String? {
        if let opened = try? present.open(bytes) {
            let bare = bytes.filter { ![0x0A, 0x0D, 0x20].contains($0) }
            guard Array(present.seal(opened).utf8) == bare else {
                return "an envelope opens that sealing would not make"
            }
        }
        let sealed = present.seal(bytes)
        guard (try? present.open(Array(sealed.utf8))) == bytes else {
            return "what was sealed does not open"
        }
        guard sealed.utf8.count == (bytes.count / 16 + 1) * 16 / 3 * 4 + padding(bytes.count) else {
            return "an envelope has another length"
        }
        return nil
    }

    private static func padding(_ count: Int) -> Int {
        (count / 16 + 1) * 16 % 3 == 0 ? 0 : 4
    }

    /// A message that neither key opens, and that is no plain JSON, is never a callback; one that
    /// opens reads as its plain text does.
    static func message(_ bytes: [UInt8]) -> String? {
        let credentials = MessageSubject.credentials
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let opened = try? Callback.open(bytes, credentials)
        if first == 0x7B {
            guard opened == bytes else { return "a plain message was altered" }
        } else if let opened {
            let keys = [present, previous].filter { (try? $0.open(bytes)) == opened }
            guard !keys.isEmpty else { return "a message opens that no key opens" }
        } else {
            let isOpen = (try? present.open(bytes)) != nil && (try? previous.open(bytes)) != nil
            guard !isOpen else { return "a message does not open though both keys open it" }
        }
        return opened.flatMap(callback)
    }

    /// What is taken for a callback has all that its action needs, says who sent it, and reads the
    /// same whatever the order and letter case of its fields.
    static func callback(_ bytes: [UInt8]) -> String? {
        guard let object = (try? JSONValue(parsing: bytes))?.objectValue,
            let callback = try? Callback.parse(object)
        else { return nil }
        guard let action = Callback.action(of: object), action == callback.action else {
            return "a callback has another action"
        }
        if let key = callback.idempotencyKey {
            guard key.first == action, key.count == 3 || key.count == 4 else {
                return "a callback is told from others by too little"
            }
        }
        if let problem = number(of: callback) { return problem }
        return sameAgain(callback, object)
    }

    private static func sameAgain(_ callback: Callback, _ object: JSONObject) -> String? {
        let text = JSONValue.object(object).bytes()
        guard let again = try? JSONValue(parsing: text).objectValue,
            (try? Callback.parse(again)) == callback
        else { return "a callback reads differently once written again" }
        let names = object.members.map { $0.name.lowercased() }
        // Names that differ in case only are the sender's mistake: the first one counts.
        guard Set(names).count == names.count else { return nil }
        let other = JSONObject(
            object.members.reversed().map { ($0.name.uppercased(), $0.value) })
        // Upper and lower case of some letters are not each other's inverse.
        guard other.members.map({ $0.name.lowercased() }) == Array(names.reversed()) else {
            return nil
        }
        guard (try? Callback.parse(other)) == callback else {
            return "a callback reads differently in other letters"
        }
        return nil
    }

    private static func number(of callback: Callback) -> String? {
        let number: String
        switch callback {
        case .payoutQueuePayout(let result): number = result.controlNumber
        case .payoutInquiry(let inquiry): number = inquiry.controlNumber
        case .payoutPayout(let payment): number = payment.controlNumber
        case .collectionInquiry(let inquiry): number = inquiry.contractNumber
        case .collectionCollect(let payment): number = payment.contractNumber
        case .financeNotification(let notice): number = notice.referenceNumber
        }
        guard !number.isEmpty else { return "a callback concerns nothing" }
        guard number.utf16.count <= Callback.maxControlNumberLength else {
            return "a number is longer than any may be"
        }
        return nil
    }
}
