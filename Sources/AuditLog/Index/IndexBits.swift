/// Writes bits into bytes, the most significant bit of a byte first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var pendingCount = 0

    /// Bits written.
    var count: Int { bytes.count * 8 + pendingCount }

    /// The low `width` bits of a value, at most 48.
    mutating func write(_ value: UInt64, width: Int) {
        pending = pending << UInt64(width) | value
        pendingCount += width
        while pendingCount >= 8 {
            pendingCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingCount)))
        }
    }

    /// Rice code: the quotient by 2^parameter as that many ones and a zero, then the remainder.
    mutating func writeRice(_ value: UInt64, parameter: Int) {
        var ones = value >> UInt64(parameter)
        while ones >= 32 {
            write(0xFFFF_FFFF, width: 32)
            ones -= 32
        }
        write((1 << ones - 1) << 1, width: Int(ones) + 1)
        write(value & (1 << UInt64(parameter) - 1), width: parameter)
    }

    /// Fills the last byte up with zeros.
    mutating func finish() -> [UInt8] {
        if pendingCount > 0 { write(0, width: 8 - pendingCount) }
        return bytes
    }
}

/// Reads what `BitWriter` wrote, within a range of bits; nil past its end.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int

    /// - Precondition: `end` is not past the bytes.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        self.bytes = bytes
        position = start
        self.end = end
    }

    var isAtEnd: Bool { position >= end }

    @inline(__always)
    mutating func bit() -> UInt8? {
        if position >= end { return nil }
        defer { position += 1 }
        return bytes[position >> 3] >> UInt8(7 - position & 7) & 1
    }

    /// A number of `width` bits, at most 48.
    @inline(__always)
    mutating func number(width: Int) -> UInt64? {
        guard position + width <= end else { return nil }
        var value: UInt64 = 0
        var left = width
        while left > 0 {
            let inByte = position & 7
            let taken = min(8 - inByte, left)
            let byte = UInt64(bytes[position >> 3])
            let bits = byte >> UInt64(8 - inByte - taken) & (1 << UInt64(taken) - 1)
            value = value << UInt64(taken) | bits
            position += taken
            left -= taken
        }
        return value
    }

    /// A Rice code.
    @inline(__always)
    mutating func rice(parameter: Int) -> UInt64? {
        var quotient: UInt64 = 0
        while true {
            guard let bit = bit() else { return nil }
            if bit == 0 { break }
            quotient += 1
        }
        guard let remainder = number(width: parameter) else { return nil }
        return quotient << UInt64(parameter) | remainder
    }
}
