import CZlib

/// Writes gzip members (RFC 1952) with one reused deflate stream. One owner: the writer.
final class MemberDeflater {
    /// `1f 8b 08 00 00000000 00 03`: no name, no time, no extra field; XFL 00 as zlib sets it at
    /// level 6.
    static let header: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03]
    static let trailerBytes = 8
    static let level: Int32 = 6
    private static let rawWindowBits: Int32 = -15
    private static let chunkBytes = 65_536

    // zlib keeps a pointer to the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var chunk = [UInt8](repeating: 0, count: chunkBytes)
    private var checksum: uLong = 0
    private var length: UInt32 = 0

    init() throws(AuditLogError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init(stream, Self.level, Self.rawWindowBits) == Z_OK else {
            stream.deallocate()
            throw AuditLogError(.file, "no memory for compression")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Starts a member.
    func begin(_ output: inout [UInt8]) {
        resume(checksum: 0, length: 0)
        output.append(contentsOf: Self.header)
    }

    /// Goes on in a member whose bytes so far end at a flush; what follows does not look back.
    func resume(checksum: UInt32, length: UInt32) {
        deflateReset(stream)
        self.checksum = uLong(checksum)
        self.length = length
    }

    /// Compresses lines; nothing need come out yet.
    func add(_ bytes: [UInt8], to output: inout [UInt8]) {
        checksum = bytes.withUnsafeBufferPointer { buffer in
            crc32_z(checksum, buffer.baseAddress, buffer.count)
        }
        length &+= UInt32(truncatingIfNeeded: bytes.count)
        run(bytes, Z_NO_FLUSH, &output)
    }

    /// Everything added can be inflated from what has come out.
    func flush(_ output: inout [UInt8]) { run([], Z_SYNC_FLUSH, &output) }

    /// Ends the member: final block, CRC-32, ISIZE.
    func finish(_ output: inout [UInt8]) {
        run([], Z_FINISH, &output)
        for value in [UInt32(truncatingIfNeeded: checksum), length] {
            for shift in [0, 8, 16, 24] { output.append(UInt8(value >> UInt32(shift) & 255)) }
        }
    }

    private func run(_ bytes: [UInt8], _ mode: Int32, _ output: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = uInt(input.count)
            repeat {
                let produced = chunk.withUnsafeMutableBufferPointer { buffer in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = uInt(buffer.count)
                    deflate(stream, mode)
                    return buffer.count - Int(stream.pointee.avail_out)
                }
                output.append(contentsOf: chunk[..<produced])
            } while stream.pointee.avail_out == 0
        }
    }
}
