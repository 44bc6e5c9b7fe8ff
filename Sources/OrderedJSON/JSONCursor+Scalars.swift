// Strings and numbers, byte by byte (RFC 8259 §6 and §7).
extension JSONCursor {
    /// Reads a string; the cursor stands at its opening quote.
    public mutating func parseString() throws(JSONFault) -> String {
        let start = index
        try expect(0x22)
        let contentStart = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 {
                let text = try utf8(bytes[contentStart..<index], at: contentStart)
                index += 1
                return text
            }
            if byte == 0x5C { return try parseEscapedString(from: contentStart) }
            try refuseControl(byte)
            index += 1
        }
        throw fault(.incomplete, "a string that begins at byte \(start) is not closed")
    }

    /// The slow way, for strings with escapes; the cursor stands at the first backslash.
    private mutating func parseEscapedString(from start: Int) throws(JSONFault) -> String {
        var buffer = Array(bytes[start..<index])
        while let byte = peek {
            switch byte {
            case 0x22:
                let text = try utf8(buffer[...], at: start)
                index += 1
                return text
            case 0x5C:
                index += 1
                buffer.append(contentsOf: try parseEscape())
            default:
                try refuseControl(byte)
                buffer.append(byte)
                index += 1
            }
        }
        throw fault(.incomplete, "a string is not closed")
    }

    private mutating func parseEscape() throws(JSONFault) -> [UInt8] {
        guard let byte = peek else { throw fault(.incomplete, "the text ends inside an escape") }
        index += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: return [byte]
        case 0x62: return [0x08]
        case 0x66: return [0x0C]
        case 0x6E: return [0x0A]
        case 0x72: return [0x0D]
        case 0x74: return [0x09]
        case 0x75: return try parseUnicodeEscape()
        default:
            throw fault(.invalid, "'\\\(Self.shown(byte))' is not a JSON escape", at: index - 1)
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONFault) -> [UInt8] {
        let start = index - 2
        var code = try parseHexDigits()
        if (0xD800...0xDBFF).contains(code) {
            try expect(0x5C)
            try expect(0x75)
            let low = try parseHexDigits()
            guard (0xDC00...0xDFFF).contains(low) else {
                throw fault(.invalid, "half of a surrogate pair", at: start)
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = UnicodeScalar(code) else {
            throw fault(.invalid, "half of a surrogate pair", at: start)
        }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func parseHexDigits() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else {
                throw fault(.incomplete, "the text ends inside an escape")
            }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: throw fault(.invalid, "\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private func refuseControl(_ byte: UInt8) throws(JSONFault) {
        guard byte >= 0x20 else {
            throw fault(.invalid, "a control character inside a string must be escaped")
        }
    }

    private func utf8(_ slice: ArraySlice<UInt8>, at offset: Int) throws(JSONFault) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw fault(.notUTF8, "a string holds bytes that are not UTF-8", at: offset)
        }
        return text
    }

    /// Reads a number and returns its text; the cursor stands at its first byte.
    mutating func parseNumber() throws(JSONFault) -> String {
        let start = index
        if peek == 0x2D { index += 1 }
        if peek == 0x30 {
            index += 1
            if let next = peek, (0x30...0x39).contains(next) {
                throw fault(.invalid, "a number must not begin with 0", at: start)
            }
        } else {
            try digits()
        }
        if peek == 0x2E {
            index += 1
            try digits()
        }
        if peek == 0x65 || peek == 0x45 {
            index += 1
            if peek == 0x2B || peek == 0x2D { index += 1 }
            try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(JSONFault) {
        guard let first = peek else { throw fault(.incomplete, "the text ends inside a number") }
        guard (0x30...0x39).contains(first) else {
            throw fault(.invalid, "a digit should stand here")
        }
        while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
    }
}
