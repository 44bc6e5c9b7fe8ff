import AuditLog
import OrderedJSON

/// Keeps digits that could be a card or account number out of the audit log, which refuses such
/// events: a provider's free text must never stop the journal (docs/audit-log-format.md).
enum PersonalData {
    /// The shortest card number, in digits.
    static let minCardDigits = 13

    /// The text with all but the last four digits of every such run replaced by `x`.
    static func masked(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var run: [Int] = []
        var position = 0
        while position <= bytes.count {
            let byte = position < bytes.count ? bytes[position] : 0
            if (0x30...0x39).contains(byte) {
                run.append(position)
            } else if run.isEmpty || (byte != 0x20 && byte != 0x2D) {
                if run.count >= minCardDigits {
                    for index in run.dropLast(4) { bytes[index] = 0x78 }
                }
                run = []
            }
            position += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A provider's free text with everything masked that could be an account: runs of
    /// `minAccountDigits` digits or more that do not follow a letter (a control number does).
    static func freeText(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
            if end - start >= minAccountDigits, start == 0 || !isLetter(bytes[start - 1]) {
                for index in start..<end - 4 { bytes[index] = 0x78 }
            }
            start = max(end, start + 1)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The shortest run of digits that could be an account number.
    static let minAccountDigits = 8

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte & 0xDF)
    }

    /// The text itself, or masked where the log would refuse it. Our own ids never are.
    static func safe(_ text: String) -> String {
        CardNumber.isFound(in: text) ? masked(text) : text
    }

    /// The draft with every value masked that the log would refuse, in subject and data.
    static func masked(_ draft: EventDraft) -> EventDraft {
        var draft = draft
        draft.subject = masked(draft.subject)
        draft.data = masked(draft.data)
        return draft
    }

    private static func masked(_ object: JSONObject) -> JSONObject {
        JSONObject(object.members.map { ($0.name, masked($0.value)) })
    }

    private static func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(safe(text))
        case .array(let elements): .array(elements.map(masked))
        case .object(let object): .object(masked(object))
        case .null, .boolean, .number: value
        }
    }
}
