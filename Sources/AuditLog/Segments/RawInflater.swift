import CZlib

/// Inflates raw deflate data block by block, so that flush boundaries can be seen.
final class RawInflater {
    enum Step {
        /// More input is needed, or more output waits.
        case more
        /// At a byte-aligned end of a block: the data could be closed here.
        case boundary
        /// The final block has ended.
        case ended
        /// The data is not deflate data.
        case broken
        /// Bits that zlib skips are not zero: something could hide there.
        case padded
    }

    private static let rawWindowBits: Int32 = -15
    // zlib keeps a pointer to the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var checksum: uLong = 0
    private(set) var length: UInt32 = 0
    private var padding = PaddingCheck()

    init() throws(AuditLogError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_inflate_init(stream, Self.rawWindowBits) == Z_OK else {
            stream.deallocate()
            throw AuditLogError(.file, "no memory for decompression")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Before each member.
    func reset() {
        inflateReset(stream)
        checksum = 0
        length = 0
        padding = PaddingCheck()
    }

    /// One step: how much of `input` was used, how much of `output` was filled, and where we are.
    func step(
        _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> (used: Int, produced: Int, step: Step) {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(output.count)
        let code = inflate(stream, Z_BLOCK)
        let used = input.count - Int(stream.pointee.avail_in)
        let produced = output.count - Int(stream.pointee.avail_out)
        checksum = crc32_z(checksum, output.baseAddress, produced)
        length &+= UInt32(truncatingIfNeeded: produced)
        guard padding.check(input[..<used], stream.pointee.data_type) else {
            return (used, produced, .padded)
        }
        return (used, produced, step(code))
    }

    private func step(_ code: Int32) -> Step {
        switch code {
        case Z_STREAM_END: return .ended
        case Z_OK, Z_BUF_ERROR:
            // 128: just after a block; 64: it was the final one, behind which only the trailer can
            // follow; the low six bits: bits of the last byte not yet used.
            return stream.pointee.data_type & 255 == 128 ? .boundary : .more
        default: return .broken
        }
    }
}

/// Holds that the bits before a stored block's length and after the last block are zero (RFC 1951
/// §3.2.4); zlib skips them unseen.
struct PaddingCheck {
    private var atBlockEnd = true
    private var unused = 0
    private var lastByte: UInt8 = 0

    /// Looks at the bytes one inflate call used and the state it left (`data_type`).
    mutating func check(_ used: Slice<UnsafeBufferPointer<UInt8>>, _ state: Int32) -> Bool {
        if atBlockEnd, !used.isEmpty || unused >= 3 {
            guard isHeaderClean(next: used.first ?? 0) else { return false }
            atBlockEnd = false
        }
        if let last = used.last { lastByte = last }
        if state & 128 == 0 { return true }
        unused = Int(state & 63)
        guard unused < 8 else { return false }
        atBlockEnd = state & 64 == 0
        return atBlockEnd || rest == 0
    }

    /// Bits of the last byte that no block has used.
    private var rest: UInt8 { unused == 0 ? 0 : lastByte >> UInt8(8 - unused) }

    /// Three bits start a block: final, and two of type; type 0 is stored, padding follows.
    private func isHeaderClean(next: UInt8) -> Bool {
        let bits = UInt16(rest) | UInt16(next) << UInt16(unused)
        guard bits >> 1 & 3 == 0 else { return true }
        return unused >= 3 ? rest >> 3 == 0 : next >> UInt8(3 - unused) == 0
    }
}
