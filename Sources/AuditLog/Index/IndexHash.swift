/// The 64-bit hash of an index key, a name and a value. Not a secret and not against an enemy: two
/// keys of one hash cost a needless look into a member, never an event.
///
/// absorb(h, bytes): h = mix(h XOR number of bytes); for each group of eight bytes, the last filled
/// up with zeros, as a little-endian number g: h = mix(h XOR g).
/// mix(x): x = x · 0x9E3779B97F4A7C15 modulo 2⁶⁴; x XOR (x >> 32).
/// hash(name, value) = mix(mix(absorb(absorb(0, name), value))).
enum IndexHash {
    private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The state after a name; the same for every value of that name.
    static func state(name: String) -> UInt64 {
        Array(name.utf8).withUnsafeBytes { absorb(0, $0) }
    }

    /// The hash of a value under a name.
    @inline(__always)
    static func hash(_ state: UInt64, _ value: UnsafeRawBufferPointer) -> UInt64 {
        mix(mix(absorb(state, value)))
    }

    static func hash(name: String, value: String) -> UInt64 {
        Array(value.utf8).withUnsafeBytes { hash(state(name: name), $0) }
    }

    @inline(__always)
    private static func absorb(_ state: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = mix(state ^ UInt64(bytes.count))
        var place = 0
        while place + 8 <= bytes.count {
            let group = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            hash = mix(hash ^ UInt64(littleEndian: group))
            place += 8
        }
        if place == bytes.count { return hash }
        return mix(hash ^ rest(of: bytes, from: place))
    }

    /// The last one to seven bytes as a number.
    @inline(__always)
    private static func rest(of bytes: UnsafeRawBufferPointer, from place: Int) -> UInt64 {
        if bytes.count >= 8 {
            // The last eight, without those that were absorbed already.
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
            return UInt64(littleEndian: last) >> UInt64(8 * (place + 8 - bytes.count))
        }
        var group: UInt64 = 0
        for (index, byte) in bytes[place...].enumerated() {
            group |= UInt64(byte) << UInt64(8 * index)
        }
        return group
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* multiplier
        return product ^ product >> 32
    }
}
