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

    /// Free text of a provider or a person with everything masked that could be an account: runs of
    /// `minAccountDigits` digits or more, grouped by single blanks or hyphens or not. Left are dates, and
    /// words of the form of control numbers.
    static func freeText(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            guard isDigit(bytes[start]) else {
                start += 1
                continue
            }
            let digits = run(bytes, from: start)
            if digits.count >= minAccountDigits, !isControlNumber(bytes, digits),
                !isDate(bytes, digits)
            {
                for index in digits.dropLast(4) { bytes[index] = 0x78 }
            }
            start = (digits.last ?? start) + 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The shortest run of digits that could be an account number.
    static let minAccountDigits = 8
    /// Letters in capitals before the digits of a control number, and characters in all
    /// (skypay-api.md §1).
    private static let prefixLetters = 2...5
    private static let controlNumberCharacters = 13...15

    /// Places of the digits of one number: groups of them stand one blank or hyphen apart.
    private static func run(_ bytes: [UInt8], from start: Int) -> [Int] {
        var places: [Int] = []
        var next = start
        while next < bytes.count {
            if isDigit(bytes[next]) {
                places.append(next)
            } else {
                let isBetween = next + 1 < bytes.count && isDigit(bytes[next + 1])
                guard bytes[next] == 0x20 || bytes[next] == 0x2D, isBetween else { break }
            }
            next += 1
        }
        return places
    }

    private static func isControlNumber(_ bytes: [UInt8], _ digits: [Int]) -> Bool {
        guard let first = digits.first, let last = digits.last, last - first == digits.count - 1
        else { return false }
        let letters = bytes[..<first].reversed().prefix { (0x41...0x5A).contains($0) }.count
        return prefixLetters.contains(letters)
            && controlNumberCharacters.contains(letters + digits.count)
    }

    /// `2026-11-21`, with a time behind it or not: four digits, two, two.
    private static func isDate(_ bytes: [UInt8], _ digits: [Int]) -> Bool {
        guard let first = digits.first, digits.count >= 8, first + 9 < bytes.count else {
            return false
        }
        let separators = [bytes[first + 4], bytes[first + 7]]
        let parts = Array(digits.prefix(8))
        let expected = [0, 1, 2, 3, 5, 6, 8, 9].map { first + $0 }
        return separators == [0x2D, 0x2D] && parts == expected && digits.count <= 10
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The text itself, or masked where the log would refuse it. Our own ids never are.
    static func safe(_ text: String) -> String {
        CardNumber.isFound(in: text) ? masked(text) : text
    }

    /// The draft with every value masked that the log would refuse, in subject and data.
    static func masked(_ draft: EventDraft) -> EventDraft { mapped(draft, safe) }

    /// The draft without text that begins like JSON: the log judges such text as JSON and refuses it when
    /// there are secrets in it, which must not come in in another form either. Names of files and ids
    /// are never such.
    static func withoutJSON(_ draft: EventDraft) -> EventDraft {
        mapped(draft) { mayBeJSON($0) ? "(left out: it begins like JSON)" : safe($0) }
    }

    /// True when the text begins like JSON, and names something in quotation marks, as a secret would be.
    static func mayBeJSON(_ text: String) -> Bool {
        let begins = text.first { !$0.isWhitespace }.map { "{[\"".contains($0) } ?? false
        return begins && text.utf8.contains(UInt8(ascii: "\""))
    }

    private static func mapped(
        _ draft: EventDraft, _ text: (String) -> String
    ) -> EventDraft {
        var draft = draft
        draft.subject = mapped(draft.subject, text)
        draft.data = mapped(draft.data, text)
        return draft
    }

    private static func mapped(_ object: JSONObject, _ text: (String) -> String) -> JSONObject {
        JSONObject(object.members.map { ($0.name, mapped($0.value, text)) })
    }

    private static func mapped(_ value: JSONValue, _ text: (String) -> String) -> JSONValue {
        switch value {
        case .string(let string): .string(text(string))
        case .array(let elements): .array(elements.map { mapped($0, text) })
        case .object(let object): .object(mapped(object, text))
        case .null, .boolean, .number: value
        }
    }
}
