import DurableFiles
import Glibc

/// Reads a file by position, up to the length it had when opened: a live log may grow meanwhile.
final class RangeFile {
    let path: String
    let length: Int64
    private let descriptor: Int32

    init(_ path: String) throws(AuditLogError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let failure = FileError(operation: "open", path: path, code: errno)
            throw AuditLogError(.missing, "a file of the log cannot be read", cause: failure)
        }
        length = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Up to `buffer.count` bytes from `offset`; 0 at the end.
    func read(
        _ buffer: inout [UInt8], from offset: Int64
    ) throws(AuditLogError) -> Int {
        let wanted = Int(min(Int64(buffer.count), max(0, length - offset)))
        if wanted == 0 { return 0 }
        while true {
            let got = pread(descriptor, &buffer, wanted, off_t(offset))
            if got >= 0 { return got }
            if errno == EINTR { continue }
            let failure = FileError(operation: "pread", path: path, code: errno)
            throw AuditLogError(.file, "reading the log failed", cause: failure)
        }
    }

    /// Everything from `offset` to the end.
    func rest(from offset: Int64) throws(AuditLogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(max(0, length - offset)))
        let got = try read(&bytes, from: offset)
        return Array(bytes[..<got])
    }
}
