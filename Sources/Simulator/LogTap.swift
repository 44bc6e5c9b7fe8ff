import CZlib
import Glibc

/// Reads what the audit log has made durable, line by line as it comes, without the log's own reader:
/// a segment is one stream of gzip members, each commit ends on a boundary of bytes, and nothing
/// durable ever changes.
final class LogTap {
    let path: String
    private let stream: UnsafeMutablePointer<z_stream>
    /// What is durable stays in the file it is in: opened once; -1 before.
    private var descriptor: Int32 = -1
    private var offset: Int64 = 0
    private var line: [UInt8] = []
    private var input = [UInt8](repeating: 0, count: LogTap.chunkBytes)
    private var output = [UInt8](repeating: 0, count: LogTap.chunkBytes)
    /// Whole lines so far.
    private(set) var lines = 0
    /// CRC-32 of all of them.
    private(set) var digest: UInt = 0
    /// Why it cannot be read on; nil while it can.
    private(set) var problem: String?

    private static let chunkBytes = 65_536
    /// For `inflateInit2`: gzip members.
    private static let gzipWindowBits: Int32 = 31

    /// The first segment; no history lives long enough for a second one.
    static func segment(_ root: String) -> String {
        root + "/audit/segments/000000000000.jsonl.gz"
    }

    init(_ path: String) {
        self.path = path
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        if czlib_inflate_init(stream, Self.gzipWindowBits) != Z_OK { problem = "no memory" }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Reads what is there and was not read yet. The caller sees to it that it is durable.
    func read(_ each: ([UInt8]) -> Void) {
        if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return }
        defer { closeWhileEmpty() }
        while problem == nil {
            let got = pread(descriptor, &input, input.count, off_t(offset))
            guard got > 0 else { return }
            offset += Int64(got)
            expand(got, each)
        }
    }

    /// A name whose file holds nothing yet may be taken back by a power loss, and made again.
    private func closeWhileEmpty() {
        guard offset == 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    private func expand(_ count: Int, _ each: ([UInt8]) -> Void) {
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(count)
            while true {
                let (result, made) = expandOnce()
                take(output[..<made], each)
                switch result {
                case Z_STREAM_END:
                    inflateReset(stream)
                    if stream.pointee.avail_in == 0 { return }
                case Z_OK where stream.pointee.avail_in > 0 || made == output.count: continue
                case Z_OK, Z_BUF_ERROR: return
                default:
                    problem = "zlib answers \(result) before byte \(offset) of the segment"
                    return
                }
            }
        }
    }

    private func expandOnce() -> (result: Int32, made: Int) {
        output.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let result = inflate(stream, Z_SYNC_FLUSH)
            return (result, output.count - Int(stream.pointee.avail_out))
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>, _ each: ([UInt8]) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            line += rest[..<end]
            rest = rest[(end + 1)...]
            lines += 1
            digest = crc32(digest, line, UInt32(line.count))
            each(line)
            line.removeAll(keepingCapacity: true)
        }
        line += rest
    }
}
