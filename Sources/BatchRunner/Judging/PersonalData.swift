import AuditLog
import OrderedJSON

/// Keeps digits that could be a card or account number out of the audit log, which refuses such
/// events: a provider's free text must never stop the journal (docs/audit-log-format.md).
enum PersonalData {
    /// The shortest card number, in digits.
    static let minCardDigits = 13

    /// The text with all but the last four digits of every such run replaced by `x`. Digits of every
    /// script count, and whatever the log's search takes for a gap or does not see may stand between
    /// them: what is masked is never refused as a card number.
    static func masked(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        var run: [Int] = []
        func endRun() {
            if run.count >= minCardDigits { mask(run, in: &scalars) }
            run = []
        }
        for (place, scalar) in text.unicodeScalars.enumerated() {
            switch CardNumber.sight(of: scalar) {
            case .digit: run.append(place)
            case .gap, .unseen: break
            case .other: endRun()
            }
        }
        endRun()
        return String(String.UnicodeScalarView(scalars))
    }

    /// Free text of a provider or a person with everything masked that could be an account: runs of
    /// `minAccountDigits` digits or more of any script, grouped by single spaces or dashes of any kind
    /// or not. Left are dates, and words of the form of control numbers.
    static func freeText(_ text: String) -> String {
        // Most texts are as short as "Success".
        if text.utf8.count < minAccountDigits { return text }
        var scalars = Array(text.unicodeScalars)
        let sights = scalars.map(CardNumber.sight)
        var start = 0
        while start < sights.count {
            guard sights[start] == .digit else {
                start += 1
                continue
            }
            let digits = run(sights, from: start)
            if digits.count >= minAccountDigits, !isControlNumber(scalars, digits),
                !isDate(scalars, digits)
            {
                mask(digits, in: &scalars)
            }
            start = (digits.last ?? start) + 1
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// One `x` for each digit but the last four: places stay what they were.
    private static func mask(_ digits: [Int], in scalars: inout [Unicode.Scalar]) {
        for place in digits.dropLast(keptDigits) { scalars[place] = "x" }
    }

    /// Digits that stay readable at the end of a masked number.
    private static let keptDigits = 4

    /// The shortest run of digits that could be an account number.
    static let minAccountDigits = 8
    /// Letters in capitals before the digits of a control number, and characters in all
    /// (skypay-api.md §1).
    private static let prefixLetters = 2...5
    private static let controlNumberCharacters = 13...15

    /// Places of the digits of one number: groups of them stand one space or dash apart.
    private static func run(_ sights: [CardNumber.Sight], from start: Int) -> [Int] {
        var places: [Int] = []
        var gap = 0
        for place in start..<sights.count {
            switch sights[place] {
            case .digit:
                places.append(place)
                gap = 0
            case .gap:
                gap += 1
                if gap > 1 { return places }
            case .unseen: break
            case .other: return places
            }
        }
        return places
    }

    private static func isControlNumber(_ scalars: [Unicode.Scalar], _ digits: [Int]) -> Bool {
        guard let first = digits.first, let last = digits.last, last - first == digits.count - 1,
            digits.allSatisfy({ scalars[$0].isASCII })
        else { return false }
        let letters = scalars[..<first].reversed().prefix { ("A"..."Z").contains($0) }.count
        return prefixLetters.contains(letters)
            && controlNumberCharacters.contains(letters + digits.count)
    }

    /// `2026-11-21`, with a time behind it or not: four digits, two, two.
    private static func isDate(_ scalars: [Unicode.Scalar], _ digits: [Int]) -> Bool {
        guard let first = digits.first, digits.count >= 8, first + 9 < scalars.count else {
            return false
        }
        let separators = [scalars[first + 4], scalars[first + 7]]
        let parts = Array(digits.prefix(8))
        let expected = [0, 1, 2, 3, 5, 6, 8, 9].map { first + $0 }
        return separators == ["-", "-"] && parts == expected && digits.count <= 10
    }

    /// The text itself, or masked where the log would refuse it. Our own ids never are.
    static func safe(_ text: String) -> String {
        CardNumber.isFound(in: text) ? masked(text) : text
    }

    /// The draft with every value masked that the log would refuse, in subject and data.
    static func masked(_ draft: EventDraft) -> EventDraft { mapped(draft, safe) }

    /// The object as the log has it once it is recorded: who compares something with what was recorded
    /// compares this.
    static func masked(_ object: JSONObject) -> JSONObject { mapped(object, safe) }

    /// The draft without text that begins like JSON: the log judges such text as JSON and refuses it when
    /// there are secrets in it, which must not come in in another form either. Names of files and ids
    /// are never such.
    static func withoutJSON(_ draft: EventDraft) -> EventDraft {
        mapped(draft) { mayBeJSON($0) ? "(left out: it begins like JSON)" : safe($0) }
    }

    /// True when the text begins like JSON, and names something in quotation marks, as a secret would be,
    /// or is JSON as a whole: a number in it may be a card's in a form that no mask knows (`4.1e15`).
    static func mayBeJSON(_ text: String) -> Bool {
        // Not characters: a mark behind the bracket would make another one of it.
        guard let first = text.unicodeScalars.first(where: { !$0.properties.isWhitespace }),
            first == "{" || first == "[" || first == "\""
        else { return false }
        if text.utf8.contains(UInt8(ascii: "\"")) { return true }
        do throws(JSONFault) {
            _ = try JSONValue(parsing: Array(text.utf8))
            return true
        } catch {
            return false
        }
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
