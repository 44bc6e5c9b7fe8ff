@testable import AuditLog

/// Reads a whole segment in memory by the rules of docs/audit-log-format.md, member by member, without
/// zlib and without the reader's code.
struct SlowSegment {
    enum Outcome: Equatable { case whole, open, broken, tooMuch }

    private(set) var lines: [[UInt8]] = []
    private(set) var outcome = Outcome.whole
    /// A block ends in the last byte: a reader may or may not have looked at the bits behind it.
    private(set) var endsBehindBlock = false

    private var extraFlags: [UInt8] = [0, 2]

    /// The most that may come out of one member here: fuzzing needs no more.
    static let outputLimit = 1 << 20

    init(_ bytes: [UInt8]) {
        var at = 0
        while at < bytes.count, outcome == .whole { at = member(bytes, at) }
    }

    private mutating func member(_ bytes: [UInt8], _ start: Int) -> Int {
        for (place, expected) in Self.header.enumerated() {
            guard start + place < bytes.count else { return end(.open) }
            let byte = bytes[start + place]
            // XFL: 00 of an open segment, 02 of a sealed one, the same in all members.
            let allowed = place == 8 ? extraFlags : [expected]
            if !allowed.contains(byte) { return end(.broken) }
            if place == 9 { extraFlags = [bytes[start + 8]] }
        }
        var inflate = SlowInflate(
            bytes, at: start + Self.header.count, limit: Self.outputLimit)
        do throws(SlowInflate.Problem) {
            let next = try inflate.run()
            take(inflate.output)
            endsBehindBlock = next == bytes.count
            // What came out must end with a line; that nothing came out is seen behind the trailer.
            if let last = inflate.output.last, last != 0x0A { return end(.broken) }
            if outcome != .whole { return end(.broken) }
            return trailer(bytes, next, inflate.output)
        } catch {
            take(inflate.output)
            endsBehindBlock = inflate.blockByte >= bytes.count - 1
            switch error {
            case .truncated: return end(outcome == .broken ? .broken : .open)
            case .broken: return end(.broken)
            case .tooMuch: return end(.tooMuch)
            }
        }
    }

    private mutating func take(_ output: [UInt8]) {
        var start = 0
        for (place, byte) in output.enumerated() where byte == 0x0A {
            if place - start > Event.lineLimitBytes { outcome = .broken }
            if outcome == .broken { return }
            lines.append(Array(output[start..<place]))
            start = place + 1
        }
        if output.count - start > Event.lineLimitBytes { outcome = .broken }
    }

    private mutating func trailer(_ bytes: [UInt8], _ at: Int, _ content: [UInt8]) -> Int {
        guard at + 8 <= bytes.count else { return end(.open) }
        let expected = [Self.checksum(content), UInt32(truncatingIfNeeded: content.count)]
            .flatMap { value in (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
        guard bytes[at..<at + 8].elementsEqual(expected), !content.isEmpty else {
            return end(.broken)
        }
        return at + 8
    }

    private mutating func end(_ outcome: Outcome) -> Int {
        self.outcome = outcome
        return Int.max
    }

    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    /// CRC-32 (RFC 1952 §8).
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = ~UInt32(0)
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
