/// Checks that a stream of bytes is UTF-8 (Unicode 15, table 3-7), whatever its chunks.
struct UTF8Checker {
    private var continuationsDue = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the bytes so far end inside a character.
    var isInsideCharacter: Bool { continuationsDue > 0 }

    /// The index of the first byte that cannot stand where it stands; nil when all can.
    mutating func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while index < bytes.count {
            if continuationsDue == 0 { index = Self.skipASCII(bytes, from: index) }
            guard index < bytes.count else { return nil }
            guard accept(bytes[index]) else { return index }
            index += 1
        }
        return nil
    }

    /// Eight bytes at a time: nearly all of a file is ASCII.
    private static func skipASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        let lastWord = bytes.count - 8
        while index <= lastWord {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        return index
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard continuationsDue > 0 else { return begin(byte) }
        guard byte >= lowest, byte <= highest else { return false }
        continuationsDue -= 1
        (lowest, highest) = (0x80, 0xBF)
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        (lowest, highest) = (0x80, 0xBF)
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: continuationsDue = 1
        case 0xE0: (continuationsDue, lowest) = (2, 0xA0)
        case 0xED: (continuationsDue, highest) = (2, 0x9F)
        case 0xE1...0xEF: continuationsDue = 2
        case 0xF0: (continuationsDue, lowest) = (3, 0x90)
        case 0xF1...0xF3: continuationsDue = 3
        case 0xF4: (continuationsDue, highest) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
