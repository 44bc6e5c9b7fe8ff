extension FieldForm {
    /// Length of a control number, in characters (`skypay-api.md §1`).
    static let controlNumberLength = 13...15
    /// Length of a control number's prefix, in characters.
    static let controlNumberPrefixLength = 2...5
    /// Digits of a phone number.
    static let phoneDigits = 11
    /// Parts of a name: last, first, middle, suffix.
    static let nameParts = 2...4

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= 0x61 && lower <= 0x7A
    }

    static func controlCharacterFault(_ text: String) -> FormFault? {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
                return FormFault(
                    FieldFaultCode.controlCharacter,
                    "holds a control character or line break; remove it")
            default: continue
            }
        }
        return nil
    }

    static func textFault(_ bytes: [UInt8]) -> FormFault? {
        bytes.contains { $0 != 0x20 }
            ? nil : FormFault(FieldFaultCode.pattern, "is blank; leave it empty or fill it in")
    }

    static func controlNumberFault(_ bytes: [UInt8], _ prefix: String?) -> FormFault? {
        guard controlNumberLength.contains(bytes.count) else {
            return FormFault(
                FieldFaultCode.pattern,
                "has \(bytes.count) characters; a control number has 13 to 15")
        }
        let head = Array((prefix ?? "").utf8)
        guard bytes.starts(with: head) else {
            return FormFault(
                FieldFaultCode.prefix,
                "does not begin with the configured prefix \(prefix ?? "")")
        }
        let certain = prefix == nil ? controlNumberPrefixLength.upperBound : head.count
        guard bytes[certain...].allSatisfy(isDigit),
            bytes[..<certain].allSatisfy({ isDigit($0) || isLetter($0) })
        else {
            return FormFault(
                FieldFaultCode.pattern,
                "must be the prefix of 2 to 5 letters and digits, then digits only")
        }
        return nil
    }

    static func nameFault(_ text: String) -> FormFault? {
        let parts = text.utf8.split(separator: 0x2C, omittingEmptySubsequences: false)
        let blank = parts.prefix(2).contains { $0.allSatisfy { $0 == 0x20 } }
        guard nameParts.contains(parts.count), !blank else {
            return FormFault(
                FieldFaultCode.pattern,
                "must read Last,First,Middle,Suffix; last and first name are required")
        }
        return nil
    }

    static func phoneFault(_ bytes: [UInt8]) -> FormFault? {
        if bytes.count == phoneDigits, bytes[0] == 0x30, bytes[1] == 0x38 || bytes[1] == 0x39,
            bytes.allSatisfy(isDigit)
        {
            return nil
        }
        if let fault = spreadsheetFault(bytes) { return fault }
        return FormFault(
            FieldFaultCode.pattern, "must be 11 digits beginning with 08 or 09, nothing else")
    }

    static func bankAccountFault(_ bytes: [UInt8]) -> FormFault? {
        if let fault = scientificFault(bytes) { return fault }
        let known = bytes.allSatisfy { isDigit($0) || isLetter($0) || $0 == 0x2D }
        guard known, bytes.contains(where: isDigit), bytes.first != 0x2D, bytes.last != 0x2D
        else {
            return FormFault(
                FieldFaultCode.pattern,
                "must be the account number in digits (letters and hyphens may stand inside)")
        }
        return nil
    }

    static func channelFault(_ text: String, _ table: ActionTable) -> FormFault? {
        let channel = PayoutChannel(wire: text)
        if let channel, table.channels.contains(channel) { return nil }
        let known = table.channels.map(\.shown)
        let words = known.dropLast().joined(separator: ", ") + " or " + (known.last ?? "")
        let other = ActionTable.batchActions.first { other in
            other.kind == .action && other.hasAmount && channel.map(other.channels.contains) == true
        }
        let hint = other.map { "; \($0.name) serves this one" } ?? ""
        return FormFault(
            FieldFaultCode.unknownChannel, "is no channel of \(table.name); use \(words)\(hint)")
    }

    static func digitsFault(_ bytes: [UInt8]) -> FormFault? {
        if let fault = scientificFault(bytes) { return fault }
        guard bytes.allSatisfy(isDigit) else {
            return FormFault(FieldFaultCode.pattern, "must be digits only")
        }
        return nil
    }

    static func dateFault(_ text: String) -> FormFault? {
        guard PhilippineTime.isDate(text) else {
            return FormFault(FieldFaultCode.pattern, "must be a calendar date, yyyy-MM-dd")
        }
        return nil
    }
}
