internal import OrderedJSON

/// Reads a large JSON text value by value, holding one value at a time.
struct JSONStream {
    let window: TextWindow
    let limits: BatchLimits

    /// The next byte that is not white space, at the window's front; nil at the end of the text.
    func peek() throws -> UInt8? {
        while true {
            let blank = window.withBytes { text in
                var index = 0
                while index < text.count, Self.isWhitespace(text[index]) { index += 1 }
                return index
            }
            window.consume(blank)
            if let first = window.first { return first }
            guard try window.fill() else { return nil }
        }
    }

    /// Reads one of these bytes, white space before it skipped.
    func expect(_ wanted: [UInt8]) throws -> UInt8 {
        guard let byte = try peek() else { throw unfinished }
        guard wanted.contains(byte) else {
            let names = wanted.map { "'" + String(UnicodeScalar($0)) + "'" }
            throw ReadStop.fault(
                FaultCode.syntax, "not JSON: \(names.joined(separator: " or ")) should stand here",
                line: window.line, column: window.column)
        }
        window.consume(1)
        return byte
    }

    /// The text of the value that comes next, brackets matched but nothing else checked. What
    /// the text holds when it ends inside the value is judged first: it may be past mending.
    func valueText(item: Int? = nil) throws -> [UInt8] {
        guard try peek() != nil else { throw unfinished }
        while true {
            if let length = window.withBytes(Self.valueLength) {
                try checkLength(length, item)
                return window.prefix(length)
            }
            try checkLength(window.count, item)
            guard try window.fill() else {
                try judgeRest(item)
                throw unfinished
            }
        }
    }

    /// Where the value at the window's front stands.
    func place(item: Int? = nil) -> JSONRowParser.Place {
        JSONRowParser.Place(
            line: window.line, column: window.column, offset: window.offset, item: item)
    }

    var unfinished: ReadStop {
        .incomplete("the JSON value does not end: its last '}' is not there yet")
    }

    private func judgeRest(_ item: Int?) throws {
        let text = window.prefix(window.count)
        do {
            _ = try JSONValue(parsing: text)
        } catch  where error.kind == .invalid {
            throw JSONRowParser.stop(error, text, place(item: item))
        } catch {
            return  // Cut short, or a row's own fault.
        }
    }

    private func checkLength(_ length: Int, _ item: Int?) throws {
        guard length > limits.maxRowBytes else { return }
        throw ReadStop.fault(
            FaultCode.tooLarge, "the value is longer than \(limits.maxRowBytes >> 10) KiB",
            line: window.line, column: window.column, item: item)
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// The length of the value at the front of `text`; nil when it does not end there.
    private static func valueLength(_ text: UnsafeRawBufferPointer) -> Int? {
        switch text[0] {
        case 0x7B, 0x5B: return bracketedLength(text)
        case 0x22: return stringEnd(text, from: 1)
        default:
            return (0..<text.count).first { index in
                let byte = text[index]
                return isWhitespace(byte) || byte == 0x2C || byte == 0x5D || byte == 0x7D
            }
        }
    }

    private static func bracketedLength(_ text: UnsafeRawBufferPointer) -> Int? {
        var depth = 0
        var index = 0
        while index < text.count {
            switch text[index] {
            case 0x22:
                guard let end = stringEnd(text, from: index + 1) else { return nil }
                index = end
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The place after the quote that closes a string; a quote after a backslash does not.
    private static func stringEnd(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var from = start
        while let quote = find(0x22, in: text, from: from, to: text.count) {
            var backslashes = 0
            while quote - backslashes > start, text[quote - backslashes - 1] == 0x5C {
                backslashes += 1
            }
            if backslashes % 2 == 0 { return quote + 1 }
            from = quote + 1
        }
        return nil
    }
}
