import CZlib

/// How a segment is compressed.
enum SegmentForm: Sendable, CaseIterable {
    /// Being written: level 5, flushed at every commit.
    case open
    /// An archive: level 9, without the flushes.
    case sealed

    var level: Int32 { self == .open ? 5 : 9 }

    /// Matches of fewer than six bytes are not taken: among events, whose names repeat and whose
    /// numbers do not, they cost more than they save. Smaller by 6 %, level 5 then being smaller than
    /// level 6 without it, for three quarters of its work (docs/decisions/0013).
    static let strategy: Int32 = Z_FILTERED

    /// `1f 8b 08 00 00000000 XX 03`: no name, no time, no extra field; XX is 00 or 02, as zlib sets
    /// it for level 5 and 9.
    var header: [UInt8] {
        [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, self == .open ? 0 : 2, 0x03]
    }
}

/// Writes gzip members (RFC 1952) with one reused deflate stream. One owner: the writer.
final class MemberDeflater {
    static let headerBytes = 10
    static let trailerBytes = 8
    private let form: SegmentForm
    private static let rawWindowBits: Int32 = -15
    private static let chunkBytes = 65_536

    // zlib keeps a pointer to the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var chunk = [UInt8](repeating: 0, count: chunkBytes)
    /// CRC-32 of the lines of this member so far.
    private(set) var checksum: uLong = 0
    /// Their length modulo 2³².
    private(set) var length: UInt32 = 0

    init(_ form: SegmentForm = .open) throws(AuditLogError) {
        self.form = form
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard
            czlib_deflate_init(
                stream, form.level, Self.rawWindowBits, SegmentForm.strategy) == Z_OK
        else {
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
        output.append(contentsOf: form.header)
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
