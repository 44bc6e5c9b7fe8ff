extension FieldForm {
    static func companyCodeFault(_ bytes: [UInt8]) -> FormFault? {
        guard bytes.allSatisfy({ isDigit($0) || isLetter($0) }) else {
            return FormFault(
                FieldFaultCode.pattern, "must be a company's prefix in letters and digits (SKY98)")
        }
        return nil
    }

    static func wordFault(
        _ text: String, _ words: [String], _ table: ActionTable
    ) -> FormFault? {
        if words.contains(text) { return nil }
        if table.kind == .callback, words.contains(text.lowercased()) { return nil }
        let hint = Suggestion.sentence(for: text, among: words)
        return FormFault(
            FieldFaultCode.pattern, "must be one of \(words.joined(separator: ", "))\(hint)")
    }

    static func listFault(_ text: String, _ words: [String]) -> FormFault? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy(words.contains), Set(parts).count == parts.count else {
            return FormFault(
                FieldFaultCode.pattern,
                "must be some of \(words.joined(separator: ", ")), each once, with single spaces between"
            )
        }
        return nil
    }

    static func countFault(
        _ text: String, _ bytes: [UInt8], _ range: ClosedRange<Int>
    ) -> FormFault? {
        if let fault = scientificFault(bytes) { return fault }
        guard bytes.allSatisfy(isDigit), let number = Int(text), String(number) == text,
            range.contains(number)
        else {
            return FormFault(
                FieldFaultCode.pattern,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return nil
    }

    static func dateTimeFault(_ text: String) -> FormFault? {
        let bytes = Array(text.utf8)
        guard bytes.count == 19, bytes[10] == 0x20,
            PhilippineTime.unixMicroseconds(wire: text) != nil
        else {
            return FormFault(
                FieldFaultCode.pattern, "must be a time in GMT+8, yyyy-MM-dd HH:mm:ss")
        }
        return nil
    }

    /// What a callback calls a time: `2026-11-21 10:00:00.1234`, with `T` too, or the date alone.
    static func providersTimeFault(_ text: String) -> FormFault? {
        if PhilippineTime.isDate(text) || PhilippineTime.unixMicroseconds(wire: text) != nil {
            return nil
        }
        return FormFault(FieldFaultCode.pattern, "is no time (yyyy-MM-dd HH:mm:ss)")
    }

    static func providersAmountFault(_ bytes: [UInt8]) -> FormFault? {
        guard Amount(provider: String(decoding: bytes, as: UTF8.self)) == nil else { return nil }
        return FormFault(FieldFaultCode.pattern, "is no amount (digits, perhaps decimals)")
    }
}
