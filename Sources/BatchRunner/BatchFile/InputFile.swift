internal import DurableFiles
import Glibc

/// An open file that is only read; closed when its owner lets go of it.
final class InputFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw FileError(operation: "open", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    /// Its length in bytes now.
    func length() throws(FileError) -> Int {
        var status = stat()
        if fstat(descriptor, &status) != 0 {
            throw FileError(operation: "fstat", path: path, code: errno)
        }
        return Int(status.st_size)
    }

    /// Reads on into `buffer`, as much as fits: the number of bytes, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if got >= 0 { return got }
            if errno != EINTR { throw FileError(operation: "read", path: path, code: errno) }
        }
    }

    /// The bytes at a place; fewer when the file ends before.
    func bytes(at offset: Int, length: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        var filled = 0
        while filled < length {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), length - filled,
                    off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw FileError(operation: "pread", path: path, code: errno) }
            if got == 0 { break }
            filled += got
        }
        bytes.removeSubrange(filled...)
        return bytes
    }
}
