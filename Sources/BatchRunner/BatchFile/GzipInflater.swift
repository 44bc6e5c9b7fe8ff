internal import CZlib

/// Inflates a gzip file of one or more members (RFC 1952), bounded by ratio and size.
///
/// The end is the end only after a whole member: its CRC-32 and length are checked by zlib, and
/// what follows must be another member. One owner; the compressed bytes come by `InputFile`.
final class GzipInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: InputFile
    private var compressed: [UInt8]
    private var position = 0
    private var available = 0
    private var members = 0
    private var isBetweenMembers = true
    private var inflated = 0
    private let allowed: Int
    private let ratio: Int

    /// Window bits 15 for zlib, plus 16 for "gzip and nothing else".
    private static let gzipWindowBits: Int32 = 15 + 16

    init(_ input: InputFile, limits: BatchLimits) throws {
        self.input = input
        ratio = limits.maxGzipRatio
        allowed = max(limits.freeInflatedBytes, try input.length() * limits.maxGzipRatio)
        compressed = [UInt8](repeating: 0, count: limits.chunkBytes)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_inflate_init(stream, Self.gzipWindowBits) == Z_OK else {
            throw SourceFault.damaged(code: FaultCode.gzip, message: "zlib has no memory left")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Inflates on into `output`: the number of bytes, 0 at the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if available == 0, try !refill() { return 0 }
            if isBetweenMembers { try beginMember() }
            let produced = try step(output)
            if produced > 0 {
                try checkBounds(produced)
                return produced
            }
        }
    }

    private func refill() throws -> Bool {
        available = try compressed.withUnsafeMutableBytes { try input.read(into: $0) }
        position = 0
        if available > 0 { return true }
        guard isBetweenMembers, members > 0 else {
            throw SourceFault.incomplete("the gzip stream ends before its checksum")
        }
        return false
    }

    private func beginMember() throws {
        guard compressed[position] == 0x1F else {
            let message =
                members == 0
                ? "the name ends in .gz, but the content is not gzip: drop it without .gz"
                : "bytes follow the end of the gzip stream: remove them"
            throw SourceFault.damaged(code: FaultCode.gzip, message: message)
        }
        inflateReset(stream)
        isBetweenMembers = false
    }

    private func step(_ output: UnsafeMutableRawBufferPointer) throws -> Int {
        let result = compressed.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress?.advanced(by: position)
            stream.pointee.avail_in = UInt32(available)
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            return inflate(stream, Z_NO_FLUSH)
        }
        position += available - Int(stream.pointee.avail_in)
        available = Int(stream.pointee.avail_in)
        switch result {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isBetweenMembers = true
            members += 1
        default:
            throw SourceFault.damaged(
                code: FaultCode.gzip,
                message: "the gzip data is damaged: send the file again in binary mode")
        }
        return output.count - Int(stream.pointee.avail_out)
    }

    private func checkBounds(_ produced: Int) throws {
        inflated += produced
        guard inflated <= allowed else {
            throw SourceFault.damaged(
                code: FaultCode.tooLarge,
                message: "the file inflates to more than \(ratio) times its size: "
                    + "drop it without gzip, or in parts")
        }
    }
}
