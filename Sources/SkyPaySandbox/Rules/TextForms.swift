/// The forms of texts as the provider reads them (`skypay-api.md §1`). Written apart from
/// `SkyPay/Fields`, so that each can find the other's mistakes.
enum TextForms {
    typealias Form = @Sendable (String) -> Bool

    /// Made once: to make one costs many times what it costs to use it.
    private struct Patterns {
        let phone = /0[89][0-9]{9}/
        let number = /[0-9]+/
        let accountCode = /[A-Za-z0-9]{1,5}/
        let statementType = /[1-6]/
        let controlNumber = /[A-Za-z0-9]{2,5}[0-9]{8,13}/
        let name = /[^,]*[^, ][^,]*,[^,]*[^, ][^,]*(,[^,]*){0,2}/
        let amount = /(0|[1-9][0-9]{0,9})\.[0-9]{2}/
        let notZero = /[1-9]/
        let account = /[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?/
        let digit = /[0-9]/
        let powerOfTen = /[0-9]+[eE]-?[0-9]+/
        let date = /([0-9]{4})-([0-9]{2})-([0-9]{2})/
    }

    // Regular expressions are not Sendable since they may hold closures; literals do not, and using one
    // does not change it.
    private nonisolated(unsafe) static let patterns = Patterns()

    static let any: Form = { _ in true }
    static let isNotBlank: Form = { $0.contains { $0 != " " } }
    static let isPhone: Form = { $0.wholeMatch(of: patterns.phone) != nil }
    static let isNumber: Form = { $0.wholeMatch(of: patterns.number) != nil }
    static let isAccountCode: Form = { $0.wholeMatch(of: patterns.accountCode) != nil }
    static let isStatementType: Form = { $0.wholeMatch(of: patterns.statementType) != nil }

    static let isControlNumber: Form = {
        $0.wholeMatch(of: patterns.controlNumber) != nil && (13...15).contains($0.count)
    }

    static let isName: Form = {
        $0.wholeMatch(of: patterns.name) != nil
    }

    /// Greater than zero, exactly two decimals.
    static let isAmount: Form = {
        $0.wholeMatch(of: patterns.amount) != nil && $0.contains(patterns.notZero)
    }

    static let isAccount: Form = { text in
        text.wholeMatch(of: patterns.account) != nil
            && text.contains(patterns.digit) && text.wholeMatch(of: patterns.powerOfTen) == nil
    }

    static let isDate: Form = { text in
        guard let match = text.wholeMatch(of: patterns.date),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), year > 0
        else { return false }
        let leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return lengths.indices.contains(month - 1) && (1...lengths[month - 1]).contains(day)
    }

    /// One of a few words.
    static func isOne(of words: String...) -> Form {
        { text in words.contains(text) }
    }

    /// Whether a text holds a control character or a line break.
    static func hasControl(_ text: String) -> Bool {
        text.unicodeScalars.contains {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\u{2028}"
                || $0 == "\u{2029}"
        }
    }
}
