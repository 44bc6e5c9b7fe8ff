extension FieldForm {
    static func amountFault(_ text: String, _ bytes: [UInt8]) -> FormFault? {
        if let amount = Amount(wire: text) {
            return amount > .zero
                ? nil : FormFault(FieldFaultCode.zeroAmount, "is zero; an amount is greater than 0")
        }
        if let fault = scientificFault(bytes) { return fault }
        if bytes.first == 0x2B || bytes.first == 0x2D {
            return FormFault(FieldFaultCode.sign, "has a sign; write 3900.00")
        }
        if let fault = separatorFault(bytes) { return fault }
        return FormFault(
            FieldFaultCode.pattern,
            "must be 1 to 10 digits without leading zeros, a point and exactly 2 decimals"
                + " (3900.00)")
    }

    /// `1.500,00` and `1500,00` have a decimal comma, `1,500.00` and `1 500.00` grouping.
    private static func separatorFault(_ bytes: [UInt8]) -> FormFault? {
        let grouping = FormFault(
            FieldFaultCode.grouping, "sets thousands apart; write 3900.00")
        guard bytes.allSatisfy({ isDigit($0) || [0x20, 0x27, 0x2C, 0x2E, 0x5F].contains($0) })
        else { return nil }
        if let comma = bytes.lastIndex(of: 0x2C) {
            let decimals = bytes[(comma + 1)...]
            if decimals.count != 3, decimals.allSatisfy(isDigit) {
                return FormFault(
                    FieldFaultCode.decimalComma, "has a decimal comma; write 3900.00")
            }
            return grouping
        }
        let points = bytes.count { $0 == 0x2E }
        let foreign = bytes.contains { !isDigit($0) && $0 != 0x2E }
        return foreign || points > 1 ? grouping : nil
    }

    /// What a spreadsheet makes of a phone number.
    static func spreadsheetFault(_ bytes: [UInt8]) -> FormFault? {
        if let fault = scientificFault(bytes) { return fault }
        if bytes.count == phoneDigits - 1, bytes.allSatisfy(isDigit),
            bytes[0] == 0x39 || bytes[0] == 0x38
        {
            return FormFault(
                FieldFaultCode.leadingZeroLost,
                "has ten digits: leading zero lost, probably by a spreadsheet; write it as text"
                    + " with its 0")
        }
        if bytes.first == 0x2B || bytes.first == 0x2D {
            return FormFault(
                FieldFaultCode.sign, "has a sign; write 11 digits beginning with 08 or 09")
        }
        return nil
    }

    /// `9.17E+09` and its like: digits, perhaps decimals, an exponent.
    static func scientificFault(_ bytes: [UInt8]) -> FormFault? {
        guard let exponent = bytes.firstIndex(where: { $0 | 0x20 == 0x65 }), exponent > 0 else {
            return nil
        }
        let isMantissa = bytes[..<exponent].enumerated().allSatisfy { position, byte in
            isDigit(byte) || byte == 0x2E || byte == 0x2C || position == 0 && byte == 0x2D
        }
        var power = bytes[(exponent + 1)...]
        if power.first == 0x2B || power.first == 0x2D { power = power.dropFirst() }
        guard isMantissa, isDigit(bytes[0]) || bytes[0] == 0x2D, !power.isEmpty,
            power.allSatisfy(isDigit)
        else { return nil }
        return FormFault(
            FieldFaultCode.scientificNotation,
            "is in scientific notation, digits are lost, probably by a spreadsheet; write it out"
                + " as text")
    }
}
