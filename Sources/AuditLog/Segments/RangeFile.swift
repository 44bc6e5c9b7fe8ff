import Crypto
import DurableFiles
import Glibc

/// A file opened for reading, closed with its last owner; shared by those who read parts of it, so
/// that all see the same file when its name goes to another meanwhile.
final class OpenedFile: Sendable {
    let path: String
    let descriptor: Int32
    /// Its length when opened: a live log may grow meanwhile.
    let length: Int64
    /// Tells it from a file that has its name later.
    let identity: FileIdentity

    init(_ path: String) throws(AuditLogError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let failure = FileError(operation: "open", path: path, code: errno)
            if descriptor >= 0 { close(descriptor) }
            throw AuditLogError(.missing, "a file of the log cannot be read", cause: failure)
        }
        length = Int64(status.st_size)
        identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

/// Device and inode.
struct FileIdentity: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64
}

/// Reads a file by position, up to the length it had when opened.
final class RangeFile {
    var path: String { opened.path }
    var identity: FileIdentity { opened.identity }
    let length: Int64
    private let opened: OpenedFile
    private var digest: SHA256?

    convenience init(_ path: String) throws(AuditLogError) {
        self.init(try OpenedFile(path))
    }

    /// The file up to `end`. With `hashing`, which is for one reading front to back, the bytes are
    /// hashed as they are read.
    init(_ opened: OpenedFile, upTo end: Int64 = .max, hashing: Bool = false) {
        self.opened = opened
        length = min(opened.length, end)
        digest = hashing ? SHA256() : nil
    }

    /// SHA-256 of what was read; nil unless asked for.
    var sha256: String? { digest.map { hexadecimal(Array($0.finalize())) } }

    /// Up to `buffer.count` bytes from `offset`; 0 at the end.
    func read(
        _ buffer: inout [UInt8], from offset: Int64
    ) throws(AuditLogError) -> Int {
        let wanted = Int(min(Int64(buffer.count), max(0, length - offset)))
        if wanted == 0 { return 0 }
        while true {
            let got = pread(opened.descriptor, &buffer, wanted, off_t(offset))
            if got >= 0 {
                buffer.withUnsafeBytes {
                    digest?.update(bufferPointer: .init(rebasing: $0[..<got]))
                }
                return got
            }
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

/// SHA-256 of a whole file in lower-case hexadecimal, read in pieces.
func sha256Text(ofFile path: String) throws(AuditLogError) -> String {
    let file = try RangeFile(path)
    var hasher = SHA256()
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    var offset: Int64 = 0
    while offset < file.length {
        let got = try file.read(&piece, from: offset)
        if got == 0 { break }
        hasher.update(data: piece[..<got])
        offset += Int64(got)
    }
    return hexadecimal(Array(hasher.finalize()))
}
