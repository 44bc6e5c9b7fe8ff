/// The forms of texts as the provider reads them (`skypay-api.md §1`). Written apart from
/// `SkyPay/Fields`, so that each can find the other's mistakes.
enum TextForms {
    typealias Form = @Sendable (String) -> Bool

    static let any: Form = { _ in true }
    static let isNotBlank: Form = { $0.contains { $0 != " " } }
    static let isPhone: Form = { $0.wholeMatch(of: /0[89][0-9]{9}/) != nil }
    static let isNumber: Form = { $0.wholeMatch(of: /[0-9]+/) != nil }
    static let isAccountCode: Form = { $0.wholeMatch(of: /[A-Za-z0-9]{1,5}/) != nil }
    static let isStatementType: Form = { $0.wholeMatch(of: /[1-6]/) != nil }

    static let isControlNumber: Form = {
        $0.wholeMatch(of: /[A-Za-z0-9]{2,5}[0-9]{8,13}/) != nil && (13...15).contains($0.count)
    }

    static let isName: Form = {
        $0.wholeMatch(of: /[^,]*[^, ][^,]*,[^,]*[^, ][^,]*(,[^,]*){0,2}/) != nil
    }

    /// Greater than zero, exactly two decimals.
    static let isAmount: Form = {
        $0.wholeMatch(of: /(0|[1-9][0-9]{0,9})\.[0-9]{2}/) != nil && $0.contains(/[1-9]/)
    }

    static let isAccount: Form = { text in
        text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?/) != nil
            && text.contains(/[0-9]/) && text.wholeMatch(of: /[0-9]+[eE]-?[0-9]+/) == nil
    }

    static let isDate: Form = { text in
        guard let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/),
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
            $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}"
        }
    }
}
