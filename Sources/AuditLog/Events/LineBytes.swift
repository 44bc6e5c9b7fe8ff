import Glibc

/// A cursor over the bytes of one line; valid while the line is.
struct LineBytes {
    private let line: UnsafeRawBufferPointer
    private(set) var at = 0

    init(_ line: UnsafeRawBufferPointer) { self.line = line }

    var isAtEnd: Bool { at == line.count }

    /// The next byte; 0, which no line holds, at the end.
    @inline(__always)
    var peek: UInt8 { at < line.count ? line[at] : 0 }

    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at += 1
        return true
    }

    @inline(__always)
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard line.count - at >= count, let base = line.baseAddress,
            memcmp(base + at, text.utf8Start, count) == 0
        else { return false }
        at += count
        return true
    }

    /// A sequence number: digits without a leading zero.
    mutating func number() -> UInt64? {
        let start = at
        var value: UInt64 = 0
        while isDigit(peek) {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) = shifted.addingReportingOverflow(UInt64(peek - 0x30))
            if overflow || carry { return nil }
            value = next
            at += 1
        }
        if at == start || (line[start] == 0x30 && at > start + 1) { return nil }
        return value
    }

    /// A time in the form of events.
    mutating func time() -> TimeStamp? {
        guard line.count - at >= AuditTime.byteCount else { return nil }
        let end = at + AuditTime.byteCount
        guard let time = TimeStamp(UnsafeRawBufferPointer(rebasing: line[at..<end])) else {
            return nil
        }
        at = end
        return time
    }

    /// A number (RFC 8259 §6); canonical form keeps its text.
    mutating func decimal() -> Bool {
        _ = skip(0x2D)
        if skip(0x30) {
            if isDigit(peek) { return false }
        } else if !digits() {
            return false
        }
        if skip(0x2E), !digits() { return false }
        if skip(0x65) || skip(0x45) {
            if !skip(0x2B) { _ = skip(0x2D) }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        guard isDigit(peek) else { return false }
        while isDigit(peek) { at += 1 }
        return true
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// A string as read: its bytes between the quotes, and whether letters beyond ASCII are in it.
    struct Text {
        var text: LineParts.Text
        var hasLetters: Bool
    }

    /// A string in canonical form, moved over; nil when none is here.
    @inline(__always)
    mutating func string() -> Text? {
        guard skip(0x22) else { return nil }
        var found = Text(text: LineParts.Text(start: at), hasLetters: false)
        while true {
            skipPlain()
            switch peek {
            case 0x22:
                found.text.end = at
                at += 1
                return found
            case 0x5C:
                found.text.hasEscapes = true
                guard skipEscape() else { return nil }
            case 0x80...:
                found.hasLetters = true
                guard skipLetter() else { return nil }
            default: return nil
            }
        }
    }

    /// Bytes of a string that need no second look: no quote, backslash, control, non-ASCII byte.
    /// Eight at a time: a byte's top bit is set where it is one of those (or behind one that is).
    mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while line.count - at >= 8 {
            let word = UInt64(littleEndian: line.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            let found =
                (word | ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes)
                    | ((slashes &- ones) & ~slashes)) & tops
            if found != 0 {
                at += found.trailingZeroBitCount / 8
                return
            }
            at += 8
        }
        while at < line.count {
            let byte = line[at]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return }
            at += 1
        }
    }

    /// One of the escapes of canonical form: `\"` `\\` `\n` `\r` `\t`, and `\u00xx` in lower case
    /// for the other bytes below 0x20.
    mutating func skipEscape() -> Bool {
        guard line.count - at >= 2 else { return false }
        switch line[at + 1] {
        case 0x22, 0x5C, 0x6E, 0x72, 0x74:
            at += 2
            return true
        case 0x75: return skipControl()
        default: return false
        }
    }

    private mutating func skipControl() -> Bool {
        guard line.count - at >= 6, line[at + 2] == 0x30, line[at + 3] == 0x30 else { return false }
        let high = line[at + 4]
        let low = line[at + 5]
        guard high == 0x30 || high == 0x31, isDigit(low) || (0x61...0x66).contains(low) else {
            return false
        }
        // Newline, carriage return and tab have an escape of their own.
        if high == 0x30, low == 0x61 || low == 0x64 || low == 0x39 { return false }
        at += 6
        return true
    }

    /// One scalar of more than one byte, well-formed as Unicode 15, table 3-7, says.
    mutating func skipLetter() -> Bool {
        let first = peek
        let second: ClosedRange<UInt8>
        let count: Int
        switch first {
        case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: return false
        }
        guard line.count - at >= count, second.contains(line[at + 1]) else { return false }
        for place in 2..<max(count, 2) where !(0x80...0xBF).contains(line[at + place]) {
            return false
        }
        at += count
        return true
    }

    func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count, let base = line.baseAddress else { return false }
        return memcmp(base + left.lowerBound, base + right.lowerBound, left.count) == 0
    }
}
