/// Base64 with the standard alphabet (RFC 4648 §4), strict except for white space.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
        return table
    }()

    /// One line, padded.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group = UInt32(0)
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0)
            }
            for index in 0..<4 {
                let value = Int(group >> (18 - 6 * UInt32(index)) & 0x3F)
                text.append(index <= count ? alphabet[value] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text; CR, LF and spaces are set aside. Nil for other bytes, a wrong length,
    /// padding inside, or bits set that the padding should have cleared.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group = UInt32(0)
        var count = 0
        var padding = 0
        for byte in text where byte != 0x0A && byte != 0x0D && byte != 0x20 {
            if byte == 0x3D {
                padding += 1
            } else {
                let value = values[Int(byte)]
                guard value != 0xFF, padding == 0 else { return nil }
                group = group << 6 | UInt32(value)
            }
            count += 1
            guard count % 4 == 0, padding == 0 else { continue }
            bytes.append(UInt8(group >> 16))
            bytes.append(UInt8(group >> 8 & 0xFF))
            bytes.append(UInt8(group & 0xFF))
            group = 0
        }
        guard count % 4 == 0 else { return nil }
        switch padding {
        case 0: break
        case 1:
            guard group & 0x3 == 0 else { return nil }
            bytes.append(UInt8(group >> 10))
            bytes.append(UInt8(group >> 2 & 0xFF))
        case 2:
            guard group & 0xF == 0 else { return nil }
            bytes.append(UInt8(group >> 4))
        default: return nil
        }
        return bytes
    }
}
